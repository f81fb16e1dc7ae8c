"""What a page's sections mean: a document read as an ``Operation``."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from conformance.contract.files import read_text
from conformance.contract.model import Body, Fact, Operation, Row, Sample
from conformance.pages.document import Document, Section, parse_document
from conformance.pages.header_facts import media_types, schemes
from conformance.pages.samples import REQUEST, RESPONSE, read_sample
from conformance.pages.tables import Table

_METHOD_AND_PATH = re.compile(r"([A-Z]+) (/\S*)")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

# The first column of the tables that state facts, and the sections that they belong to.
_HOMES = {
    "parameter name": ("query string parameters", "request headers"),
    "property name": ("request body", "response", "response body"),
    "response": ("response",),
}


def read_page(path: Path) -> Operation:
    """Read one documentation page; InputError says in one line what is wrong with it."""
    return read_operation(read_document(path))


def read_document(path: Path) -> Document:
    """Read and parse one page, without asking what it means."""
    text = read_text(path)
    if not text.strip():
        raise Document(path=path, front={}, sections=[]).error("is empty; a documentation page is expected")
    return parse_document(path, text)


def read_operation(document: Document) -> Operation:
    """What the page documents."""
    _check_homes(document)
    method, path, line = _method_and_path(document)
    query, headers = document.section("Query String Parameters"), _section(document, "Request Headers")
    response = _section(document, "Response")
    header_table = _table(document, headers, "parameter name")
    content_type = media_types(header_table, "Content-Type")
    request, response_body = _request(document), _response(document, response)
    if content_type and request is None:
        raise document.error('no section "Request Body", but Content-Type has media types', content_type[0].line)
    if response_body and not any(each.name.lower().startswith("sample") for each in document.sections):
        raise document.error('no section "Sample Request": add it, with a sample of each body')
    return Operation(
        id=_id(document),
        title=_title(document),
        page=document.path.name,
        method=method,
        path=path,
        line=line,
        summary_line=next((each.line for each in document.sections[0].paragraphs if each.line > line), 0),
        query=_rows(_table(document, query, "parameter name")) if query else (),
        headers=_rows(header_table),
        schemes=schemes(header_table),
        request_types=content_type,
        response_types=media_types(header_table, "Accept"),
        request=request,
        response=response_body,
        statuses=_statuses(document, response),
        select_example=_select_example(query) if query else None,
        sample_request=_sample_request(document, method, path),
        sample_response=_sample_response(document),
    )


def _id(document: Document) -> str:
    found = document.front.get("id") or document.front.get("uid") or ""
    if not found:
        raise document.error('no id: add a front matter with "id: <operation id>" between two lines of ---')
    # The id names a folder beside "pages".
    if not _ID.fullmatch(found) or found.lower() == "pages":
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
            return match[1], match[2].partition("?")[0], fence.line
    raise document.error("no method and path: add a fence ```http with a line such as POST /api/v1/... below the title")


def _section(document: Document, name: str) -> Section:
    section = document.section(name)
    if section is None:
        raise document.error(f'no section "{name}": add a heading "## {name}" with its table')
    return section


def _table(document: Document, section: Section, first_column: str) -> Table:
    table = _find_table(document, section, first_column)
    if table is None:
        raise document.error(f'section "{section.name}" has no table that begins with "{first_column}"', section.line)
    return table


def _find_table(document: Document, section: Section, first_column: str) -> Table | None:
    found = [table for table in section.tables if table.columns[0] == first_column]
    if len(found) > 1:
        raise document.error(f'a second table "{first_column}" in section "{section.name}"', found[1].line)
    return found[0] if found else None


def _check_homes(document: Document) -> None:
    """A table of facts below the wrong heading means that its own heading is missing."""
    for section in document.sections:
        for table in section.tables:
            homes = _HOMES.get(table.columns[0])
            if homes and section.name.lower() not in homes:
                names = " or ".join(f'"{home.capitalize()}"' for home in homes)
                raise document.error(
                    f'no section {names} above this table, which stands below "{section.title}"', table.line
                )


def _rows(table: Table | None) -> tuple[Row, ...]:
    if table is None:
        return ()
    return tuple(Row(name=row.cells[0].text, line=row.line, type=table.cell(row, "type").text) for row in table.rows)


def _statuses(document: Document, section: Section) -> tuple[Row, ...]:
    table = _table(document, section, "response")
    for row in table.rows:
        if not re.fullmatch(r"[1-5]\d\d", row.cells[0].text):
            raise document.error(f"{row.cells[0].text!r} is no status code", row.line)
    if not table.rows:
        raise document.error("no documented status: add a row such as | 200 | OK |", table.line)
    return tuple(
        Row(name=row.cells[0].text, line=row.line, type=table.cell(row, "description").text) for row in table.rows
    )


def _request(document: Document) -> Body | None:
    section = document.section("Request Body")
    if section is None:
        return None
    name, _, kind = section.rest.partition(" ")
    table = _find_table(document, section, "property name")
    return Body(line=section.line, kind=kind.strip(), name=name, properties=_rows(table))


def _response(document: Document, response: Section) -> Body | None:
    """The body below ``Response body: kind`` or, without such a line, below ``Response: kind``."""
    section = document.section("Response body") or response
    table = _find_table(document, section, "property name")
    if section is response and not response.rest and table is None:
        return None
    return Body(line=section.line, kind=section.rest, properties=_rows(table))


def _select_example(query: Section) -> Fact | None:
    for fence in query.fences:
        for number, line in enumerate(fence.text.split("\n")):
            for pair in line.partition("?")[2].split("&"):
                name, _, value = pair.partition("=")
                if unquote(name).lower() == "$select":
                    return Fact(name=unquote(value.strip()), line=fence.line + number)
    return None


def _sample_request(document: Document, method: str, path: str) -> Sample | None:
    found = read_sample(document, REQUEST)
    if found is None:
        return None
    sample = found[0]
    given = sample.start.split(" ")
    if (given[0], given[1].partition("?")[0]) != (method, path):
        message = f"the sample request is for {given[0]} {given[1]}, the page documents {method} {path}"
        raise document.error(message, sample.line)
    return sample


def _sample_response(document: Document) -> Sample | None:
    found = read_sample(document, RESPONSE)
    return found[0] if found else None
