"""An XML element compared with a JSON value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.client import codec_xml
from conformance.comparison.equality import is_equal_text, leaves, normalize_text


def is_equal_in_xml(value: Any, node: Any) -> str | None:
    """Why an XML node does not have the JSON value; None if it has it.

    Null is nil, empty or absent in XML, and the kind of line end does not matter. Of an object, an array and a map
    every scalar and every map key must occur, however it is written.
    """
    if isinstance(value, dict | list):
        return _missing_part(value, node)
    found = codec_xml.own_text(node)
    if value is None or value == "":
        return None if found is None or not found.strip() else f"XML has {found!r} where JSON has nothing"
    if found is None:
        return "XML has nothing"
    return None if is_equal_text(value, found) else f"XML has {found!r}"


def _missing_part(value: Any, node: Any) -> str | None:
    """The first scalar or name of an object or array that the XML node does not have; None if it has all."""
    held = list(codec_xml.texts(node))
    texts = {normalize_text(text) for text in held}
    names = {_normalize_name(codec_xml.unescaped(name)) for name in codec_xml.names(node)}
    for path, leaf in leaves(value):
        if leaf in (None, "", {}, []):
            continue
        is_in_texts = isinstance(leaf, str) and normalize_text(leaf) in texts
        if not is_in_texts and not any(is_equal_text(leaf, text) for text in held):
            return f"XML lacks {leaf!r} ({path})"
    for key in _keys(value):
        # Each serializer escapes a key that cannot be an XML element's name in its own way. Its value must be enough.
        if codec_xml.can_be_name(key) and normalize_text(key) not in texts and _normalize_name(key) not in names:
            return f"XML lacks the name {key!r}"
    return None


def _keys(value: Any) -> Iterator[str]:
    """Every name in a JSON value that has a value."""
    if isinstance(value, dict):
        for name, item in value.items():
            if item not in (None, "", {}, []):
                yield name
                yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)


def _normalize_name(name: str) -> str:
    # first-name, first_name and FirstName are one name.
    return "".join(c for c in name if c.isalnum()).lower()
