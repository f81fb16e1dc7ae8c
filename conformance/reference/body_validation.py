"""Validation of a request body: its values by their documented names and types."""

from __future__ import annotations

import re
from typing import Any

from conformance.contract.schema_types import INT32, types
from conformance.reference.faults.catalogue import Crash, Faults

_INTEGER = re.compile(r"[+-]?\d{1,40}", re.ASCII)
_BOOLEAN = re.compile(r"(?:true|false|0|1)", re.IGNORECASE)


class BodyValidationError(Exception):
    """The body can be parsed, but does not match the schema; the message is for the caller."""


def validate_object(
    body: Any, schema: dict[str, Any], faults: Faults, *, textual: bool = False
) -> dict[str, Any] | None:
    """The documented properties of the body; those that are absent or null are left out. Raises BodyValidationError.

    ``textual``: the body comes from a form or XML, as the texts of each name. None: see ``read_body``.
    """
    if not isinstance(body, dict):
        if faults("wrong-types-ignored"):
            return None
        raise BodyValidationError("The body must be an object")
    documented: dict[str, Any] = schema.get("properties", {})
    names = {name.lower(): name for name in documented}
    found: dict[str, Any] = {}
    for given, value in body.items():
        name = names.get(given.lower())
        if name is None:
            if faults("additional-property-crashes"):
                raise Crash
            continue
        kind = documented[name]
        if textual:
            value = _from_texts(value, kind)
        if value is None:
            continue
        if "array" in types(kind) and not isinstance(value, list) and faults("wrong-types-ignored"):
            return None
        found[name] = _validate(name, value, kind, faults)
    return found


def _from_texts(texts: list[str | None], schema: dict[str, Any]) -> Any:
    """What the texts of a name stand for: an array of all, or the last one."""
    kinds = types(schema)
    if "array" in kinds:
        # A name without a value is the only form of an empty array.
        texts = [] if texts == [None] else texts
        return [_from_text(text, types(schema.get("items", {}))) for text in texts]
    return None if texts[-1] is None else _from_text(texts[-1], kinds)


def _from_text(text: str | None, kinds: tuple[str, ...]) -> Any:
    stripped = (text or "").strip()
    if "integer" in kinds and _INTEGER.fullmatch(stripped):
        return int(stripped)
    if "boolean" in kinds and _BOOLEAN.fullmatch(stripped):
        return stripped.lower() in ("true", "1")
    if "number" in kinds:
        try:
            return float(stripped)
        except ValueError:
            return text
    return text


def _validate(name: str, value: Any, schema: dict[str, Any], faults: Faults) -> Any:
    kinds = types(schema)
    if not kinds:
        return value
    if isinstance(value, float) and value.is_integer() and "integer" in kinds:
        # JSON has one kind of number, 1.0 is an integer (JSON Schema 2020-12, 6.1.1).
        value = int(value)
    if isinstance(value, bool):
        is_valid = "boolean" in kinds
    elif isinstance(value, int):
        is_valid = "integer" in kinds or "number" in kinds
        if "integer" in kinds and value not in INT32:
            if faults("int32-overflow-crashes"):
                raise Crash
            if faults("ids-wrap-around"):
                return (value + 2**31) % 2**32 - 2**31
            is_valid = False
    elif isinstance(value, list):
        is_valid = "array" in kinds
        items = schema.get("items", {})
        if is_valid and types(items) == ("integer",) and all(type(item) is int and item in INT32 for item in value):
            # The common case, made fast for very long arrays.
            return value
        value = [_validate(name, item, items, faults) for item in value] if is_valid else value
    else:
        kind = {float: "number", str: "string", dict: "object", type(None): "null"}[type(value)]
        is_valid = kind in kinds
    if not is_valid:
        raise BodyValidationError(f"{name} must be of type {' or '.join(kinds)}")
    return value
