"""Values that break one keyword of a JSON Schema, made from a value that breaks none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_OF_ANOTHER_TYPE: dict[str, Any] = {
    "object": {},
    "array": [],
    "string": "a",
    "boolean": True,
    "integer": 7,
    "number": 0.5,
    "null": None,
}


def violations(schema: dict[str, Any], value: Any) -> Iterator[tuple[str, Any]]:
    """Pairs of a keyword and the value changed so that this keyword, and only one, is violated."""
    allowed = schema.get("type")
    named = [allowed] if isinstance(allowed, str) else allowed or []
    for name, other in _OF_ANOTHER_TYPE.items():
        if named and name not in named and not (name == "integer" and "number" in named):
            yield "type", other
    if "enum" in schema:
        yield "enum", "none of these"
    if isinstance(value, int) and not isinstance(value, bool):
        for keyword, step in (("minimum", -1), ("maximum", 1)):
            if keyword in schema:
                yield keyword, schema[keyword] + step
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            yield "required", {key: each for key, each in value.items() if key != name}
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from ((keyword, {**value, name: each}) for keyword, each in violations(inner, value[name]))
        if "additionalProperties" in schema and "properties" not in schema:
            yield from (
                (keyword, {**value, "more": each}) for keyword, each in violations(schema["additionalProperties"], None)
            )
    if isinstance(value, list) and "items" in schema:
        first = value[0] if value else None
        yield from ((keyword, [each, *value[1:]]) for keyword, each in violations(schema["items"], first))
