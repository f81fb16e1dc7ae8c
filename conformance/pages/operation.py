"""What a page's sections mean: a document read as an ``Operation``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.contract.effect import decide
from conformance.contract.model import Body, Fact, Operation, Row, Sample, is_call
from conformance.core.json_lines import Pointer
from conformance.pages.assumptions import assumptions
from conformance.pages.bodies import PROPERTY_NAME, one_table, request_body, response_body
from conformance.pages.document import (
    HEADERS,
    QUERY,
    REQUEST_BODY,
    RESPONSE,
    RESPONSE_BODY,
    SAMPLE_REQUEST,
    SAMPLE_RESPONSE,
    Document,
    Section,
    read_document,
)
from conformance.pages.header_facts import media_types, schemes
from conformance.pages.inline import plain_text
from conformance.pages.parameters import path_parameters, rows, select_example, selection
from conformance.pages.samples import REQUEST, read_sample
from conformance.pages.samples import RESPONSE as RESPONSE_FENCE
from conformance.pages.tables import Table

_METHOD_AND_PATH = re.compile(r"([A-Z]+) (/\S*)")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_NOTE = re.compile(r"([A-Z][\w ]{2,40}):")

PARAMETER_NAME, STATUS = "parameter name", "response"

# The first column of the tables that state facts, and the sections that they belong to.
_HOMES = {PARAMETER_NAME: (QUERY, HEADERS), PROPERTY_NAME: (REQUEST_BODY, RESPONSE, RESPONSE_BODY), STATUS: (RESPONSE,)}
_TITLES = {QUERY: "Query String Parameters", HEADERS: "Request Headers"}

# How a method is shortened in a title.
METHODS = {"DEL": "DELETE"}

Lines = dict[Pointer, int]


def read_page(path: Path) -> Operation:
    """Read one documentation page; InputError says in one line what is wrong with it."""
    return read_operation(read_document(path))


def read_operation(document: Document) -> Operation:
    """What the page documents."""
    return read_with_lines(document)[0]


def read_with_lines(document: Document) -> tuple[Operation, Lines | None, Lines | None]:
    """What the page documents, and the lines of the members of its sample request and response."""
    _check_homes(document)
    method, path, line = _method_and_path(document)
    headers, response = _section(document, HEADERS, PARAMETER_NAME), _section(document, RESPONSE, STATUS)
    header_table, status_table = _table(document, headers, PARAMETER_NAME), _table(document, response, STATUS)
    query_section = document.section(QUERY, PARAMETER_NAME)
    query_table = _table(document, query_section, PARAMETER_NAME) if query_section else None
    summary = next((each for each in document.sections[0].paragraphs if each.line > line), None)
    statuses = _statuses(document, status_table)
    request_sample, response_sample = read_sample(document, REQUEST), read_sample(document, RESPONSE_FENCE)
    sample_request, sample_response = (found[0] if found else None for found in (request_sample, response_sample))
    request = request_body(document, sample_request)
    answer = response_body(document, response, [row.name for row in statuses], sample_response)
    content_type = media_types(header_table, "Content-Type")
    if content_type and request is None:
        raise document.error('no section "Request Body", but Content-Type has media types', content_type[0].line)
    if answer and not (document.named(SAMPLE_REQUEST) or document.named(SAMPLE_RESPONSE)):
        raise document.error('no section "Sample Request": add it, with a sample of each body')
    query, selected = rows(query_table), selection(query_table)
    parts = path_parameters(document)
    effect, effect_reason = decide(
        method=method,
        path=path,
        is_call=is_call(path),
        answers=answer is not None,
        summary=plain_text(summary.text) if summary else "",
        documented=_names((*parts, *query), request, answer),
    )
    operation = Operation(
        id=_id(document),
        title=_title(document),
        page=document.path.name,
        method=method,
        path=path,
        line=line,
        effect=effect,
        effect_reason=effect_reason,
        summary_line=summary.line if summary else 0,
        path_parameters=parts,
        query=query,
        headers=rows(header_table),
        schemes=schemes(header_table),
        request_types=content_type,
        response_types=media_types(header_table, "Accept"),
        request=request,
        response=answer,
        statuses=statuses,
        select_example=select_example(document),
        selection=selected,
        notes=tuple(_notes(document)),
        sample_request=sample_request,
        sample_response=sample_response,
        assumptions=tuple(
            assumptions(document, path, query, selected, request, answer, sample_request, sample_response)
        ),
    )
    operation.digests.update(_digests(document, _fact_lines(operation)))
    return (operation, request_sample[1] if request_sample else None, response_sample[1] if response_sample else None)


def _names(parameters: Iterable[Row], *bodies: Body | None) -> Iterator[str]:
    """What the page names: parameters, and the properties of the bodies."""
    yield from (row.name for row in parameters)
    for body in bodies:
        yield from (row.name for row in body.properties) if body else ()


def _id(document: Document) -> str:
    found = document.front.get("id") or document.front.get("uid") or ""
    if not found:
        raise document.error('no id: add a front matter with "id: <operation id>" between two lines of ---')
    # The id names a folder beside "pages" and "components".
    if not _ID.fullmatch(found) or found.lower() in ("pages", "components"):
        raise document.error(f"id {found!r} cannot name a folder; use letters, digits, _ and -")
    return found


def _title(document: Document) -> str:
    title = document.front.get("title") or document.sections[0].title
    if not title:
        raise document.error('no title: add "# METHOD Path" above the method and path')
    return title


def _method_and_path(document: Document) -> tuple[str, str, int]:
    for fence in document.sections[0].fences:
        match = _METHOD_AND_PATH.fullmatch(fence.text.strip())
        if fence.info == "http" and match:
            return METHODS.get(match[1], match[1]), match[2].partition("?")[0], fence.line
    raise document.error("no method and path: add a fence ```http with a line such as POST /api/v1/... below the title")


def _section(document: Document, name: str, first_column: str) -> Section:
    section = document.section(name, first_column)
    if section is None:
        title = _TITLES.get(name, name.capitalize())
        raise document.error(f'no section "{title}": add a heading "## {title}" with its table')
    return section


def _table(document: Document, section: Section, first_column: str) -> Table:
    table = one_table(document, section, first_column)
    if table is None:
        title = section.title.partition(":")[0].strip()
        raise document.error(f'section "{title}" has no table that begins with "{first_column}"', section.line)
    return table


def _check_homes(document: Document) -> None:
    """A table of facts below the wrong heading means that its own heading is missing."""
    for section in document.sections:
        for table in section.tables:
            homes = _HOMES.get(table.columns[0])
            if homes and section.name not in homes:
                names = " or ".join(f'"{home.capitalize()}"' for home in homes)
                raise document.error(
                    f'no section {names} above this table, which is below "{section.title}"', table.line
                )


def _statuses(document: Document, table: Table) -> tuple[Row, ...]:
    for row in table.rows:
        if not re.fullmatch(r"[1-5]\d\d", row.name):
            raise document.error(f"{row.name!r} is not a status code", row.line)
    if not table.rows:
        raise document.error("no documented status: add a row such as | 200 | OK |", table.line)
    return tuple(
        Row(name=row.name, line=row.line, type=plain_text(table.cell(row, "description"))) for row in table.rows
    )


def _notes(document: Document) -> Iterator[Fact]:
    """The beginnings of the headings that are prose: the part before the colon."""
    for note in document.notes:
        match = _NOTE.match(note.text)
        if match:
            yield Fact(name=match[1], line=note.line)


def _fact_lines(operation: Operation) -> Iterator[int]:
    yield from (operation.line, operation.summary_line)
    groups: tuple[Iterable[Fact], ...] = (
        operation.path_parameters,
        operation.query,
        operation.headers,
        operation.statuses,
        operation.notes,
    )
    for group in groups:
        yield from (fact.line for fact in group)
    for body in (operation.request, operation.response):
        if isinstance(body, Body):
            yield body.line
            yield from (row.line for row in body.properties)
    for sample in (operation.sample_request, operation.sample_response):
        if isinstance(sample, Sample) and not sample.page:
            yield sample.line
    if operation.select_example:
        yield operation.select_example.line


def _digests(document: Document, lines: Iterable[int]) -> dict[int, str]:
    tables = (table for section in document.sections for table in section.tables)
    texts = {row.line: " | ".join(row.cells) for table in tables for row in table.rows}
    return {line: _digest(texts.get(line) or document.lines[line - 1]) for line in sorted(set(lines)) if line}


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]
