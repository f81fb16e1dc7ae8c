"""On which line of a JSON text each member is."""

from __future__ import annotations

import json
import re
from typing import Any

Pointer = tuple[str | int, ...]
"""The names and indexes that lead to a member; ``()`` is the whole text."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def member_lines(text: str, first_line: int) -> dict[Pointer, int]:
    """The line of each member of a valid JSON text whose first line is ``first_line``.

    A member of an object is where its name is. If a name is given twice, the last one counts, as it does
    for Python's parser.
    """
    lines: dict[Pointer, int] = {}
    line, seen = first_line, 0
    # A step for each open array (the current index) and object (the current name; None before the next name).
    path: list[str | int | None] = []
    for token in _TOKEN.finditer(text):
        line += text.count("\n", seen, token.start())
        seen = token.start()
        word = token[0]
        if word == ":":
            continue
        if word == ",":
            last = path[-1]
            path[-1] = last + 1 if isinstance(last, int) else None
        elif word in "}]":
            path.pop()
        elif path and path[-1] is None:
            path[-1] = json.loads(word)
            lines[_pointer(path)] = line
        else:
            if not path or isinstance(path[-1], int):
                lines[_pointer(path)] = line
            if word in "{[":
                path.append(None if word == "{" else 0)
    return lines


def usual_lines(value: Any, first_line: int) -> dict[Pointer, int]:
    """The same for a value whose text is not available: one member a line, as documentation lays it out."""
    return member_lines(json.dumps(value, indent=2), first_line)


def _pointer(path: list[str | int | None]) -> Pointer:
    return tuple(step for step in path if step is not None)
