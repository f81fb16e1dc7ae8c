"""A JSON Schema of what a sample shows, if a page's tables say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.contract.schema_types import INT32, integer, kinds, type_keywords
from conformance.contract.source_map import SourcedSchema
from conformance.core.json_lines import Pointer

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_NUMBERED = re.compile(r"(.*?)(\d+)")
_RAW = "raw bytes"
_BYTES = type_keywords("byte") or {}


class SampleReader:
    """Reads schemas from one sample body; ``lines`` are those of its members, ``page`` a prefix of them.

    What is sent stays within what the sample shows (int32); what comes back may be more than one sample can show,
    so an integer of a response has no bounds, but every member shown is ``required``, unless a query chooses them.
    """

    def __init__(self, lines: Mapping[Pointer, int], *, response: bool, required: bool = False, page: str = "") -> None:
        self._lines = lines
        self._response = response
        self._required = required
        self._page = f"{page}:" if page else ""

    def schema(self, value: Any, at: Pointer) -> SourcedSchema:
        """The schema of the sample's ``value``, whose place is ``at``; an empty one for null, which shows nothing."""
        keywords = self._keywords(value, at)
        return SourcedSchema(keywords, dict.fromkeys(keywords, f"sample:{self._page}{self._lines.get(at, 0)}"))

    def _keywords(self, value: Any, at: Pointer) -> dict[str, Any]:
        match value:
            case None:
                return {}
            case bool():
                return {"type": "boolean"}
            case int():
                small = value in INT32 and not self._response
                return integer(32) if small else {"type": "integer"}
            case float():
                return {"type": "number"}
            case str():
                if _RAW in value:
                    return dict(_BYTES)
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
            # A deep ``{}`` is where the sample was truncated.
            return {}
        return {"properties": members, **({"required": list(members)} if self._required else {})}


def invented(names: Iterable[str]) -> bool:
    """Whether an object's names are placeholders (``fieldName``; ``Prop1``, ``Prop2``): then it is a map."""
    listed = list(names)
    if listed == ["fieldName"]:
        return True
    matches = [_NUMBERED.fullmatch(name) for name in listed]
    stems = {match[1] for match in matches if match}
    numbers = [int(match[2]) for match in matches if match]
    return bool(listed) and len(stems) == 1 and numbers == list(range(1, len(listed) + 1))


def common(schemas: Iterable[SourcedSchema]) -> SourcedSchema:
    """What all schemas of samples that show anything allow together; an empty one if they are of different types.

    A member that only some have is not required; the place of a keyword is the first that shows it.
    """
    informative = [schema for schema in schemas if schema]
    found = {kind for schema in informative for kind in kinds(schema)}
    if found == {"integer", "number"}:
        informative = [schema for schema in informative if kinds(schema) == {"number"}]
    elif len(found) != 1:
        return SourcedSchema({})
    first = informative[0]
    same_name = all(schema.type_name == first.type_name for schema in informative[1:])
    if same_name and all(schema == first for schema in informative[1:]):
        return first
    result = {keyword: first[keyword] for keyword in _agreed(informative)}
    result |= _children(informative)
    places: dict[str, str] = {}
    for schema in reversed(informative):
        places |= {keyword: place for keyword, place in schema.places.items() if keyword in result}
    ordered = {keyword: places[keyword] for keyword in result if keyword in places}
    return SourcedSchema(result, ordered, first.type_name if same_name else "")


_NESTED = ("items", "properties", "required", "additionalProperties")


def _agreed(schemas: list[SourcedSchema]) -> list[str]:
    """The keywords, except nested ones, that all have with the same value."""
    first = schemas[0]
    names = (keyword for keyword in first if keyword not in _NESTED)
    return [name for name in names if all(schema.get(name) == first[name] for schema in schemas)]


def _children(schemas: list[SourcedSchema]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for keyword in ("items", "additionalProperties"):
        merged = common(schema[keyword] for schema in schemas if keyword in schema)
        if merged:
            result[keyword] = merged
    listed = [schema["properties"] for schema in schemas if "properties" in schema]
    if not listed:
        return result
    # Names of a map in one sample and of a struct in another say nothing.
    if "additionalProperties" in result:
        del result["additionalProperties"]
        return result
    names = dict.fromkeys(name for properties in listed for name in properties)
    result["properties"] = {name: common(each[name] for each in listed if name in each) for name in names}
    required = [schema.get("required", []) for schema in schemas if "properties" in schema]
    everywhere = [name for name in names if all(name in each for each in required)]
    if everywhere:
        result["required"] = everywhere
    return result
