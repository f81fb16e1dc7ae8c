"""A contract's operations as an OpenAPI 3.1 document, for the tools that read one."""

from __future__ import annotations

import re
from typing import Any

from conformance.contract.model import OperationContract

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def document(contract: OperationContract) -> dict[str, Any]:
    """One operation as OpenAPI 3.1: its JSON bodies and its documented statuses.

    The response schema says no more than every lawful server holds: date-times have no ``format`` (an offset is
    not required), and null is allowed everywhere, because ``$select`` nulls what was not selected.
    """
    operation = contract.operation
    path: dict[str, Any] = {
        "operationId": operation.id,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in dict.fromkeys(_PLACEHOLDER.findall(operation.path))
        ],
        "responses": {
            status.name: {"description": status.type or status.name, **_content(operation.response_types, contract)}
            for status in operation.statuses
        },
    }
    if contract.request is not None:
        schema = _plain(contract.request)
        types = [fact.name for fact in operation.request_types] or ["application/json"]
        json_types = [name for name in types if name == "application/json"] or types[:1]
        path["requestBody"] = {"required": True, "content": {name: {"schema": schema} for name in json_types}}
    return {
        "openapi": "3.1.0",
        "info": {"title": operation.title, "version": "1"},
        "paths": {operation.path: {operation.method.lower(): path}},
    }


def _content(types: Any, contract: OperationContract) -> dict[str, Any]:
    if contract.response is None:
        return {}
    schema = _plain(_nullable(contract.response))
    return {"content": {fact.name: {"schema": schema} for fact in types}}


def _plain(schema: Any) -> Any:
    """The schema without the project's own keywords, ``$id`` and ``$schema``."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key not in ("x-source", "$id", "$schema")}
    return [_plain(item) for item in schema] if isinstance(schema, list) else schema


# Said elsewhere: the shape of a date-time, which properties are there, and the bounds of 32 bits.
_STRICTER = ("format", "required", "minimum", "maximum")


def _nullable(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    changed = {key: value for key, value in schema.items() if key not in _STRICTER}
    kinds = changed.get("type")
    if kinds is not None:
        kinds = kinds if isinstance(kinds, list) else [kinds]
        changed["type"] = [*kinds, *([] if "null" in kinds else ["null"])]
    if "properties" in changed:
        changed["properties"] = {name: _property(value) for name, value in changed["properties"].items()}
    if "items" in changed:
        changed["items"] = _nullable(changed["items"])
    return changed


def _property(schema: Any) -> Any:
    """Of a property that is an object the page's table says no more, so it is left open."""
    kinds = schema.get("type", "object")
    return {} if "object" in (kinds if isinstance(kinds, list) else [kinds]) else _nullable(schema)
