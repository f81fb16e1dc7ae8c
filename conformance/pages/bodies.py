"""The bodies that a page documents: heading, kind, table, and what prose says if there is nothing else."""

from __future__ import annotations

import re

from conformance.contract.model import Body, Sample
from conformance.contract.schema_types import is_named
from conformance.pages.document import REQUEST_BODY, RESPONSE_BODY, Document, Section
from conformance.pages.inline import prose
from conformance.pages.parameters import rows
from conformance.pages.tables import Table

PROPERTY_NAME = "property name"

# Codes of answers that have no content (RFC 9110, 6.4.1, 15.4.5), and of refusals, whose content no page describes.
_NO_CONTENT = re.compile(r"1..|204|205|304|[45]..")

# What the words around a body without table and sample say of its type, first match first.
_HINTS = (
    (re.compile(r"^\w*(?<=[a-z])I[dD]s\b"), "int32[]"),
    (re.compile(r"string ?dictionary", re.IGNORECASE), "string{}"),
    (re.compile(r"\bdictionary\b|\{ *['\"]\w+['\"] *:", re.IGNORECASE), "object"),
    (re.compile(r"\[ *['\"]|\b(?:array|list) of strings\b", re.IGNORECASE), "string[]"),
    (re.compile(r"\barray\b|\blist of\b", re.IGNORECASE), "array"),
    (re.compile(r"\bbinary\b|\bstream\b|\bbitmap\b|\bbytes\b", re.IGNORECASE), "byte"),
)


def request_body(document: Document, sample: Sample | None) -> Body | None:
    """The body below ``Request Body: name kind``."""
    section = document.section(REQUEST_BODY, PROPERTY_NAME)
    if section is None:
        return None
    name, _, kind = section.rest.partition(" ")
    table = property_table(document, section)
    bare = table is None and (sample is None or (sample.body is None and not sample.raw))
    return Body(
        line=section.line,
        kind=kind.strip(),
        name=name,
        properties=rows(table),
        hint=_hint(name, section) if bare else "",
    )


def response_body(document: Document, response: Section, codes: list[str], sample: Sample | None) -> Body | None:
    """The body below ``Response body: kind`` or, without such a line, below ``Response: kind``.

    A type that is only named, on a page whose answers have no content, means nothing.
    """
    section = document.section(RESPONSE_BODY, PROPERTY_NAME) or response
    table = property_table(document, section)
    kind = section.rest or response.rest
    if table is None and sample is not None and sample.raw:
        return Body(line=section.line, kind=kind or "byte")
    if table is None and all(_NO_CONTENT.fullmatch(code) for code in codes):
        return None
    if table is None and (not kind or is_named(kind)) and (sample is None or sample.body is None):
        return Body(line=section.line, kind=kind) if kind else None
    return Body(line=section.line, kind=kind, properties=rows(table))


def property_table(document: Document, section: Section) -> Table | None:
    """The section's table of properties."""
    return one_table(document, section, PROPERTY_NAME)


def one_table(document: Document, section: Section, first_column: str) -> Table | None:
    """The section's table that begins with that column; a second one is an error."""
    found = [table for table in section.tables if table.columns[0] == first_column]
    if len(found) > 1:
        title = section.title.partition(":")[0].strip()
        raise document.error(f'a second table "{first_column}" in section "{title}"', found[1].line)
    return found[0] if found else None


def _hint(name: str, section: Section) -> str:
    text = prose(f"{name} {section.rest} " + " ".join(each.text for each in section.paragraphs))
    return next((hint for pattern, hint in _HINTS if pattern.search(text)), "")
