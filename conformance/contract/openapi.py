"""A contract as OpenAPI 3.1 documents: for other tools, and for Schemathesis to generate and check with.

One document if that is legal. Two operations of one method and path, or two spellings of one path template
(OpenAPI 3.1.1, "Paths Object": templated paths that differ in names only are identical), need a second one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from conformance.contract.components import REFERENCE, Components, references
from conformance.contract.derive import is_patch
from conformance.contract.model import Fact, Operation, OperationContract, Row
from conformance.contract.schema_types import kinds, type_keywords, with_null
from conformance.contract.schema_walk import Schema, rebuild, without
from conformance.core.media_types import FORM, JSON

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PATCHES = ("application/json-patch+json", "application/merge-patch+json")
# OpenAPI has places of its own for these (OpenAPI 3.1.1, "Parameter Object").
_ELSEWHERE = ("authorization", "accept", "content-type")
_STRUCTURED = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?(?:json|xml)|" + re.escape(FORM))

Document = dict[str, Any]


def documents(contracts: Iterable[OperationContract], components: Components, version: str) -> list[Document]:
    """As few documents as are legal; ``contracts`` name ``components``, ``version`` is the API's own."""
    placed: list[list[OperationContract]] = []
    spellings: list[dict[str, str]] = []
    taken: list[set[tuple[str, str]]] = []
    for contract in sorted(contracts, key=lambda each: each.operation.id):
        operation = contract.operation
        template, call = _PLACEHOLDER.sub("{}", operation.path), (operation.method, operation.path)
        for number, known in enumerate(spellings):
            if known.get(template, operation.path) == operation.path and call not in taken[number]:
                break
        else:
            number = len(placed)
            placed.append([])
            spellings.append({})
            taken.append(set())
        placed[number].append(contract)
        spellings[number][template] = operation.path
        taken[number].add(call)
    return [_document(each, components, version, number) for number, each in enumerate(placed, 1)]


def _document(contracts: list[OperationContract], components: Components, version: str, number: int) -> Document:
    paths: dict[str, Any] = {}
    for contract in contracts:
        operation = contract.operation
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(contract)
    title = f"Documented web API, part {number}" if number > 1 else "Documented web API"
    document = _envelope(title, version, dict(sorted(paths.items())))
    found: dict[str, Any] = {}
    needed = sorted(_needed(contracts, components))
    if needed:
        found["schemas"] = {name: _portable(components[name].schema, response=True) for name in needed}
    schemes = {fact.name: _scheme(fact.name) for each in contracts for fact in each.operation.schemes}
    if schemes:
        found["securitySchemes"] = dict(sorted(schemes.items()))
    if found:
        document["components"] = found
    return document


def _needed(contracts: list[OperationContract], components: Components) -> set[str]:
    needed: set[str] = set()
    waiting = [
        name for each in contracts for schema in (each.request, each.response) for name in references(schema or {})
    ]
    while waiting:
        name = waiting.pop()
        if name not in needed and name in components:
            needed.add(name)
            waiting += references(components[name].schema)
    return needed


def _operation(contract: OperationContract) -> dict[str, Any]:
    operation = contract.operation
    found: dict[str, Any] = {"operationId": operation.id, "summary": operation.title, "tags": [_tag(operation)]}
    parameters = _parameters(operation)
    if parameters:
        found["parameters"] = parameters
    if contract.request is not None:
        found["requestBody"] = {"required": True, "content": _request_content(contract)}
    found["responses"] = {
        status.name: {"description": status.type or status.name, **_response_content(contract, status)}
        for status in operation.statuses
    }
    if operation.schemes:
        found["security"] = [{fact.name: []} for fact in operation.schemes]
    return found


def _tag(operation: Operation) -> str:
    parts = [part for part in operation.path.split("/") if part]
    after = parts[2:] if len(parts) > 2 else parts
    return after[1] if operation.is_agent and len(after) > 1 else after[0] if after else operation.id


def _scheme(name: str) -> dict[str, Any]:
    """A scheme of the header Authorization (RFC 9110, 11.6.2); only registered ones are written in small letters."""
    return {"type": "http", "scheme": name.lower() if name.lower() in ("basic", "bearer") else name}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    rows = {row.name.lower(): row for row in operation.path_parameters}
    found = []
    for name in dict.fromkeys(_PLACEHOLDER.findall(operation.path)):
        row = rows.get(name.lower()) or _renamed(name, operation)
        found.append(
            {"name": name, "in": "path", "required": True, "schema": _parameter_schema(row.type if row else "")}
        )
    for where, listed in (("query", operation.query), ("header", operation.headers)):
        seen: set[str] = set()
        for row in listed:
            key = row.name.lower() if where == "header" else row.name
            if key in seen or (where == "header" and key in _ELSEWHERE):
                continue
            seen.add(key)
            required = {"required": True} if row.required else {}
            found.append({"name": row.name, "in": where, **required, "schema": _parameter_schema(row.type)})
    return found


def _renamed(name: str, operation: Operation) -> Row | None:
    """The one row without a placeholder, for the one placeholder without a row."""
    placeholders = {each.lower() for each in _PLACEHOLDER.findall(operation.path)}
    rows = [row for row in operation.path_parameters if row.name.lower() not in placeholders]
    known = {row.name.lower() for row in operation.path_parameters}
    return rows[0] if len(rows) == 1 and len(placeholders - known) == 1 and name.lower() not in known else None


def _parameter_schema(page_type: str) -> dict[str, Any]:
    """A parameter is never null; one whose type the page does not say is text."""
    keywords = type_keywords(page_type) or {"type": "string"}
    named = kinds(keywords)
    schema = {**keywords, "type": next(iter(named), "string")}
    return {**schema, "items": schema.get("items", {"type": "string"})} if schema["type"] == "array" else schema


def _request_content(contract: OperationContract) -> dict[str, Any]:
    operation = contract.operation
    assert contract.request is not None
    body = operation.request
    patch = bool(body and is_patch(body))
    sample = operation.sample_request.header("Content-Type").partition(";")[0] if operation.sample_request else ""
    names = _names(operation.request_types) or (list(_PATCHES) if patch else [sample or JSON])
    schema = _portable(contract.request, response=False)
    return {name: {"schema": _patch(schema, name) if patch else _of_media(schema, name)} for name in names}


def _patch(schema: dict[str, Any], media_type: str) -> dict[str, Any]:
    """Of a patch, what the media type allows: operations, a merged object, or either."""
    if media_type == _PATCHES[0]:
        return {**schema, "type": "array"}
    if media_type == _PATCHES[1]:
        return {"type": "object"}
    return schema


def _response_content(contract: OperationContract, status: Row) -> dict[str, Any]:
    """What a success has; no page describes the content of a refusal."""
    if contract.response is None or not status.name.startswith("2") or status.name in ("204", "205"):
        return {}
    schema = _portable(contract.response, response=True)
    names = _names(contract.operation.response_types) or [JSON]
    return {"content": {name: {"schema": _of_media(schema, name)} for name in names}}


def _names(facts: Iterable[Fact]) -> list[str]:
    return list(dict.fromkeys(fact.name for fact in facts))


def _of_media(schema: dict[str, Any], media_type: str) -> dict[str, Any]:
    """What a media type makes of a schema: one without a structure is bytes, a form's parts are."""
    if _STRUCTURED.fullmatch(media_type.lower()):
        return schema
    if media_type.lower().startswith("multipart/"):
        part = {"type": "string", "contentMediaType": "application/octet-stream"}
        return {"type": "object", "additionalProperties": part}
    return {"type": "string", "contentMediaType": media_type}


def _portable(schema: Schema, *, response: bool) -> Schema:
    """The schema in a document: references into it, no ids of the project's own.

    No page says that a property of a response is always there; ``$select`` says that it is not.
    """
    left_out = ("$id", "$schema", *(("required",) if response else ()))

    def change(each: Schema, _: str) -> Schema:
        return {
            key: value.replace(REFERENCE, "#/components/schemas/") if key == "$ref" else value
            for key, value in each.items()
            if key not in left_out
        }

    return rebuild(schema, change)


def relaxed_document(contract: OperationContract) -> Document:
    """One operation: its JSON bodies and its documented statuses.

    The response schema says no more than every conforming server fulfils: date-times have no ``format`` (an offset is
    not required), and null is allowed everywhere, because ``$select`` nulls what was not selected.
    """
    operation = contract.operation
    content: dict[str, Any] = {}
    if contract.response is not None:
        schema = rebuild(without(contract.response, "$id", "$schema"), _relaxed)
        content = {"content": {fact.name: {"schema": schema} for fact in operation.response_types}}
    path: dict[str, Any] = {
        "operationId": operation.id,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in dict.fromkeys(_PLACEHOLDER.findall(operation.path))
        ],
        "responses": {
            status.name: {"description": status.type or status.name, **content} for status in operation.statuses
        },
    }
    if contract.request is not None:
        schema = without(contract.request, "$id", "$schema")
        types = _names(operation.request_types) or [JSON]
        json_types = [JSON] if JSON in types else types[:1]
        path["requestBody"] = {"required": True, "content": {name: {"schema": schema} for name in json_types}}
    return _envelope(operation.title, "1", {operation.path: {operation.method.lower(): path}})


def _relaxed(schema: Schema, at: str) -> Schema:
    # The values of a map are what its page and sample say.
    if "/additionalProperties" in at.replace("/properties/additionalProperties", ""):
        return schema
    # Checked by requirements: the shape of a date-time, which properties are there, and the bounds of 32 bits.
    found = {k: v for k, v in schema.items() if k not in ("format", "required", "minimum", "maximum")}
    if "type" in found:
        found["type"] = with_null(found)
    # Of a property that is an object the page's table says no more, so it may be anything.
    if at.rpartition("/")[0].endswith("/properties") and ("type" not in found or "object" in found["type"]):
        return {}
    return found


def _envelope(title: str, version: str, paths: dict[str, Any]) -> Document:
    return {"openapi": "3.1.0", "info": {"title": title, "version": version}, "paths": paths}
