"""Walking a JSON Schema: which keywords hold other schemas (JSON Schema 2020-12, Core 10 and Validation 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

Schema = dict[str, Any]
S = TypeVar("S", bound=Schema)

_ONE = frozenset(("items", "contains", "propertyNames", "additionalProperties", "unevaluatedItems"))
_ONE |= {"unevaluatedProperties", "contentSchema", "not", "if", "then", "else"}
_NAMED = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs"))
_LISTED = frozenset(("prefixItems", "allOf", "anyOf", "oneOf"))


def walk(schema: Schema, at: str = "") -> Iterator[tuple[str, Schema]]:
    """The schema and every schema inside it, each with its JSON Pointer (RFC 6901), the outer first."""
    yield at, schema
    for key, value in schema.items():
        if key in _ONE:
            if isinstance(value, dict):
                yield from walk(value, f"{at}/{key}")
        elif key in _NAMED or key in _LISTED:
            for step, each in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(each, dict):
                    yield from walk(each, f"{at}/{key}/{escape(str(step))}")


def rebuild(schema: Schema, change: Callable[[Schema, str], S], at: str = "") -> S:
    """A copy in which every schema is what ``change`` makes of it and its JSON Pointer, the inner first."""
    found: Schema = {}
    for key, value in schema.items():
        if key in _ONE and isinstance(value, dict):
            value = rebuild(value, change, f"{at}/{key}")
        elif key in _NAMED and isinstance(value, dict):
            value = {
                name: rebuild(each, change, f"{at}/{key}/{escape(name)}") if isinstance(each, dict) else each
                for name, each in value.items()
            }
        elif key in _LISTED and isinstance(value, list):
            value = [
                rebuild(each, change, f"{at}/{key}/{index}") if isinstance(each, dict) else each
                for index, each in enumerate(value)
            ]
        found[key] = value
    return change(found, at)


def without(schema: Schema, *keywords: str) -> Schema:
    """The schema without these keywords, at any depth."""
    return rebuild(schema, lambda each, _: {key: value for key, value in each.items() if key not in keywords})


def escape(name: str) -> str:
    """A name as a step of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1") if "~" in name or "/" in name else name


def unescape(step: str) -> str:
    """The name that a step of a JSON Pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")
