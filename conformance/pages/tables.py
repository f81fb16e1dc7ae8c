"""Markdown tables: rows of cells, with their lines; a row that lacks cells is an error, not an empty cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from markdown_it.token import Token

from conformance.contract.errors import InputError

_PIPE = re.compile(r"(?<!\\)\|")


class Cell(msgspec.Struct, frozen=True):
    """A cell: its text without Markdown, and what of it stands in back-ticks."""

    text: str
    code: tuple[str, ...]


class TableRow(msgspec.Struct, frozen=True):
    """A row of the table's body."""

    line: int
    cells: tuple[Cell, ...]


class Table(msgspec.Struct, frozen=True):
    """A table: the names of its columns in lower case, and its rows."""

    line: int
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]

    def cell(self, row: TableRow, column: str) -> Cell:
        """The row's cell in the column of that name; an empty one where the table has no such column."""
        return row.cells[self.columns.index(column)] if column in self.columns else Cell("", ())


def read_table(path: Path, tokens: Sequence[Token], lines: Sequence[str]) -> Table:
    """Read the table that ``tokens`` start with; ``lines`` are those of the whole page."""
    rows = list(_rows(tokens))
    head, body = rows[0], rows[1:]
    columns = tuple(cell.text.lower() for cell in head.cells)
    for row in body:
        # The parser fills missing cells with empty ones, so the line itself has to tell.
        given = len(_PIPE.split(lines[row.line - 1].strip().removeprefix("|").removesuffix("|")))
        if given < len(columns):
            raise InputError(
                f"{path}:{row.line}: a table row with {given} of {len(columns)} cells; add the missing ones, "
                "or a blank line above if this is no row"
            )
        if not row.cells[0].text:
            raise InputError(f"{path}:{row.line}: a table row without a {columns[0]}; add it")
    return Table(head.line, columns, tuple(body))


def _rows(tokens: Sequence[Token]) -> Iterator[TableRow]:
    cells: list[Cell] = []
    line = 0
    for token in tokens:
        match token.type:
            case "tr_open":
                line, cells = (token.map[0] + 1 if token.map else 0), []
            case "inline":
                children = token.children or ()
                code = tuple(child.content for child in children if child.type == "code_inline")
                cells.append(Cell("".join(child.content for child in children).strip(), code))
            case "tr_close":
                yield TableRow(line, tuple(cells))
            case "table_close":
                return
