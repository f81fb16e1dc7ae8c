"""Recorded exchanges in place of sending: a run that goes on is tried again from its record, up to where it stopped."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Collection, Iterable

import msgspec

from conformance.client.bodies import BodyStore
from conformance.client.exchange import Exchange, RedactedExchange, Request
from conformance.client.limits import TargetStopped
from conformance.client.redact import Redactor

_Key = tuple[str, str, Request]


class Playback:
    """Gives each request the answer that the record has for it, in the order in which they came.

    A request is found by its operation, the requirement that sends it, and its redacted form. Requirements of
    ``finished`` (with their operations) send nothing: what the record lacks ends them, and their recorded result
    counts. Others send what is not recorded.
    """

    def __init__(
        self, exchanges: Iterable[RedactedExchange], finished: Collection[tuple[str, str]], redactor: Redactor
    ) -> None:
        bodies = BodyStore()
        self._finished = frozenset(finished)
        self._redactor = redactor
        self._recorded: dict[_Key, deque[RedactedExchange]] = defaultdict(deque)
        self._lock = threading.Lock()
        self.last = -1
        """The highest number of a recorded exchange."""
        for exchange in exchanges:
            if exchange.response is not None:
                # The record is closed before its answers are needed.
                kept = bodies.keep(exchange.response.body)
                response = msgspec.structs.replace(exchange.response, body=kept)
                exchange = msgspec.structs.replace(exchange, response=response)
            self._recorded[exchange.operation, exchange.requirement, exchange.request].append(exchange)
            self.last = max(self.last, exchange.number)

    def take(self, request: Request, operation: str, requirement: str) -> Exchange | None:
        """The recorded exchange of a request, with the request itself; None if it is to be sent.

        Raises TargetStopped if the requirement has finished and nothing is recorded.
        """
        with self._lock:
            found = self._recorded.get((operation, requirement, self._redactor.request(request)))
            recorded = found.popleft() if found else None
        if recorded is not None:
            return Exchange(**(msgspec.structs.asdict(recorded) | {"request": request}))
        if (requirement, operation) in self._finished:
            raise TargetStopped("its result is recorded, and nothing more is sent for it")
        return None
