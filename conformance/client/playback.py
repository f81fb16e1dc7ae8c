"""Recorded exchanges in place of sending: a run that goes on is tried again from its record, up to where it stopped."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping

from conformance.client.exchange import RedactedExchange, Request
from conformance.client.limits import TargetStopped
from conformance.client.redact import Redactor


class Playback:
    """Gives each request the number of the exchange that the record has for it, in the order in which they came.

    A request is found by its operation, the requirement that sends it, and its redacted form. Requirements of
    ``finished`` (with their operations) send nothing: what the record lacks ends them, and their recorded result
    counts. Others send what is not recorded. Of those that were interrupted (``started_again``) nothing is used up to
    the number that is given with each.
    """

    def __init__(
        self,
        exchanges: Iterable[RedactedExchange],
        finished: Collection[tuple[str, str]],
        redactor: Redactor,
        started_again: Mapping[tuple[str, str], int],
    ) -> None:
        self._finished = frozenset(finished)
        self._redactor = redactor
        # Numbers only: a record may be larger than the memory.
        self._recorded: dict[bytes, deque[int]] = defaultdict(deque)
        self._lock = threading.Lock()
        self.last = -1
        """The highest number of a recorded exchange."""
        for exchange in exchanges:
            self.last = max(self.last, exchange.number)
            if exchange.number > started_again.get((exchange.requirement, exchange.operation), -1):
                key = _key(exchange.operation, exchange.requirement, exchange.request)
                self._recorded[key].append(exchange.number)

    def take(self, request: Request, operation: str, requirement: str) -> int | None:
        """The number of the recorded exchange of a request; None if it is to be sent.

        Raises TargetStopped if the requirement has finished and nothing is recorded.
        """
        with self._lock:
            found = self._recorded.get(_key(operation, requirement, self._redactor.request(request)))
            recorded = found.popleft() if found else None
        if recorded is None and (requirement, operation) in self._finished:
            raise TargetStopped("its result is recorded, and nothing more is sent for it")
        return recorded


def _key(operation: str, requirement: str, request: Request) -> bytes:
    text = repr((operation, requirement, request))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
