"""The exchanges of a run as reports hold them: numbered without gaps, with bodies that are limited in all."""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Callable, Collection, Iterator

import msgspec

from conformance.client.exchange import RedactedExchange
from conformance.client.recorder import BEGINNING, WHOLE, BodyLimits
from conformance.client.redact import whole_characters
from conformance.engine.result import RequirementResult
from conformance.reporting.evidence import Exchanges, find_all


class LimitedEvidence:
    """A view that reads an exchange, and of its body what is shown, when it is asked for.

    Bodies are limited as ``BodyLimits`` says; ``shown`` are numbers as the run gave them. ``count`` is called with
    each exchange, once, in order.
    """

    def __init__(
        self,
        exchanges: Exchanges,
        shown: Collection[int],
        count: Callable[[RedactedExchange], None] = lambda exchange: None,
    ) -> None:
        self._exchanges = exchanges
        self._numbers = array("q")
        self._is_short = bytearray()
        """For each exchange whether only the beginning of its body is shown."""
        limits = BodyLimits(shown)
        named = find_all(exchanges, sorted(limits.shown))
        first = {exchange.number: limits.limit_of(exchange) for exchange in named}
        for exchange in exchanges:
            count(exchange)
            self._numbers.append(exchange.number)
            limit = first.get(exchange.number)
            self._is_short.append((limits.limit_of(exchange) if limit is None else limit) == BEGINNING)
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
