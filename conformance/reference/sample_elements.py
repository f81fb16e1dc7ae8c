"""Elements for operations that have no data of their own, made from the schema of their response."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from conformance.contract.schema_types import types
from conformance.reference.time_zone import BASE_ZONE

_FIRST = datetime(2019, 1, 15, 10, 30, tzinfo=BASE_ZONE)


def make(schema: dict[str, Any], number: int, name: str = "value") -> Any:
    """A value of the schema; another ``number`` gives another value."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][number % len(schema["enum"])]
    for word in ("anyOf", "oneOf", "allOf"):
        if schema.get(word):
            return make(schema[word][0], number, name)
    kind = _kind(schema)
    if kind == "object":
        found = {child: make(below, number, child) for child, below in schema.get("properties", {}).items()}
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and not found:
            found = {f"{name}{i}": make(more, number + i, name) for i in (1, 2)}
        return found
    if kind == "array":
        return [make(schema.get("items", {}), number + i, name) for i in range(2)]
    if kind == "string" and schema.get("format") == "date-time":
        return _FIRST + timedelta(days=150 * number, minutes=number)
    plain = {"integer": number, "number": number + 0.5, "boolean": number % 2 == 0, "string": f"{name} {number}"}
    return plain.get(kind)


def _kind(schema: dict[str, Any]) -> str:
    return next((kind for kind in types(schema) if kind != "null"), "object" if "properties" in schema else "null")
