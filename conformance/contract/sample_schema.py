"""A JSON Schema of what a sample shows, where a page's tables say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.contract.json_lines import Pointer
from conformance.contract.types import type_keywords

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_NUMBERED = re.compile(r"(.*?)(\d+)")
_INT32 = type_keywords("int32") or {}


class SampleReader:
    """Reads schemas off one sample body; ``lines`` are those of its members.

    What is sent stays within what the sample shows (int32); what comes back may be more than one sample can show,
    so an integer of a response has no bounds, but every member shown is required.
    """

    def __init__(self, lines: Mapping[Pointer, int], *, response: bool) -> None:
        self._lines = lines
        self._response = response

    def schema(self, value: Any, at: Pointer) -> dict[str, Any]:
        """The schema of the sample's ``value``, which stands at ``at``; ``{}`` for null, which shows nothing."""
        keywords = self._keywords(value, at)
        if keywords:
            keywords["x-source"] = dict.fromkeys(keywords, f"sample:{self._lines.get(at, 0)}")
        return keywords

    def _keywords(self, value: Any, at: Pointer) -> dict[str, Any]:
        match value:
            case None:
                return {}
            case bool():
                return {"type": "boolean"}
            case int():
                small = _INT32["minimum"] <= value <= _INT32["maximum"]
                return dict(_INT32) if small and not self._response else {"type": "integer"}
            case float():
                return {"type": "number"}
            case str():
                dated = {"format": "date-time"} if _DATE_TIME.fullmatch(value) else {}
                return {"type": ["string", "null"], **dated}
            case list():
                items = common(self.schema(item, (*at, index)) for index, item in enumerate(value))
                return {"type": ["array", "null"], **({"items": items} if items else {})}
            case _:
                return {"type": ["object", "null"], **self._members(value, at)}

    def _members(self, value: dict[str, Any], at: Pointer) -> dict[str, Any]:
        members = {name: self.schema(member, (*at, name)) for name, member in value.items()}
        if invented(members):
            values = common(members.values())
            return {"additionalProperties": values} if values else {}
        if not members:
            return {}
        return {"properties": members, **({"required": list(members)} if self._response else {})}


def invented(names: Iterable[str]) -> bool:
    """Whether an object's names are placeholders (``fieldName``; ``Prop1``, ``Prop2``): then it is a map."""
    listed = list(names)
    if listed == ["fieldName"]:
        return True
    matches = [_NUMBERED.fullmatch(name) for name in listed]
    stems = {match[1] for match in matches if match}
    numbers = [int(match[2]) for match in matches if match]
    return bool(listed) and len(stems) == 1 and numbers == list(range(1, len(listed) + 1))


def common(schemas: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The schema that all agree in, apart from their lines; ``{}`` where they differ or show nothing."""
    telling = [schema for schema in schemas if schema]
    shapes = [without_source(schema) for schema in telling]
    return telling[0] if shapes and all(shape == shapes[0] for shape in shapes) else {}


def without_source(schema: Any) -> Any:
    """The schema without its ``x-source`` keywords."""
    if isinstance(schema, dict):
        return {key: without_source(value) for key, value in schema.items() if key != "x-source"}
    return [without_source(item) for item in schema] if isinstance(schema, list) else schema
