"""Where facts and schemas come from, apart from them: JSON Pointers (RFC 6901) lead from the one to the other.

A schema never holds its sources. While it is derived, each schema in it is a ``SourcedSchema``; ``separate`` gives
the schema and its ``SourceMap``, which stay side by side from then on. An operation has its lines in its own fields;
only in files they are apart (``split`` and ``join``), so that a difference between two versions shows facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from conformance.contract.schema_walk import Schema, escape, rebuild, walk


class SourceMap(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the pages say beside a schema, by the pointer of each schema in it.

    ``places`` say for each keyword where it comes from: ``{"type": "table:41"}`` is the row on line 41, ``heading:53``
    the heading of a body, ``sample:76`` the line of a member in the sample, ``rfc6902`` that RFC. ``type_names`` are
    the names that the page has for types; ``components.py`` looks them up among those of other pages.
    """

    places: dict[str, dict[str, str]] = {}
    type_names: dict[str, str] = {}

    def without(self, pointers: set[str]) -> SourceMap:
        """The places alone, without those of the schemas that the pointers lead to."""
        if not pointers:
            return SourceMap(self.places)
        return SourceMap({at: places for at, places in self.places.items() if not _is_inside(at, pointers)})


class SourcedSchema(dict[str, Any]):
    """A schema that is being derived, with the place of each keyword and its type's name beside it."""

    __slots__ = ("places", "type_name")

    def __init__(self, keywords: Schema, places: dict[str, str] | None = None, type_name: str = "") -> None:
        super().__init__(keywords)
        self.places = places or {}
        self.type_name = type_name


def separate(schema: Schema) -> tuple[Schema, SourceMap]:
    """The schema as plain data, and its sources."""
    places: dict[str, dict[str, str]] = {}
    type_names: dict[str, str] = {}
    for at, each in walk(schema):
        if isinstance(each, SourcedSchema):
            if each.places:
                places[at] = each.places
            if each.type_name:
                type_names[at] = each.type_name
    return rebuild(schema, lambda each, _: each), SourceMap(places, type_names)


def sourced(schema: Schema, source: SourceMap, at: str, page: str) -> SourcedSchema:
    """The schema at a pointer with its sources beside it again, each place with the name of its page."""

    def change(each: Schema, here: str) -> SourcedSchema:
        places = {keyword: f"{page}:{place}" for keyword, place in source.places.get(here, {}).items()}
        return SourcedSchema(each, places, source.type_names.get(here, ""))

    return rebuild(schema, change, at)


def _is_inside(at: str, pointers: set[str]) -> bool:
    while at and at not in pointers:
        at = at.rpartition("/")[0]
    return at in pointers


_LINES = ("line", "body_line", "summary_line", "digests")


def split(content: Any) -> tuple[Any, dict[str, Any]]:
    """An operation's content without its lines, and the lines by the pointer of the object that they were in."""
    lines: dict[str, Any] = {}
    return _split(content, "", lines), lines


def join(content: Any, lines: Mapping[str, Any], at: str = "") -> Any:
    """The content with its lines again; pointers that lead nowhere are ignored."""
    if isinstance(content, list):
        return [join(item, lines, f"{at}/{index}") for index, item in enumerate(content)]
    if not isinstance(content, dict):
        return content
    joined = {name: join(value, lines, f"{at}/{escape(name)}") for name, value in content.items()}
    own = lines.get(at)
    return {**joined, **own} if isinstance(own, dict) else joined


def _split(content: Any, at: str, lines: dict[str, Any]) -> Any:
    if isinstance(content, list | tuple):
        return [_split(item, f"{at}/{index}", lines) for index, item in enumerate(content)]
    if not isinstance(content, dict):
        return content
    found = {name: value for name, value in content.items() if name in _LINES}
    if found:
        lines[at] = found
    return {
        # The body of a sample is data, whose names mean nothing here.
        name: value if name == "body" else _split(value, f"{at}/{escape(name)}", lines)
        for name, value in content.items()
        if name not in found
    }
