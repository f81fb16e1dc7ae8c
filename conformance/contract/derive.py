"""An operation's JSON Schemas: types from the page's tables; what the tables leave open, from its samples.

Where table and sample contradict each other, the table wins. Structs stay open, so an additional property is for a
requirement to judge. ``x-source`` beside the keywords says where each one comes from: ``table:52`` a row,
``heading:53`` the heading of a body, ``sample:76`` the line of a member in the sample, ``rfc6902`` that RFC.
``x-type`` is the name that the page has for the type; ``components.py`` looks it up among those of other pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.contract.model import Body, Operation, OperationContract, Row, Sample, Selection
from conformance.contract.sample_schema import SampleReader, common
from conformance.contract.schema_types import is_named, is_vague, kinds, type_keywords
from conformance.core.json_lines import Pointer, usual_lines

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Lines = Mapping[Pointer, int]

_IDS = re.compile(r"(?<=[a-z])I[dD]s$")
_OBJECT: dict[str, Any] = {"type": ["object", "null"]}

_CHOOSES_COLUMNS = ("$filter", "$orderby", "$entities")


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
    response = role == "response"
    # With these a query chooses the columns of a list, so that no sample can show which ones an answer has.
    chosen = operation.selection is Selection.COLUMNS
    fixed = not chosen and not any(operation.query_parameter(name) for name in _CHOOSES_COLUMNS)
    page = sample.page if sample else ""
    reader = SampleReader(lines, response=response, required=response and fixed, page=page)
    if is_patch(body):
        schema = _patch(body, value, reader)
    elif body.properties:
        schema = _table(body, value, reader, role)
    else:
        schema = _untabled(body, value, reader)
    return {"$schema": DIALECT, "$id": f"urn:conformance:{operation.id}:{role}", **schema}


def is_patch(body: Body) -> bool:
    """Whether a body is a list of changes to a document (JSON Patch, RFC 6902), as its table shows."""
    return {row.name for row in body.properties} == {"op", "path", "value"}


def _patch(body: Body, value: Any, reader: SampleReader) -> dict[str, Any]:
    """Changes are an array of operations, or an object that is a merge patch (RFC 7396)."""
    schema = _table(body, value if isinstance(value, list) else [], reader, "request")
    items = schema["items"]
    # RFC 6902, section 4: any JSON value, whatever the table calls it.
    items["properties"]["value"] = {}
    items["required"] = ["op", "path"]
    items["x-source"]["required"] = "rfc6902"
    schema["type"], schema["x-source"]["type"] = ["array", "object"], "rfc7396"
    return schema


def _table(body: Body, value: Any, reader: SampleReader, role: str) -> dict[str, Any]:
    """A body with a table: an object of the table's properties, or an array of such objects."""
    array = body.kind.lower() == "array" or isinstance(value, list)
    # Without a sample, several have a name in the plural.
    array = array or (value is None and not body.kind and body.is_plural)
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
    if is_named(body.kind):
        element["x-type"] = body.kind
    if not array:
        return element
    return {"type": "array", "items": element, "x-source": {"type": stated, "items": first}}


def _property(row: Row, elements: Sequence[tuple[Pointer, Any]], reader: SampleReader) -> dict[str, Any]:
    """One row of the table, with what the elements of the sample show of it together."""
    shown = common(
        reader.schema(element[row.name], (*at, row.name))
        for at, element in elements
        if isinstance(element, dict) and row.name in element
    )
    found = _typed(row.type, f"table:{row.line}", shown)
    if _IDS.search(row.name) and "array" in kinds(found) and "items" not in found and not shown:
        # Ids are integers, as everywhere else.
        found["items"], found["x-source"]["items"] = type_keywords("int32"), f"table:{row.line}"
    return found


def _untabled(body: Body, value: Any, reader: SampleReader) -> dict[str, Any]:
    """A body without a table: what its kind says (``string``, ``array``...) and the sample shows."""
    shown = reader.schema(value, ())
    schema = _typed(body.kind, f"heading:{body.line}", shown)
    if not body.kind and not shown:
        hinted = type_keywords(body.hint) or {}
        return {**hinted, **({"x-source": dict.fromkeys(hinted, f"prose:{body.line}")} if hinted else {})}
    found = kinds(schema)
    if found & {"array", "object"}:
        schema["type"] = found.pop()
    return schema


def _typed(page_type: str, stated: str, shown: dict[str, Any]) -> dict[str, Any]:
    """The keywords of a type on the page, completed by those that the sample shows for the same type."""
    keywords = type_keywords(page_type)
    if keywords is None:
        return _unknown(page_type, stated, shown)
    source = dict.fromkeys(keywords, stated)
    if kinds(keywords) == kinds(shown):
        completing = ["items", "properties", "required", "additionalProperties"]
        if is_vague(page_type):
            completing += ["format", "contentEncoding", "minimum", "maximum"]
        for keyword in completing:
            if keyword in shown:
                keywords[keyword] = shown[keyword]
                source[keyword] = shown["x-source"][keyword]
    return {**keywords, "x-source": source}


def _unknown(page_type: str, stated: str, shown: dict[str, Any]) -> dict[str, Any]:
    """A type of its own, or none: what the sample shows, otherwise an object, as such types are."""
    if is_named(page_type):
        found = shown or {**_OBJECT, "x-source": {"type": stated}}
        return {**found, "x-type": page_type} if kinds(found) == {"object"} else found
    return dict(shown) or ({**_OBJECT, "x-source": {"type": stated}} if stated.startswith("table") else {})
