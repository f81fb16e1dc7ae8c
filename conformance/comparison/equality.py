"""Equality of JSON values, and of a JSON value with a text in XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from conformance.comparison.date_times import is_zero_date, parse_date_time
from conformance.comparison.redacted import RedactedNumber

# The characters that XML 1.0 (2.2, Char) does not allow, and U+FFFD, which servers write in place of one.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffc\U00010000-\U0010ffff]")


def is_equal(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal (JSON Schema 2020-12, 4.2.2): true is not 1, but 1 is 1.0."""
    if type(left) is not type(right):
        return _is_number(left) and _is_number(right) and bool(left == right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(is_equal(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(is_equal, left, right))
    return bool(left == right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_null(value: Any) -> bool:
    """Whether a property has no value: it is null or absent, or in XML nil or empty."""
    return value is None


def is_zero(value: Any, schema: dict[str, Any]) -> bool:
    """Whether the value is the zero of an integer, bool or date-time; a type without null uses it for "no value"."""
    if schema.get("format") == "date-time":
        moment = parse_date_time(value.strip()) if isinstance(value, str) else None
        return moment is not None and is_zero_date(moment)
    kinds = {*([schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", ()))} - {"null"}
    if kinds <= {"integer", "number"} and kinds:
        number = as_number(value)
        return number is not None and number == 0
    return kinds == {"boolean"} and str(value).strip().lower() == "false"


def as_integer(value: Any) -> int | None:
    """The integer that a JSON number is, also 12.0 (JSON Schema 2020-12, 6.1.1); None for any other value, and for what
    stands for a secret."""
    if isinstance(value, bool | RedactedNumber) or not isinstance(value, int | float):
        return None
    return int(value) if isinstance(value, int) or value.is_integer() else None


def as_number(value: Any) -> Decimal | None:
    """The number that a JSON number or a text is; None for any other value."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar and every empty container in a JSON value, with its path (``TableRight/Mask``, ``Items/0``)."""
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from leaves(item, f"{path}/{name}" if path else name)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}/{index}" if path else str(index))
    else:
        yield path, value


def is_equal_text(value: Any, text: str) -> bool:
    """Whether a text in XML has the value of a JSON scalar."""
    if isinstance(value, bool):
        return text.strip().lower() in (("true", "1") if value else ("false", "0"))
    if isinstance(value, int | float):
        return as_number(text) == as_number(value)
    mine, theirs = parse_date_time(value), parse_date_time(text.strip())
    if mine is not None and theirs is not None:
        if (mine.tzinfo is None) == (theirs.tzinfo is None):
            return mine == theirs
        return mine.replace(tzinfo=None) == theirs.replace(tzinfo=None)
    return normalize_text(str(value)) == normalize_text(text)


def normalize_text(text: str) -> str:
    """A text without the differences that XML cannot keep.

    XML does not allow most control characters: a server may drop or replace them. A parser turns every line end into
    a line feed (XML 1.0, 2.11). A text of white space only may be read as empty.
    """
    text = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if text.strip() else ""
