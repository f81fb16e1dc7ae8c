"""The types that pages name, as JSON Schema keywords: one table for all dialects."""

from __future__ import annotations

import re
from typing import Any

_TEXT: dict[str, Any] = {"type": ["string", "null"]}


INT32 = range(-(2**31), 2**31)
"""The integers of 32 bits."""


def integer(bits: int) -> dict[str, Any]:
    """The keywords of an integer of that many bits."""
    bound = 2 ** (bits - 1)
    return {"type": "integer", "format": f"int{bits}", "minimum": -bound, "maximum": bound - 1}


_TYPES: dict[str, dict[str, Any]] = {
    "int16": integer(16),
    "int32": integer(32),
    "int64": integer(64),
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
    # Bytes travel as Base64 text in JSON and XML, as they are in any other media type.
    "byte": {**_TEXT, "contentEncoding": "base64"},
    "binary": {**_TEXT, "contentEncoding": "base64"},
    "object": {"type": ["object", "null"]},
    "array": {"type": ["array", "null"]},
}


_ENUM = re.compile(r"enum\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")

# Pages of the dialect that names types also name JSON's own, with a capital; those say less than ``int32`` does.
_VAGUE = ("String", "Integer", "Number", "Object", "Array", "Boolean")


def type_keywords(name: str) -> dict[str, Any] | None:
    """The JSON Schema keywords of a type as a page spells it; None for an empty or an unknown name.

    ``Enum: A, B`` is one of these texts, ``T[]`` an array and ``T{}`` a map of what ``T`` is.
    """
    name = name.strip()
    choices = _ENUM.fullmatch(name)
    if choices:
        listed = [choice.strip() for choice in choices[1].split(",") if choice.strip()]
        return {"type": "string", **({"enum": listed} if listed else {})}
    if name.endswith(("[]", "{}")):
        inner = type_keywords(name[:-2])
        array = name.endswith("[]")
        keyword = "items" if array else "additionalProperties"
        return {"type": ["array" if array else "object", "null"], **({keyword: inner} if inner else {})}
    keywords = _TYPES.get(name.lower())
    return dict(keywords) if keywords is not None else None


def is_named(name: str) -> bool:
    """Whether a page's type is the name of a type of its own (``Associate``) rather than a known one or none."""
    return bool(_NAME.fullmatch(name.strip())) and type_keywords(name) is None


def is_vague(name: str) -> bool:
    """Whether a page's type says no more than JSON does (``String`` for date-times too), so that a sample says more."""
    return name.strip() in _VAGUE


def types(schema: dict[str, Any]) -> tuple[str, ...]:
    """The JSON types that a schema names, in its order."""
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named)


def kinds(schema: dict[str, Any]) -> set[str]:
    """The JSON types that a schema names, null left out."""
    return {*types(schema)} - {"null"}


def with_null(schema: dict[str, Any]) -> list[str]:
    """The JSON types that a schema names, and null."""
    return list(dict.fromkeys((*types(schema), "null")))
