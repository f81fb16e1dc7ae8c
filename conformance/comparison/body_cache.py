"""What was parsed last: bodies are kept, parsed copies of them are not.

A run holds hundreds of answers. Parsed copies of all of them took 9.7 GB where each had 60,000 elements.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

LIMIT = 128 * 1024 * 1024
"""Bytes in all, by estimate: two answers of 8 MiB, or some thousand usual ones."""


class Recent:
    """The results of a few calls, least recently used first to go."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """What ``make`` gave for ``key``; ``size`` estimates its bytes. The newest is always kept."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                found: T = self._held[key][0]
                return found
        made = make()
        with self._lock:
            if key not in self._held:
                bytes_ = size(made)
                self._held[key] = (made, bytes_)
                self._size += bytes_
                while self._size > self._limit and len(self._held) > 1:
                    self._size -= self._held.popitem(last=False)[1][1]
        return made

    def __len__(self) -> int:
        return len(self._held)


RECENT = Recent()
"""Shared by all runs of the process: equal bodies are equal, whoever received them."""
