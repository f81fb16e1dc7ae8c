"""JSON with long lists, made one element at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def marker(name: str) -> list[str]:
    """The mark in a document in place of the list of that name."""
    return [f"\0{name}"]


def json_parts(document: Any, lists: Mapping[str, Iterable[Any]]) -> Iterator[bytes]:
    """The document as ``json.dumps`` indents it, in parts; ``lists`` are in the order of their markers in it."""
    rest = _text(document)
    for name, elements in lists.items():
        # A line feed in a text is escaped, so this is a list of one string, and no part of one.
        found = re.search(rf"\[\n( *){re.escape(json.dumps(marker(name)[0]))}(\n *\])", rest)
        assert found is not None, name
        yield _bytes(rest[: found.start()] + "[")
        indent, end = f"\n{found[1]}", ""
        for element in elements:
            yield _bytes(("," if end else "") + indent + _text(element).replace("\n", indent))
            end = found[2]
        yield _bytes(end or "]")
        rest = rest[found.end() :]
    yield _bytes(rest)


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
