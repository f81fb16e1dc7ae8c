"""Markdown tables: rows of cells, with their lines, read from the page's own lines.

A row may be split over lines, even over blank ones; it ends where its last cell ends. A row that lacks cells is an
error, not an empty cell: the Markdown parser would fill it up, or read one split row as several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from conformance.core.errors import InputError
from conformance.pages.inline import plain_text

_PIPE = re.compile(r"(?<!\\)\|")
_DASHES = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
_NEW_BLOCK = re.compile(r"\s*(#{1,6}\s|```|~~~|\[!include)")

# No description is longer than this; what is longer is not a row.
_LONGEST_ROW = 60


class TableRow(msgspec.Struct, frozen=True):
    """A row of the table's body: its first line, its cells as they are written, and how many lines it takes."""

    line: int
    cells: tuple[str, ...]
    lines: int = 1

    @property
    def name(self) -> str:
        """The text of the first cell."""
        return plain_text(self.cells[0])


class Table(msgspec.Struct, frozen=True):
    """A table: the names of its columns in lower case, and its rows."""

    line: int
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]

    def cell(self, row: TableRow, column: str) -> str:
        """The row's cell in the column of that name, as written; empty where the table has no such column."""
        return row.cells[self.columns.index(column)] if column in self.columns else ""


class TableReader:
    """Reads the tables of one page; ``end`` is the last line of the table read last."""

    def __init__(self, path: Path, lines: Sequence[str]) -> None:
        self._path = path
        self._lines = lines
        self.end = 0

    def read(self, line: int) -> Table:
        """Read the table whose head is on ``line``."""
        columns = tuple(plain_text(cell).lower() for cell in _cells(self._lines[line - 1]))
        self.end = line + 1
        rows = []
        while (row := self._row(self.end + 1, columns)) is not None:
            self.end = row.line + row.lines - 1
            rows.append(row)
        return Table(line, columns, tuple(rows))

    def _row(self, line: int, columns: tuple[str, ...]) -> TableRow | None:
        """The row that begins on ``line``, or None where the table is over."""
        line = self._after_blanks(line)
        first = self._at(line)
        if not first.lstrip().startswith("|") or _DASHES.fullmatch(self._at(line + 1)):
            return None
        text, lines = first, 1
        while not _is_whole(text, columns) and (more := self._continued(line + lines)):
            text = " ".join((text, *(self._at(line + lines + each) for each in range(more))))
            lines += more
        cells = _cells(text)
        if len(cells) < len(columns):
            raise InputError(
                f"{self._path}:{line}: a table row with {len(cells)} of {len(columns)} cells; add the missing ones, "
                "or a blank line above if this is not a row"
            )
        if not plain_text(cells[0]):
            raise InputError(f"{self._path}:{line}: a table row without a {columns[0]}; add it")
        # A pipe in the description, the last column, makes no further cell.
        last = len(columns) - 1
        return TableRow(line, (*cells[:last], " | ".join(cells[last:])), lines)

    def _after_blanks(self, line: int) -> int:
        """The first line from ``line`` on that is not blank: blank lines between rows do not end a table."""
        while line <= len(self._lines) and not self._at(line).strip():
            line += 1
        return line

    def _continued(self, line: int) -> int:
        """How many lines from ``line`` on belong to the row above that is not whole yet; 0 where none do."""
        for number in range(line, line + _LONGEST_ROW):
            text = self._at(number)
            if text.lstrip().startswith("|") and not text.strip("| \t"):
                return number - line + 1
            if number > len(self._lines) or text.lstrip().startswith("|") or _NEW_BLOCK.match(text):
                return 0
            if text.rstrip().endswith("|"):
                return number - line + 1
        return 0

    def _at(self, line: int) -> str:
        return self._lines[line - 1] if line <= len(self._lines) else ""


def _is_whole(text: str, columns: tuple[str, ...]) -> bool:
    return text.rstrip().endswith("|") and len(_cells(text)) >= len(columns)


def _cells(text: str) -> list[str]:
    text = text.strip()
    inner = text[1:] if text.startswith("|") else text
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in _PIPE.split(inner)]


def rows_over_lines(tables: Sequence[Table]) -> Iterator[TableRow]:
    """The rows that are split over lines."""
    for table in tables:
        yield from (row for row in table.rows if row.lines > 1)
