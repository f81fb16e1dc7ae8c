"""The types that pages name, as JSON Schema keywords: one table for all dialects."""

from __future__ import annotations

from typing import Any

_TEXT: dict[str, Any] = {"type": ["string", "null"]}


def _integer(bits: int) -> dict[str, Any]:
    bound = 2 ** (bits - 1)
    return {"type": "integer", "format": f"int{bits}", "minimum": -bound, "maximum": bound - 1}


_TYPES: dict[str, dict[str, Any]] = {
    "int16": _integer(16),
    "int32": _integer(32),
    "int64": _integer(64),
    "integer": {"type": "integer"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "decimal": {"type": "number"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "boolean": {"type": "boolean"},
    "date-time": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "string": _TEXT,
    # Bytes travel as Base64 text.
    "byte": {**_TEXT, "contentEncoding": "base64"},
    "object": {"type": ["object", "null"]},
    "array": {"type": ["array", "null"]},
}


def type_keywords(name: str) -> dict[str, Any] | None:
    """The JSON Schema keywords of a type as a page spells it; None for an empty or an unknown name."""
    keywords = _TYPES.get(name.strip().lower())
    return dict(keywords) if keywords is not None else None


def kinds(schema: dict[str, Any]) -> set[str]:
    """The JSON types that a schema names, null left out."""
    named = schema.get("type", [])
    return {*([named] if isinstance(named, str) else named)} - {"null"}
