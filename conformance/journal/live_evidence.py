"""The journal of a run as its evidence, while the run goes on: nothing else keeps an exchange."""

from __future__ import annotations

import threading
from collections import OrderedDict

from msgspec.structs import replace

from conformance.client.exchange import RedactedExchange
from conformance.journal.exchange_view import BodyInJournal, ExchangeView
from conformance.journal.writer import Journal

_SMALL = 4 * 1024
"""Bytes up to which a body stays with its exchange."""
_LOADED = 2
"""How many larger bodies are kept after they were read: most judgements look at two."""


class LiveEvidence(ExchangeView):
    """Writes each exchange when it comes, and reads it again when it is asked for."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal.rows, journal.path)
        self._journal = journal
        self._loaded: OrderedDict[bytes, bytes] = OrderedDict()
        self._loading = threading.Lock()

    def add(self, exchange: RedactedExchange) -> RedactedExchange:
        """Record an exchange; gives it without a large body, which is read when it is asked for."""
        digest = self._journal.add_exchange(exchange)
        response = exchange.response
        if response is None or digest is None or response.body_size <= _SMALL or self._journal.problem:
            return exchange
        # Who sent the request judges it next.
        self._remember(digest, response.body)
        return replace(exchange, response=replace(response, body=BodyInJournal(self, digest, response.body_size)))

    def body(self, digest: bytes) -> bytes:
        """The body with this SHA-256."""
        with self._loading:
            known = self._loaded.get(digest)
        if known is None:
            known = super().body(digest)
            self._remember(digest, known)
        return known

    def _remember(self, digest: bytes, body: bytes) -> None:
        with self._loading:
            self._loaded[digest] = body
            self._loaded.move_to_end(digest)
            while len(self._loaded) > _LOADED:
                self._loaded.popitem(last=False)
