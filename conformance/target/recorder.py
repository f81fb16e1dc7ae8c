"""The run's evidence: every exchange in the order in which it was asked for."""

from __future__ import annotations

import hashlib
import threading

from msgspec.structs import replace

from conformance.target.bodies import BodyStore
from conformance.target.exchange import Exchange
from conformance.target.redact import Redactor


class Recorder:
    """Collects exchanges, unredacted and in memory only; ``redacted`` gives what may be written."""

    def __init__(self) -> None:
        self._exchanges: dict[int, Exchange] = {}
        self._next = 0
        self._bodies = BodyStore()
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

    def redacted(self, redactor: Redactor) -> list[Exchange]:
        """All exchanges as they may be written."""
        return [redactor.exchange(exchange) for exchange in self.exchanges]

    def digest(self, redactor: Redactor) -> str:
        """SHA-256 over the requests in order, without secrets and without the target's address.

        Secrets stay out although a digest does not show them: a weak password could be guessed from it.
        """
        digest = hashlib.sha256()
        for exchange in self.exchanges:
            request = redactor.exchange(exchange).request
            for part in (request.method, request.target, *(f"{k}: {v}" for k, v in request.headers)):
                digest.update(part.encode() + b"\n")
            digest.update(str(len(request.body)).encode() + b"\n" + request.body)
        return digest.hexdigest()
