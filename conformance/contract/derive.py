"""An operation's JSON Schemas: types from the page's tables; what the tables leave open, from its samples.

Where table and sample contradict each other, the table wins. Structs stay open, so an additional property is for a
requirement to judge. ``x-source`` beside the keywords says where each one comes from: ``table:52`` a row,
``heading:53`` the heading of a body, ``sample:76`` the line of a member in the sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.contract.json_lines import Pointer, usual_lines
from conformance.contract.model import Body, Operation, OperationContract, Row, Sample
from conformance.contract.sample_schema import SampleReader
from conformance.contract.types import kinds, type_keywords

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Lines = Mapping[Pointer, int]


def derive(
    operation: Operation, *, request_lines: Lines | None = None, response_lines: Lines | None = None
) -> OperationContract:
    """The contract of one operation.

    ``request_lines`` and ``response_lines`` are the lines of the members of the sample bodies; without them, the
    usual layout with one member a line is taken for granted.
    """
    return OperationContract(
        operation=operation,
        request=_document(operation, "request", operation.request, operation.sample_request, request_lines),
        response=_document(operation, "response", operation.response, operation.sample_response, response_lines),
    )


def _document(
    operation: Operation, role: str, body: Body | None, sample: Sample | None, lines: Lines | None
) -> dict[str, Any] | None:
    if body is None:
        return None
    value = sample.body if sample else None
    if lines is None:
        lines = usual_lines(value, sample.body_line) if sample else {}
    reader = SampleReader(lines, response=role == "response")
    schema = _table(body, value, reader, role) if body.properties else _untabled(body, value, reader)
    return {"$schema": DIALECT, "$id": f"urn:conformance:{operation.id}:{role}", **schema}


def _table(body: Body, value: Any, reader: SampleReader, role: str) -> dict[str, Any]:
    """A body with a table: an object of the table's properties, or an array of such objects."""
    array = body.kind.lower() == "array" or (not body.kind and isinstance(value, list))
    elements: list[tuple[Pointer, Any]] = [((), value)]
    if isinstance(value, list):
        elements = [((index,), element) for index, element in enumerate(value)]
    first = f"table:{body.properties[0].line}"
    stated = f"heading:{body.line}" if body.kind else first
    element: dict[str, Any] = {
        "type": "object",
        "properties": {row.name: _property(row, elements, reader) for row in body.properties},
    }
    source = {"type": first if array else stated, "properties": first}
    if role == "response":
        element["required"] = list(element["properties"])
        source["required"] = first
    element["x-source"] = source
    if not array:
        return element
    return {"type": "array", "items": element, "x-source": {"type": stated, "items": first}}


def _property(row: Row, elements: Sequence[tuple[Pointer, Any]], reader: SampleReader) -> dict[str, Any]:
    """One row of the table, with what the first element that has the property shows of it."""
    shown: dict[str, Any] = {}
    for at, element in elements:
        if isinstance(element, dict) and element.get(row.name) is not None:
            shown = reader.schema(element[row.name], (*at, row.name))
            break
    return _typed(row.type, f"table:{row.line}", shown)


def _untabled(body: Body, value: Any, reader: SampleReader) -> dict[str, Any]:
    """A body without a table: what its kind says (``string``, ``array``...) and the sample shows."""
    schema = _typed(body.kind, f"heading:{body.line}", reader.schema(value, ()))
    found = kinds(schema)
    if found & {"array", "object"}:
        schema["type"] = found.pop()
    return schema


def _typed(page_type: str, stated: str, shown: dict[str, Any]) -> dict[str, Any]:
    """The keywords of a type on the page, completed by those that the sample shows for the same type."""
    keywords = type_keywords(page_type)
    if keywords is None:
        return dict(shown)
    source = dict.fromkeys(keywords, stated)
    if kinds(keywords) == kinds(shown):
        for keyword in ("items", "properties", "required", "additionalProperties"):
            if keyword in shown:
                keywords[keyword] = shown[keyword]
                source[keyword] = shown["x-source"][keyword]
    return {**keywords, "x-source": source}
