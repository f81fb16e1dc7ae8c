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
# The percentages for which a server has no number: nothing is done yet, or all is done.
_NULL_PERCENTS = {"null-number": 0, "hundred-percent-null": 100}


def stored(elements: list[Element], variants: Variants) -> list[Element]:
    """The elements that an installation of this variant holds."""
    if "no-data" in variants:
        return []
    if "one-element" in variants:
        # The one that shows most.
        elements = (
            [max(elements, key=lambda element: sum(value is not None for value in element.values()))]
            if elements
            else []
        )
    more = {**(_ANYTHING if "objects-of-anything" in variants else {})}
    more |= {"2nd run": "yes", "/": "root", "": "empty"} if "xml-keys-as-names" in variants else {}
    if more:
        name = "ParameterObject"
        elements = [
            {**element, name: {**element[name], **more}} if element.get(name) else element for element in elements
        ]
    for variant, absent in _NULL_PERCENTS.items():
        if variant in variants:
            elements = [
                {**element, "ProgressPercent": None} if element.get("ProgressPercent") == absent else element
                for element in elements
            ]
    if "one-language" in variants or "ascii-only" in variants:
        elements = [{name: _simple(value, variants) for name, value in element.items()} for element in elements]
    return elements


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
    """Applies the variants to rendered elements; remembers what changes between requests."""

    def __init__(self, variants: Variants, properties: dict[str, dict[str, Any]]) -> None:
        self._variants = variants
        self._zeros = {name: _zero(schema) for name, schema in properties.items() if _zero(schema) is not None}
        self._requests = itertools.count(1)
        self._newest = 0

    def present(self, elements: list[Element]) -> list[Element]:
        """The stored elements that exist at this moment, as those of a running installation change."""
        if "live-data" not in self._variants:
            return elements
        number = next(self._requests)
        self._newest = max([self._newest, *(element.get("Id") or 0 for element in elements)])
        there = [element for element in elements if number % 80 >= 40 or element.get("Id") != self._newest]
        return [
            {**element, "ProgressPercent": (element["ProgressPercent"] + number) % 101}
            if element.get("ProgressPercent") is not None and element.get("State") == "Started"
            else element
            for element in there
        ]

    def __call__(self, elements: list[Element], names: list[str] | None, *, is_xml: bool, zoned: bool) -> list[Element]:
        """The elements to write; ``names`` are those in $select, ``zoned`` says that a time zone was asked for."""
        variants = self._variants
        if not variants:
            return elements
        if "unordered" in variants:
            elements = random.sample(elements, len(elements))
        return [self._element_of(element, names, is_xml=is_xml, zoned=zoned) for element in elements]

    def _element_of(self, element: Element, names: list[str] | None, *, is_xml: bool, zoned: bool) -> Element:
        variants = self._variants
        element = {name: _written(value, variants, zoned=zoned) for name, value in element.items()}
        if "null-objects" in variants:
            element = {name: None if name in _OBJECTS else value for name, value in element.items()}
        if "empty-maps" in variants and names is None:
            element = {name: {} if name in _MAPS and value is None else value for name, value in element.items()}
        if "unselected-left-out" in variants and names is not None:
            chosen = {name.partition("/")[0].strip().lower() for name in names}
            element = {name: value for name, value in element.items() if name.lower() in chosen}
        if not is_xml and "nulls-left-out" in variants:
            element = _without_nulls(element)
        if is_xml and "xml-nil-left-out" in variants:
            element = {name: value for name, value in element.items() if value is not None}
        if "additional-properties" in variants and names is None:
            element = {**element, "Etag": f"v{element.get('Id')}", "_Links": {"Self": f"/tasks/{element.get('Id')}"}}
        if "zero-for-null" in variants:
            element = {name: self._zeros.get(name) if value is None else value for name, value in element.items()}
        if "counts-as-fractions" in variants and not is_xml:
            element = {
                name: float(value) if name in _COUNTS and value is not None else value
                for name, value in element.items()
            }
        if "property-order" in variants and not is_xml:
            element = _shuffled(element)
        return element


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
