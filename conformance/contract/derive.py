"""An operation's JSON Schemas: types from the page's tables; what the tables do not say, from its samples.

Where table and sample contradict each other, the table wins. A struct may have more properties, so an additional one is
for a requirement to judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.contract.model import Body, Operation, OperationContract, Row, Sample, Selection
from conformance.contract.sample_schema import SampleReader, common
from conformance.contract.schema_types import is_named, is_vague, kinds, type_keywords
from conformance.contract.schema_walk import Schema
from conformance.contract.source_map import SourcedSchema, SourceMap, separate
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
    usual layout with one member a line is assumed.
    """
    request, request_source = _document(
        operation, "request", operation.request, operation.sample_request, request_lines
    )
    response, response_source = _document(
        operation, "response", operation.response, operation.sample_response, response_lines
    )
    return OperationContract(
        operation=operation,
        request=request,
        response=response,
        request_source=request_source,
        response_source=response_source,
    )


def _document(
    operation: Operation, role: str, body: Body | None, sample: Sample | None, lines: Lines | None
) -> tuple[Schema | None, SourceMap]:
    if body is None:
        return None, SourceMap()
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
    found, source = separate(schema)
    return {"$schema": DIALECT, "$id": f"urn:conformance:{operation.id}:{role}", **found}, source


def is_patch(body: Body) -> bool:
    """Whether a body is a list of changes to a document (JSON Patch, RFC 6902), as its table shows."""
    return {row.name for row in body.properties} == {"op", "path", "value"}


def _patch(body: Body, value: Any, reader: SampleReader) -> SourcedSchema:
    """Changes are an array of operations, or an object that is a merge patch (RFC 7396)."""
    schema = _table(body, value if isinstance(value, list) else [], reader, "request")
    items: SourcedSchema = schema["items"]
    # RFC 6902, section 4: any JSON value, whatever the table calls it.
    items["properties"]["value"] = {}
    items["required"] = ["op", "path"]
    items.places["required"] = "rfc6902"
    schema["type"], schema.places["type"] = ["array", "object"], "rfc7396"
    return schema


def _table(body: Body, value: Any, reader: SampleReader, role: str) -> SourcedSchema:
    """A body with a table: an object of the table's properties, or an array of such objects."""
    array = body.kind.lower() == "array" or isinstance(value, list)
    # Without a sample, several have a name in the plural.
    array = array or (value is None and not body.kind and body.is_plural)
    elements: list[tuple[Pointer, Any]] = [((), value)]
    if isinstance(value, list):
        elements = [((index,), element) for index, element in enumerate(value)]
    first = f"table:{body.properties[0].line}"
    stated = f"heading:{body.line}" if body.kind else first
    properties = {row.name: _property(row, elements, reader) for row in body.properties}
    keywords: Schema = {"type": "object", "properties": properties}
    places = {"type": first if array else stated, "properties": first}
    if role == "response":
        keywords["required"], places["required"] = list(properties), first
    element = SourcedSchema(keywords, places, body.kind if is_named(body.kind) else "")
    if not array:
        return element
    return SourcedSchema({"type": "array", "items": element}, {"type": stated, "items": first})


def _property(row: Row, elements: Sequence[tuple[Pointer, Any]], reader: SampleReader) -> SourcedSchema:
    """One row of the table, with what the elements of the sample show of it together."""
    shown = common(
        reader.schema(element[row.name], (*at, row.name))
        for at, element in elements
        if isinstance(element, dict) and row.name in element
    )
    found = _typed(row.type, f"table:{row.line}", shown)
    if _IDS.search(row.name) and "array" in kinds(found) and "items" not in found and not shown:
        # Ids are integers, as everywhere else.
        found["items"], found.places["items"] = type_keywords("int32"), f"table:{row.line}"
    return found


def _untabled(body: Body, value: Any, reader: SampleReader) -> SourcedSchema:
    """A body without a table: what its kind says (``string``, ``array``...) and the sample shows."""
    shown = reader.schema(value, ())
    schema = _typed(body.kind, f"heading:{body.line}", shown)
    if not body.kind and not shown:
        hinted = type_keywords(body.hint) or {}
        return SourcedSchema(hinted, dict.fromkeys(hinted, f"prose:{body.line}"))
    found = kinds(schema)
    if found & {"array", "object"}:
        schema["type"] = found.pop()
    return schema


def _typed(page_type: str, stated: str, shown: SourcedSchema) -> SourcedSchema:
    """The keywords of a type on the page, completed by those that the sample shows for the same type."""
    keywords = type_keywords(page_type)
    if keywords is None:
        return _unknown(page_type, stated, shown)
    places = dict.fromkeys(keywords, stated)
    if kinds(keywords) == kinds(shown):
        completing = ["items", "properties", "required", "additionalProperties"]
        if is_vague(page_type):
            completing += ["format", "contentEncoding", "minimum", "maximum"]
        for keyword in completing:
            if keyword in shown:
                keywords[keyword] = shown[keyword]
                places[keyword] = shown.places[keyword]
    return SourcedSchema(keywords, places)


def _unknown(page_type: str, stated: str, shown: SourcedSchema) -> SourcedSchema:
    """A type of its own, or none: what the sample shows, otherwise an object, as such types are."""
    if is_named(page_type):
        found = shown or SourcedSchema(_OBJECT, {"type": stated})
        named = kinds(found) == {"object"}
        return SourcedSchema(found, found.places, page_type if named else "")
    if not shown and stated.startswith("table"):
        return SourcedSchema(_OBJECT, {"type": stated})
    return shown
