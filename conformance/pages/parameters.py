"""The parameters of a page: what is in its path, its query string and its headers."""

from __future__ import annotations

import re
from urllib.parse import unquote

from conformance.contract.model import Fact, Row, Selection
from conformance.pages.document import QUERY, Document, Section
from conformance.pages.inline import plain_text
from conformance.pages.tables import Table, TableRow

PATH_PART = "path part"

_PLACEHOLDER = re.compile(r"\{\*?([^{}/?*]+)\??\}")
_REQUIRED = re.compile(r"\*\*\s*required\s*\*\*", re.IGNORECASE)
_NULLED = re.compile(r"\bnull(?:s|ed)?\b", re.IGNORECASE)
_COLUMNS = re.compile(r"\bcolumns?\b", re.IGNORECASE)
SELECT = "$select"
# Parameters of an OData list, beside which $select has its meaning there.
_OF_A_LIST = ("$filter", "$orderby", "$entities")


def rows(table: Table | None) -> tuple[Row, ...]:
    """The rows of a table of names, types and descriptions."""
    if table is None:
        return ()
    return tuple(_row(table, row) for row in table.rows)


def path_parameters(document: Document) -> tuple[Row, ...]:
    """The rows of the tables of path parts, which need no heading of their own."""
    tables = (table for section in document.sections for table in section.tables if table.columns[0] == PATH_PART)
    found = (_row(table, row) for table in tables for row in table.rows)
    return tuple(Row(name=row.name, line=row.line, type=row.type, required=True) for row in found)


def placeholders(path: str) -> tuple[str, ...]:
    """The names in braces in a path, in its order."""
    return tuple(name.partition(":")[0].strip() for name in _PLACEHOLDER.findall(path))


def select_example(document: Document) -> Fact | None:
    """The value of ``$select`` in the page's examples of its query string."""
    section = document.section(QUERY)
    for line, pairs in query_examples(section) if section else ():
        for name, value in pairs:
            if name.lower() == SELECT:
                return Fact(name=value, line=line)
    return None


def selection(table: Table | None) -> Selection:
    """What the row of ``$select`` says of the rest; if it says nothing, the parameters beside it decide."""
    found = {row.name.lower(): table.cell(row, "description") for row in table.rows} if table is not None else {}
    if SELECT not in found:
        return Selection.UNSTATED
    if _NULLED.search(found[SELECT]):
        return Selection.NULLS
    if _COLUMNS.search(found[SELECT]) or any(name in found for name in _OF_A_LIST):
        return Selection.COLUMNS
    return Selection.UNSTATED


def query_examples(section: Section) -> list[tuple[int, list[tuple[str, str]]]]:
    """The query strings of a section's examples: each one's line, and its names and values."""
    found = []
    for fence in section.fences:
        for number, line in enumerate(fence.text.split("\n")):
            text = line.partition("?")[2]
            if text:
                pairs = (pair.partition("=") for pair in text.split("&"))
                found.append((fence.line + number, [(unquote(n.strip()), unquote(v.strip())) for n, _, v in pairs]))
    return found


def _row(table: Table, row: TableRow) -> Row:
    required = bool(_REQUIRED.search(table.cell(row, "description")))
    return Row(name=row.name, line=row.line, type=plain_text(table.cell(row, "type")), required=required)
