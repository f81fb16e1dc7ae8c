"""What the descriptions of request headers state: authorization schemes and media types."""

from __future__ import annotations

import re

from conformance.contract.model import Fact
from conformance.pages.inline import code_spans
from conformance.pages.tables import Table, TableRow

_QUOTED = re.compile(r"'([A-Za-z][A-Za-z0-9-]*)'")


def schemes(table: Table) -> tuple[Fact, ...]:
    """The schemes quoted in the row Authorization."""
    row = _row(table, "Authorization")
    if row is None:
        return ()
    return tuple(Fact(name=name, line=row.line) for name in _QUOTED.findall(table.cell(row, "description")))


def media_types(table: Table, header: str) -> tuple[Fact, ...]:
    """The media types in back-ticks in the row of that header."""
    row = _row(table, header)
    if row is None:
        return ()
    found = dict.fromkeys(code_spans(table.cell(row, "description")))
    return tuple(Fact(name=name, line=row.line) for name in found if "/" in name)


def _row(table: Table, name: str) -> TableRow | None:
    return next((row for row in table.rows if row.name.lower() == name.lower()), None)
