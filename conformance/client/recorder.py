"""The run's evidence: every exchange, without secrets, under the number that it was given before it was sent."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Hashable, Iterator
from typing import Protocol

from msgspec.structs import replace

from conformance.client.bodies import BodyStore
from conformance.client.exchange import Exchange, RedactedExchange

WHOLE = 128 * 1024
"""Bytes of a body that is written whole."""
IN_ALL = 48 * 1024 * 1024
"""Bytes of bodies in all reports of a run; equal ones count once."""
BEGINNING = 4096
"""Bytes that are written of a longer body that no finding shows, and of all after ``IN_ALL`` bytes."""


class BodyLimits:
    """How much of each body is written.

    Bodies are whole up to ``WHOLE`` bytes until there are ``IN_ALL`` bytes of them. Of a longer one of ``shown``
    (numbers of exchanges) the first ``WHOLE`` bytes are written, of others the first ``BEGINNING``.
    """

    def __init__(self, shown: Collection[int]) -> None:
        self.shown = frozenset(shown)
        self._seen: set[Hashable] = set()
        self._left = IN_ALL

    def limit_of(self, exchange: Exchange) -> int:
        """The most bytes of its body; to be asked once for each exchange, those of ``shown`` first."""
        response = exchange.response
        size, body = (response.body_size, response.kept_body) if response else (0, b"")
        key = body if isinstance(body, bytes) else body.digest
        wanted = size <= WHOLE or exchange.number in self.shown
        if not wanted or (key not in self._seen and min(size, WHOLE) > self._left):
            return BEGINNING
        if key not in self._seen:
            self._seen.add(key)
            self._left -= min(size, WHOLE)
        return WHOLE


class Evidence(Protocol):
    """Where the exchanges of a run are kept: in memory, or in its journal."""

    def add(self, exchange: RedactedExchange) -> RedactedExchange:
        """Keep an exchange under its number; gives it as it is kept. Any thread may call it."""

    def __getitem__(self, number: int, /) -> RedactedExchange:
        """The exchange with this number; raises LookupError if there is none."""

    def __iter__(self) -> Iterator[RedactedExchange]:
        """All exchanges, in the order of their numbers."""

    def __len__(self) -> int:
        """How many there are."""


class EvidenceInMemory:
    """Keeps the exchanges of a run that writes no journal; large bodies are in a file."""

    def __init__(self) -> None:
        self._exchanges: dict[int, RedactedExchange] = {}
        self._bodies = BodyStore()
        self._lock = threading.Lock()

    def add(self, exchange: RedactedExchange) -> RedactedExchange:
        """Keep an exchange under its number; gives it as it is kept."""
        if exchange.response is not None:
            body = self._bodies.keep(exchange.response.body)
            exchange = replace(exchange, response=replace(exchange.response, body=body))
        with self._lock:
            self._exchanges[exchange.number] = exchange
        return exchange

    def __getitem__(self, number: int) -> RedactedExchange:
        return self._exchanges[number]

    def __iter__(self) -> Iterator[RedactedExchange]:
        with self._lock:
            numbers = sorted(self._exchanges)
        return (self._exchanges[number] for number in numbers)

    def __len__(self) -> int:
        return len(self._exchanges)


class Recorder:
    """Numbers the exchanges of a run and has them kept; it holds none itself."""

    def __init__(self) -> None:
        self.evidence: Evidence = EvidenceInMemory()
        self._next = 0
        self._lock = threading.Lock()

    def reserve(self, count: int = 1) -> int:
        """Take ``count`` numbers in a row; returns the first. Requests in parallel are numbered before they go."""
        with self._lock:
            number = self._next
            self._next += count
            return number

    def add(self, exchange: RedactedExchange) -> RedactedExchange:
        """Keep an exchange under its number; gives it as it is kept."""
        return self.evidence.add(exchange)

    def since(self, number: int) -> tuple[list[RedactedExchange], int]:
        """The exchanges from that number on, and the next number to ask from."""
        with self._lock:
            end = self._next
        found = []
        for each in range(number, end):
            # A number may belong to a request that was never sent.
            with contextlib.suppress(LookupError):
                found.append(self.evidence[each])
        return found, end
