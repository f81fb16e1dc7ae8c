"""The exchanges of a journal as reports hold them: numbered without gaps, with bodies that are limited in all."""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Collection, Hashable, Iterator

import msgspec

from conformance.client.exchange import RedactedExchange
from conformance.client.recorder import BEGINNING, IN_ALL, WHOLE
from conformance.client.redact import whole_characters
from conformance.engine.result import RequirementResult
from conformance.reporting.evidence import Exchanges, find_all


class LimitedEvidence:
    """A view that reads an exchange, and of its body what is shown, when it is asked for.

    Bodies are whole up to ``WHOLE`` bytes, those of ``shown`` (numbers of the journal) first, until there are
    ``IN_ALL`` bytes of them. Of a longer one of ``shown`` the first ``WHOLE`` bytes are kept, of others the first
    ``BEGINNING``.
    """

    def __init__(self, exchanges: Exchanges, shown: Collection[int]) -> None:
        self._exchanges = exchanges
        self._first = frozenset(shown)
        self._numbers = array("q")
        self._is_short = bytearray()
        """For each exchange whether only the beginning of its body is shown."""
        self._seen: set[Hashable] = set()
        self._left = IN_ALL
        named = find_all(exchanges, sorted(self._first))
        first = {exchange.number: self._short(exchange) for exchange in named}
        for exchange in exchanges:
            self._numbers.append(exchange.number)
            known = first.get(exchange.number)
            self._is_short.append(self._short(exchange) if known is None else known)
        self._seen.clear()
        self._has_gaps = bool(self._numbers) and self._numbers[-1] != len(self._numbers) - 1

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[RedactedExchange]:
        for place, exchange in enumerate(self._exchanges):
            if place == len(self._numbers):
                # A run that goes on has written more meanwhile.
                return
            yield self._shown(exchange, place)

    def __getitem__(self, number: int, /) -> RedactedExchange:
        if not 0 <= number < len(self._numbers):
            raise IndexError(number)
        return self._shown(self._exchanges[self._numbers[number]], number)

    def renumbered(self, result: RequirementResult) -> RequirementResult:
        """The result with the numbers that its exchanges have here."""
        if not self._has_gaps:
            return result
        old = {number for finding in result.findings for number in finding.exchanges}
        return result.renumbered({number: self._place(number) for number in old})

    def _place(self, number: int) -> int:
        return bisect.bisect_left(self._numbers, number)

    def _short(self, exchange: RedactedExchange) -> bool:
        """Whether only the beginning is shown; counts what is shown whole."""
        response = exchange.response
        size, body = (response.body_size, response.kept_body) if response else (0, b"")
        key = body if isinstance(body, bytes) else body.digest
        wanted = size <= WHOLE or exchange.number in self._first
        if not wanted or (key not in self._seen and min(size, WHOLE) > self._left):
            return True
        if key not in self._seen:
            self._seen.add(key)
            self._left -= min(size, WHOLE)
        return False

    def _shown(self, exchange: RedactedExchange, place: int) -> RedactedExchange:
        response = exchange.response
        limit = BEGINNING if self._is_short[place] else WHOLE
        if response is not None and response.body_size > limit:
            body = whole_characters(response.body[:limit])
            response = msgspec.structs.replace(response, body=body, whole_size=response.received_size)
        elif not self._has_gaps:
            return exchange
        batch = None if exchange.batch is None else self._place(exchange.batch)
        return msgspec.structs.replace(exchange, number=place, batch=batch, response=response)
