"""The exchanges of a journal, one at a time in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from conformance.client.bodies import StoredBody
from conformance.client.exchange import RedactedExchange
from conformance.journal.connect import clear_errors
from conformance.journal.packing import unpack_body
from conformance.journal.rows import COLUMNS, exchange_of

_AT_ONCE = 128
"""Exchanges whose rows, without bodies, are read at once; between them nothing is locked."""
_SELECT = f"""SELECT {", ".join(f"e.{name}" for name in COLUMNS)}, b.size
FROM exchanges AS e LEFT JOIN bodies AS b ON b.digest = e.response_body"""
_REQUEST_BODY = COLUMNS.index("request_body")
_RESPONSE_BODY = COLUMNS.index("response_body")


Rows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Gives the rows that a query with these values finds."""


class BodyInJournal(StoredBody):
    """A body that is read from the journal whenever it is asked for, and not kept."""

    __slots__ = ("_view",)

    def __init__(self, view: ExchangeView, digest: bytes, size: int) -> None:
        self._view = view
        self.digest = digest
        self.size = size

    def load(self) -> bytes:
        """The bytes; raises InputError if the journal is damaged there, or closed."""
        return self._view.body(self.digest)


class ExchangeView:
    """The exchanges by number. An exchange holds no response body: that is read whenever ``response.body`` is."""

    def __init__(self, rows: Rows, path: Path) -> None:
        self._rows = rows
        self._path = path

    def __len__(self) -> int:
        return int(self._one("SELECT count(*) FROM exchanges")[0])

    def __iter__(self) -> Iterator[RedactedExchange]:
        """All exchanges in the order of their numbers, also those that are written meanwhile."""
        last = -1
        query = f"{_SELECT} WHERE e.number > ? ORDER BY e.number LIMIT {_AT_ONCE}"
        while True:
            with clear_errors(self._path):
                rows = self._rows(query, (last,))
            if not rows:
                return
            for row in rows:
                yield self._exchange(row)
            last = rows[-1][0]

    def __getitem__(self, number: int) -> RedactedExchange:
        """The exchange with this number; KeyError if there is none: numbers may have gaps."""
        with clear_errors(self._path):
            rows = self._rows(f"{_SELECT} WHERE e.number = ?", (number,))
        if not rows:
            raise KeyError(number)
        return self._exchange(rows[0])

    def __contains__(self, number: object) -> bool:
        """Whether there is an exchange with this number."""
        return isinstance(number, int) and self._one("SELECT count(*) FROM exchanges WHERE number = ?", number)[0] == 1

    @property
    def next_number(self) -> int:
        """The number after the last one: what a run that continues begins with."""
        return int(self._one("SELECT coalesce(max(number), -1) + 1 FROM exchanges")[0])

    def body(self, digest: bytes) -> bytes:
        """The body with this SHA-256."""
        with clear_errors(self._path):
            query = "SELECT data, size FROM bodies WHERE digest = ?"
            found = self._rows(query, (digest,))
            if not found:
                raise ValueError("a body is missing")
            data, size = found[0]
            return unpack_body(data, size, digest)

    def _exchange(self, row: tuple[Any, ...]) -> RedactedExchange:
        *values, size = row
        digest = values[_RESPONSE_BODY]
        response_body: bytes | StoredBody = b""
        request_body = b"" if values[_REQUEST_BODY] is None else self.body(values[_REQUEST_BODY])
        with clear_errors(self._path):
            if digest is not None:
                if size is None:
                    raise ValueError("a body is missing")
                response_body = BodyInJournal(self, digest, size)
            return exchange_of(values, request_body, response_body)

    def _one(self, query: str, *values: Any) -> tuple[Any, ...]:
        with clear_errors(self._path):
            return self._rows(query, values)[0]
