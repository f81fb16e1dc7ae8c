"""The run's evidence: every exchange in the order in which it was asked for."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Hashable

from msgspec.structs import replace

from conformance.client.bodies import BodyStore
from conformance.client.exchange import Exchange, RedactedExchange
from conformance.client.redact import Redactor

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


class Recorder:
    """Collects exchanges, unredacted and in memory only; ``redacted`` gives what may be written."""

    def __init__(self) -> None:
        self._exchanges: dict[int, Exchange] = {}
        self._next = 0
        self._bodies = BodyStore()
        self._redacted: dict[int, tuple[tuple[int, int], Exchange, RedactedExchange]] = {}
        self._lock = threading.Lock()

    def reserve(self, count: int = 1) -> int:
        """Take ``count`` numbers in a row; returns the first. Requests in parallel are numbered before they go."""
        with self._lock:
            number = self._next
            self._next += count
            return number

    def add(self, exchange: Exchange) -> Exchange:
        """Keep an exchange under its number; gives it as it is kept."""
        if exchange.response is not None:
            body = self._bodies.keep(exchange.response.body)
            exchange = replace(exchange, response=replace(exchange.response, body=body))
        with self._lock:
            self._exchanges[exchange.number] = exchange
        return exchange

    @property
    def exchanges(self) -> list[Exchange]:
        """All exchanges so far, by number."""
        with self._lock:
            return [self._exchanges[number] for number in sorted(self._exchanges)]

    def find(self, numbers: Collection[int]) -> dict[int, Exchange]:
        """The exchanges with these numbers, in their order; the cost does not depend on how many there are in all."""
        with self._lock:
            return {number: self._exchanges[number] for number in sorted(numbers) if number in self._exchanges}

    def since(self, number: int) -> tuple[list[Exchange], int]:
        """The exchanges from that number on, and the next number to ask from."""
        with self._lock:
            numbers = range(number, self._next)
            return [self._exchanges[each] for each in numbers if each in self._exchanges], self._next

    def close_gaps(self) -> dict[int, int]:
        """Number the exchanges without gaps, in their order; gives old numbers with their new ones, if any is new."""
        with self._lock:
            numbers = {old: new for new, old in enumerate(sorted(self._exchanges))}
            if all(old == new for old, new in numbers.items()):
                return {}
            self._exchanges = {
                numbers[old]: replace(
                    exchange, number=numbers[old], batch=None if exchange.batch is None else numbers.get(exchange.batch)
                )
                for old, exchange in self._exchanges.items()
            }
            self._next = len(numbers)
            return numbers

    def redacted(
        self, redactor: Redactor, shown: Collection[int] = (), *, only_shown: bool = False
    ) -> list[RedactedExchange]:
        """All exchanges as they may be written, by number; each is redacted once.

        Bodies are limited as ``BodyLimits`` says. With ``only_shown`` no other exchanges are given.
        """
        limits = BodyLimits(shown)
        found: dict[int, RedactedExchange] = {}
        exchanges = list(self.find(shown).values()) if only_shown else self.exchanges
        for exchange in sorted(exchanges, key=lambda each: each.number not in limits.shown):
            found[exchange.number] = self._redacted_once(redactor, exchange, limits.limit_of(exchange))
        return [found[number] for number in sorted(found)]

    def _redacted_once(self, redactor: Redactor, exchange: Exchange, limit: int) -> RedactedExchange:
        key = (redactor.version, limit)
        known = self._redacted.get(exchange.number)
        if known is None or known[0] != key or known[1] is not exchange:
            known = self._redacted[exchange.number] = (key, exchange, redactor.exchange(exchange, limit))
        return known[2]

    def digest(self, redactor: Redactor) -> str:
        """SHA-256 over the requests in order, without secrets, the target's address and the name of the run.

        Secrets stay out although a digest does not show them: a weak password could be guessed from it.
        """
        digest = hashlib.sha256()
        for exchange in self.exchanges:
            request = redactor.request(exchange.request)
            headers = (f"{k}: {v}" for k, v in request.headers if k.lower() != "user-agent")
            for part in (request.method, request.target, *headers):
                digest.update(part.encode() + b"\n")
            digest.update(str(len(request.body)).encode() + b"\n" + request.body)
        return digest.hexdigest()
