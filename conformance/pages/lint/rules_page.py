"""Rules of one page's own parts: title against path, path against rows, headings against tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.contract.derive import is_patch
from conformance.contract.model import Selection
from conformance.contract.schema_types import is_named, type_keywords
from conformance.pages.document import QUERY, RESPONSE, RESPONSE_BODY
from conformance.pages.lint.rule import Level, Page, Problem, rule
from conformance.pages.operation import METHODS
from conformance.pages.parameters import path_parameters, placeholders, query_examples
from conformance.pages.tables import rows_over_lines

_TITLE = re.compile(r"([A-Z]+)\s+(\S+)")
_BRACES = re.compile(r"\{[^{}]*\}")


@rule("title-method-short", Level.NOTE, "the title shortens the method")
def short_method(page: Page) -> Iterator[Problem]:
    match = _TITLE.match(page.operation.title)
    if match and METHODS.get(match[1]) == page.operation.method:
        line = page.document.sections[0].line or 1
        yield Problem(line, f"the title says {match[1]} for {page.operation.method}", page.operation.method)


@rule("title-path", Level.WARNING, "title and path name different things")
def title_and_path(page: Page) -> Iterator[Problem]:
    operation, line = page.operation, page.document.sections[0].line or 1
    match = _TITLE.fullmatch(operation.title.strip())
    if not match:
        return
    if METHODS.get(match[1], match[1]) != operation.method:
        yield Problem(line, f"the title says {match[1]}, the page {operation.method}", operation.method)
    if not _without_names(operation.path).endswith(_without_names(match[2])):
        yield Problem(line, f"the title's path {match[2]} is not the end of {operation.path}", operation.path)


@rule("title-placeholder", Level.NOTE, "a placeholder has another name in the title than in the path")
def title_placeholders(page: Page) -> Iterator[Problem]:
    operation = page.operation
    titled, own = placeholders(operation.title), placeholders(operation.path)
    if len(titled) == len(own):
        for there, here in zip(titled, own, strict=True):
            if there != here:
                line = page.document.sections[0].line or 1
                yield Problem(line, f"{{{there}}} in the title is {{{here}}} in the path", f"{{{here}}}")


@rule("placeholder-without-row", Level.WARNING, "a placeholder of the path has no row")
def placeholder_rows(page: Page) -> Iterator[Problem]:
    known = {row.name.lower() for row in path_parameters(page.document)}
    for name in placeholders(page.operation.path):
        if name.lower() not in known:
            yield Problem(page.operation.line, f"the placeholder {{{name}}} has no row", "a string")


@rule("row-without-placeholder", Level.WARNING, "a row of a path part has no placeholder")
def rows_of_no_placeholder(page: Page) -> Iterator[Problem]:
    known = {name.lower() for name in placeholders(page.operation.path)}
    for row in path_parameters(page.document):
        if row.name.lower() not in known:
            yield Problem(row.line, f"the path {page.operation.path} has no placeholder {{{row.name}}}", "not sent")


@rule("type-unknown", Level.WARNING, "a parameter has a type that is not known")
def parameter_types(page: Page) -> Iterator[Problem]:
    for row in (*page.operation.path_parameters, *page.operation.query):
        if type_keywords(row.type) is None:
            yield Problem(row.line, f"the parameter {row.name} has the type {row.type or 'nothing'!r}", "a string")


@rule("include-missing", Level.WARNING, "a file that the page includes is missing")
def includes(page: Page) -> Iterator[Problem]:
    for include in page.document.includes:
        if not include.found:
            yield Problem(include.line, f"the included file {include.path} is missing", "no sample")


@rule("no-success-status", Level.WARNING, "no documented status says that the call succeeded")
def success(page: Page) -> Iterator[Problem]:
    statuses = page.operation.statuses
    if not any(row.name.startswith(("2", "3")) for row in statuses):
        names = ", ".join(row.name for row in statuses)
        yield Problem(statuses[0].line, f"no success status among {names}", "any success status")


@rule("row-twice", Level.WARNING, "a table has two rows of one name")
def twice(page: Page) -> Iterator[Problem]:
    operation = page.operation
    bodies = [body.properties for body in (operation.request, operation.response) if body]
    for rows in (operation.path_parameters, operation.query, operation.headers, operation.statuses, *bodies):
        seen: dict[str, int] = {}
        for row in rows:
            first = seen.setdefault(row.name, row.line)
            if first != row.line:
                yield Problem(row.line, f"{row.name} already has a row on line {first}", "the later row")


@rule("row-over-lines", Level.NOTE, "a row of a table is split over lines")
def split_rows(page: Page) -> Iterator[Problem]:
    for section in page.document.sections:
        for row in rows_over_lines(section.tables):
            yield Problem(row.line, f"the row {row.name} is split over {row.lines} lines", "one row")


@rule("media-types-empty", Level.WARNING, "a header's row lists no media types, but there is a body")
def empty_media_types(page: Page) -> Iterator[Problem]:
    operation = page.operation
    for name, types, body in (
        ("Content-Type", operation.request_types, operation.request),
        ("Accept", operation.response_types, operation.response),
    ):
        row = operation.header(name)
        if body and not types:
            line = row.line if row else body.line
            patch = name == "Content-Type" and is_patch(body)
            assumed = "application/json-patch+json and application/merge-patch+json" if patch else "application/json"
            yield Problem(line, f"{name} lists no media types, but there is a body", assumed)


@rule("type-without-content", Level.NOTE, "a page whose answers have no content names a type for it")
def types_of_nothing(page: Page) -> Iterator[Problem]:
    section = page.document.section(RESPONSE_BODY)
    if page.operation.response is None and section and section.rest:
        codes = ", ".join(row.name for row in page.operation.statuses)
        yield Problem(section.line, f"the body is called {section.rest}, but {codes} has none", "no body")


@rule("heading-kind", Level.WARNING, "headings, table and sample say different kinds of body")
def kinds_of_bodies(page: Page) -> Iterator[Problem]:
    response, body = page.document.section(RESPONSE), page.document.section(RESPONSE_BODY)
    if response and body and response.rest and body.rest and response.rest.lower() != body.rest.lower():
        message = f'"{response.title}" and "{body.title}" are two kinds'
        yield Problem(body.line, message, body.rest)
    for role, each in (("request", page.operation.request), ("response", page.operation.response)):
        scalar = each and each.kind and each.kind.lower() not in ("object", "array") and not is_named(each.kind)
        if each and scalar and each.properties:
            yield Problem(each.line, f"the {role} is called {each.kind}, but has a table of properties", "the table")


@rule("body-undescribed", Level.NOTE, "a body has neither table nor sample")
def undescribed(page: Page) -> Iterator[Problem]:
    for assumption in page.operation.assumptions:
        if assumption.about.endswith("neither table nor sample"):
            yield Problem(assumption.line, assumption.about, assumption.assumed)


@rule("array-undecided", Level.NOTE, "a table has neither a kind nor a sample")
def unknown_kind(page: Page) -> Iterator[Problem]:
    for assumption in page.operation.assumptions:
        if assumption.about.startswith("no sample shows whether"):
            yield Problem(assumption.line, assumption.about, assumption.assumed)


@rule("select-example", Level.WARNING, "an example selects properties that the page does not have")
def select(page: Page) -> Iterator[Problem]:
    example = page.operation.select_example
    known = {name.lower() for name in page.contract.properties}
    if example is None or not known:
        return
    names = [part.strip().partition("/")[0] for part in example.name.split(",")]
    unknown = [name for name in names if name and name.lower() not in known]
    # Columns of a list are not the properties of its page.
    if unknown and page.operation.selection is not Selection.COLUMNS:
        yield Problem(
            example.line, f"the example selects {', '.join(unknown)}, which the page does not have", "the table"
        )


@rule("example-parameter", Level.WARNING, "an example has a parameter that no row describes")
def example_parameters(page: Page) -> Iterator[Problem]:
    section = page.document.section(QUERY)
    known = {row.name.lower() for row in page.operation.query}
    for line, pairs in query_examples(section) if section else ():
        for name, _ in pairs:
            if name.lower() not in known:
                yield Problem(line, f"the example's parameter {name} has no row", "no such parameter")


def _without_names(path: str) -> str:
    return _BRACES.sub("{}", path).strip("/").lower()
