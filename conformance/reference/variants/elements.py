"""Variants of elements: which there are, what they hold, and how their properties are written."""

from __future__ import annotations

import itertools
import random
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from conformance.reference.values import Element, Text
from conformance.reference.variants.catalogue import Variants

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)")
_OBJECTS = ("TableRight", "ParameterObject", "FieldProperties")
_MAPS = ("ParameterObject", "FieldProperties")
_COUNTS = ("StartCount", "ProgressPercent")
_ANYTHING = {"Number": 5, "Rates": [1, 2.5, "three"], "Range": {"From": 1, "To": None, "Open": True}}
_UTC = ZoneInfo("UTC")
# The percentages that a server has no number for: nothing done yet, nothing left to do.
_NULL_PERCENTS = {"null-number": 0, "hundred-percent-null": 100}


def stored(rows: list[Element], variants: Variants) -> list[Element]:
    """The elements that an installation of this variant holds."""
    if "no-data" in variants:
        return []
    if "one-element" in variants:
        # The one that shows most.
        rows = [max(rows, key=lambda row: sum(value is not None for value in row.values()))] if rows else []
    more = {**(_ANYTHING if "objects-of-anything" in variants else {})}
    more |= {"2nd run": "yes", "/": "root", "": "empty"} if "xml-keys-as-names" in variants else {}
    if more:
        name = "ParameterObject"
        rows = [{**row, name: {**row[name], **more}} if row.get(name) else row for row in rows]
    for variant, absent in _NULL_PERCENTS.items():
        if variant in variants:
            rows = [{**row, "ProgressPercent": None} if row.get("ProgressPercent") == absent else row for row in rows]
    if "one-language" in variants or "ascii-only" in variants:
        rows = [{name: _simple(value, variants) for name, value in row.items()} for row in rows]
    return rows


def _simple(value: Any, variants: Variants) -> Any:
    if isinstance(value, dict):
        return {_simple(name, variants): _simple(item, variants) for name, item in value.items()}
    if isinstance(value, list):
        return [_simple(item, variants) for item in value]
    if isinstance(value, Text) and "one-language" in variants:
        return next(iter(value.parts.values()), value.raw)
    if isinstance(value, Text):
        return Text(_ascii(value.raw), {code: _ascii(part) for code, part in value.parts.items()})
    return _ascii(value) if isinstance(value, str) and "ascii-only" in variants else value


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()


class ElementVariants:
    """Changes rendered elements as the variants have them; remembers what goes on between requests."""

    def __init__(self, variants: Variants, properties: dict[str, dict[str, Any]]) -> None:
        self._variants = variants
        self._zeros = {name: _zero(schema) for name, schema in properties.items() if _zero(schema) is not None}
        self._requests = itertools.count(1)
        self._newest = 0

    def present(self, rows: list[Element]) -> list[Element]:
        """The stored elements that are there at this moment: a running installation's change meanwhile."""
        if "live-data" not in self._variants:
            return rows
        number = next(self._requests)
        self._newest = max([self._newest, *(row.get("Id") or 0 for row in rows)])
        there = [row for row in rows if number % 80 >= 40 or row.get("Id") != self._newest]
        return [
            {**row, "ProgressPercent": (row["ProgressPercent"] + number) % 101}
            if row.get("ProgressPercent") is not None and row.get("State") == "Started"
            else row
            for row in there
        ]

    def __call__(self, rows: list[Element], names: list[str] | None, *, is_xml: bool, zoned: bool) -> list[Element]:
        """The elements to write; ``names`` are those in $select, ``zoned`` says that a time zone was asked for."""
        variants = self._variants
        if not variants:
            return rows
        if "unordered" in variants:
            rows = random.sample(rows, len(rows))
        return [self._row(row, names, is_xml=is_xml, zoned=zoned) for row in rows]

    def _row(self, row: Element, names: list[str] | None, *, is_xml: bool, zoned: bool) -> Element:
        variants = self._variants
        row = {name: _written(value, variants, zoned=zoned) for name, value in row.items()}
        if "null-objects" in variants:
            row = {name: None if name in _OBJECTS else value for name, value in row.items()}
        if "empty-maps" in variants and names is None:
            row = {name: {} if name in _MAPS and value is None else value for name, value in row.items()}
        if "unselected-left-out" in variants and names is not None:
            chosen = {name.partition("/")[0].strip().lower() for name in names}
            row = {name: value for name, value in row.items() if name.lower() in chosen}
        if not is_xml and "nulls-left-out" in variants:
            row = _without_nulls(row)
        if is_xml and "xml-nil-left-out" in variants:
            row = {name: value for name, value in row.items() if value is not None}
        if "additional-properties" in variants and names is None:
            row = {**row, "Etag": f"v{row.get('Id')}", "_Links": {"Self": f"/tasks/{row.get('Id')}"}}
        if "zero-for-null" in variants:
            row = {name: self._zeros.get(name) if value is None else value for name, value in row.items()}
        if "counts-as-fractions" in variants and not is_xml:
            row = {
                name: float(value) if name in _COUNTS and value is not None else value for name, value in row.items()
            }
        if "property-order" in variants and not is_xml:
            row = _shuffled(row)
        return row


def _zero(schema: dict[str, Any]) -> Any:
    if schema.get("format") == "date-time":
        return "0001-01-01T00:00:00"
    return {"integer": 0, "boolean": False}.get(str(schema.get("type")))


def _shuffled(value: Any) -> Any:
    if isinstance(value, list):
        return [_shuffled(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _shuffled(item) for name, item in random.sample(list(value.items()), len(value))}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(item) for name, item in value.items() if item is not None}


def _written(value: Any, variants: Variants, *, zoned: bool) -> Any:
    if isinstance(value, dict):
        return {name: _written(item, variants, zoned=zoned) for name, item in value.items()}
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return value
    if "dates-without-offset" in variants:
        return re.sub(r"([+-]\d\d:\d\d|Z)$", "", value)
    if "dates-in-utc" in variants and not zoned:
        return datetime.fromisoformat(value).astimezone(_UTC).isoformat().replace("+00:00", "Z")
    if "dates-with-fractions" in variants:
        head, offset = value[:19], re.sub(r"^.{19}(\.\d+)?", "", value)
        return f"{head}.1234567{offset}"
    return value
