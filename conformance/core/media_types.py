"""Media types: what they are, and which of them a header such as Accept names (RFC 9110, 8.3.1 and 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterable

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
JSON_SUFFIXES = ("/json", "+json")
XML_SUFFIXES = ("/xml", "+xml")


def without_parameters(value: str) -> str:
    """The type alone, in lower case: ``text/xml`` of ``Text/XML; charset=utf-8``."""
    return value.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether the media type is JSON or based on it (RFC 6839 3.1)."""
    return media_type.lower().endswith(JSON_SUFFIXES)


def is_xml(media_type: str) -> bool:
    """Whether the media type is XML or based on it (RFC 7303 4.2)."""
    return media_type.lower().endswith(XML_SUFFIXES)


def names_one_of(value: str, types: Iterable[str]) -> bool:
    """Whether one member of the header is one of the types, or a range that has one of them in it."""
    ranges = [without_parameters(member) for member in value.split(",")]
    return any(_is_in(name.strip().lower(), each) for each in ranges for name in types)


def _is_in(name: str, media_range: str) -> bool:
    kind, _, subtype = media_range.partition("/")
    return name == media_range or (subtype == "*" and kind in ("*", name.partition("/")[0]))
