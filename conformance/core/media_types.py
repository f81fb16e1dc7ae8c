"""Which of some media types a header such as Accept names (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterable


def names_one_of(value: str, types: Iterable[str]) -> bool:
    """Whether one member of the header is one of the types, or a range that has one of them in it."""
    ranges = [member.partition(";")[0].strip().lower() for member in value.split(",")]
    return any(_is_in(name.strip().lower(), each) for each in ranges for name in types)


def _is_in(name: str, media_range: str) -> bool:
    kind, _, subtype = media_range.partition("/")
    return name == media_range or (subtype == "*" and kind in ("*", name.partition("/")[0]))
