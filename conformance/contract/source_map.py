"""Facts apart from the lines that they stand on: both in memory together, in files side by side.

A line is a member named ``line``, ``body_line``, ``summary_line``, ``digests`` or ``x-source``. JSON Pointers
(RFC 6901) say which object each one belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LINES = ("line", "body_line", "summary_line", "digests", "x-source")
# Below these stand names that a page chooses.
_NAMED_BY_PAGES = ("properties", "body")


def part(content: Any) -> tuple[Any, dict[str, Any]]:
    """The content without its lines, and the lines by the pointer of the object that they were in."""
    lines: dict[str, Any] = {}
    return _part(content, "", lines, free=False), lines


def join(content: Any, lines: Mapping[str, Any]) -> Any:
    """The content with its lines again; pointers that lead nowhere are ignored."""
    return _join(content, "", lines)


def _part(content: Any, at: str, lines: dict[str, Any], *, free: bool) -> Any:
    if isinstance(content, list | tuple):
        return [_part(item, f"{at}/{index}", lines, free=False) for index, item in enumerate(content)]
    if not isinstance(content, dict):
        return content
    found = {} if free else {name: value for name, value in content.items() if name in _LINES}
    if found:
        lines[at] = found
    return {
        name: value if name == "body" else _part(value, f"{at}/{_escape(name)}", lines, free=name in _NAMED_BY_PAGES)
        for name, value in content.items()
        if name not in found
    }


def _join(content: Any, at: str, lines: Mapping[str, Any]) -> Any:
    if isinstance(content, list):
        return [_join(item, f"{at}/{index}", lines) for index, item in enumerate(content)]
    if not isinstance(content, dict):
        return content
    joined = {name: _join(value, f"{at}/{_escape(name)}", lines) for name, value in content.items()}
    own = lines.get(at)
    return {**joined, **own} if isinstance(own, dict) else joined


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
