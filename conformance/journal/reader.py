"""Reading a journal: what a run recorded, also while it goes on or after it was killed."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance.journal.connect import clear_errors, open_to_read
from conformance.journal.exchange_view import ExchangeView
from conformance.journal.packing import unpack
from conformance.journal.rows import text_of, text_value

_LAST_RESULTS = "SELECT max(number) FROM results GROUP BY requirement, operation ORDER BY max(number)"
_RESULTS = """SELECT number, CAST(result AS BLOB) FROM results WHERE number BETWEEN ? AND ? ORDER BY number"""
_INTERRUPTED = """SELECT requirement, operation FROM trials AS t
WHERE NOT EXISTS (SELECT 1 FROM results AS r WHERE r.trial >= t.number
    AND r.requirement = t.requirement AND r.operation = t.operation)
GROUP BY requirement, operation ORDER BY max(number)"""
_AT_ONCE = 256
"""Rows that are read at once; between them nothing is locked, or a run in rollback mode could not write."""


class JournalReader:
    """What is in a journal. Raises InputError with one line if the file is not one, or is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database, self._copy = open_to_read(path)
        self._exchanges = ExchangeView(lambda query, values: self._database.execute(query, values).fetchall(), path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; bodies that were not read cannot be read any more."""
        self._database.close()
        if self._copy is not None:
            self._copy.cleanup()

    def document(self, name: str) -> bytes | None:
        """The document with this name, or None."""
        found = self._rows("SELECT data, size FROM documents WHERE name = ?", text_value(name))
        with clear_errors(self.path):
            return unpack(*found[0]) if found else None

    def documents(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """The documents whose names begin with ``prefix``, each with its name, in order of name."""
        names = [self._text(name) for (name,) in self._rows("SELECT name FROM documents ORDER BY name")]
        for name in names:
            document = self.document(name) if name.startswith(prefix) else None
            if document is not None:
                yield name, document

    def results(self) -> Iterator[bytes]:
        """The results in the order in which they were finished; of a requirement on an operation only the last one."""
        # Found once: to group them again for each part would take quadratic time.
        rows = self._rows(_LAST_RESULTS)
        with clear_errors(self.path):
            numbers = array("q", (number for (number,) in rows))
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            wanted = frozenset(part)
            for number, result in self._rows(_RESULTS, part[0], part[-1]):
                if number in wanted:
                    yield self._bytes(result)

    def exchanges(self) -> ExchangeView:
        """The exchanges; each is read when it is asked for."""
        return self._exchanges

    def interrupted(self) -> list[tuple[str, str]]:
        """Requirement and operation of each trial that began and has no result, nor has a later one of them."""
        return [(self._text(requirement), self._text(operation)) for requirement, operation in self._rows(_INTERRUPTED)]

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with clear_errors(self.path):
            return self._database.execute(query, values).fetchall()

    def _text(self, value: Any) -> str:
        with clear_errors(self.path):
            return text_of(_of_type(value, (str, bytes)))

    def _bytes(self, value: Any) -> bytes:
        with clear_errors(self.path):
            found: bytes = _of_type(value, (bytes,))
            return found


def _of_type(value: Any, types: tuple[type, ...]) -> Any:
    if not isinstance(value, types):
        raise TypeError("a value has the wrong type")
    return value
