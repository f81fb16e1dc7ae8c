"""A cache of the bodies that were parsed last.

A run keeps hundreds of answers. With 60,000 elements in each, parsed copies of all bodies took 9.7 GB.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

LIMIT = 128 * 1024 * 1024
"""The estimated size of the cache in bytes: two answers of 8 MiB, or about a thousand usual ones."""


class Recent:
    """A cache limited by estimated bytes; the least recently used entry is removed first."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """The cached value for ``key``, or the one that ``make`` returns; ``size`` estimates its bytes.

        The newest value is always kept, even if it is larger than the limit.
        """
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
"""Shared by all runs of the process: equal bodies have equal parsed values in every run."""
