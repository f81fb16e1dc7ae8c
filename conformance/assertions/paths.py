"""A path beside the documented ones, which no operation of the contract has."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_SUFFIX = "X"


def sibling(path: str, documented: Iterable[str]) -> str | None:
    """The path with a suffix on its last segment, or on the one before, that matches no documented path.

    None if both match one: a value in the place of a placeholder (``/Thing/{id}``) does not make another path.
    """
    templates = [template(each) for each in documented]
    segments = path.split("/")
    for place in (-1, -2):
        if len(segments) + place <= 0 or not segments[place]:
            continue
        changed = [*segments]
        changed[place] += _SUFFIX
        found = "/".join(changed)
        if not any(each.fullmatch(found) for each in templates):
            return found
    return None


def template(path: str) -> re.Pattern[str]:
    """What a documented path matches: ``{id}`` one segment, ``{*rest}`` any number, ``{id?}`` one or none."""
    pattern = ""
    end = 0
    for match in _PLACEHOLDER.finditer(path):
        name = match[0][1:-1]
        literal = path[end : match.start()]
        if name.startswith("*"):
            pattern += re.escape(literal) + ".*"
        elif name.endswith("?") and literal.endswith("/"):
            pattern += re.escape(literal[:-1]) + "(?:/[^/]+)?"
        else:
            pattern += re.escape(literal) + "[^/]+"
        end = match.end()
    return re.compile(pattern + re.escape(path[end:]), re.IGNORECASE)
