"""Which line of a JSON text each member stands on."""

from __future__ import annotations

import json
import re
from typing import Any

Pointer = tuple[str | int, ...]
"""The names and indexes that lead to a member; ``()`` is the whole text."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def member_lines(text: str, first_line: int) -> dict[Pointer, int]:
    """The line of each member of a valid JSON text whose first line is ``first_line``."""
    lines: dict[Pointer, int] = {}
    line, seen = first_line, 0
    # One entry for each open object (the name of the member at hand) or array (its index).
    path: list[str | int | None] = []
    named = False
    for token in _TOKEN.finditer(text):
        line += text.count("\n", seen, token.start())
        seen = token.start()
        word = token[0]
        if word == ":":
            continue
        if word == ",":
            if isinstance(path[-1], int):
                path[-1] += 1
            continue
        if word in "}]":
            path.pop()
            named = bool(path) and isinstance(path[-1], str)
            if named:
                path[-1], named = None, False
            continue
        if path and path[-1] is None:
            path[-1] = json.loads(word)
            lines[_pointer(path)] = line
            continue
        lines.setdefault(_pointer(path), line)
        if word in "{[":
            path.append(None if word == "{" else 0)
        elif path and isinstance(path[-1], str):
            path[-1] = None
    return lines


def usual_lines(value: Any, first_line: int) -> dict[Pointer, int]:
    """The same for a value whose text is not at hand: one member a line, as documentation lays it out."""
    return member_lines(json.dumps(value, indent=2), first_line)


def _pointer(path: list[str | int | None]) -> Pointer:
    return tuple(step for step in path if step is not None)
