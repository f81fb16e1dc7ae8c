"""Elements as XML 1.0, UTF-8.

``<ArrayOfItem>`` holds one ``<Item>`` for each element, and that one element for each property. Null is
``xsi:nil="true"``; a map holds ``<Entry Key="...">`` for each key, so that a key may be any text.
"""

from __future__ import annotations

from typing import Any

from conformance.reference.faults.catalogue import Faults
from conformance.reference.values import Element

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_INSTANCE = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;",
                            "\t": "&#9;"})  # fmt: skip


class XmlWriter:
    """Writes the results of one operation; the schema distinguishes objects with named members from maps."""

    def __init__(self, schema: dict[str, Any], name: str, faults: Faults) -> None:
        self._schema = schema
        self._item = name or "Item"
        self._faults = faults

    def write(self, result: list[Element] | Element | None) -> bytes:
        """The result (a list of elements, or one) as an XML document."""
        parts = [_HEAD]
        if isinstance(result, list):
            root = f"ArrayOf{self._item}"
            parts.append(f"<{root} {_INSTANCE}>")
            for element in result:
                self._element(parts, f"<{self._item}", f"</{self._item}>", element, self._schema)
            parts.append(f"</{root}>")
        else:
            self._element(parts, f"<{self._item} {_INSTANCE}", f"</{self._item}>", result, self._schema)
        return "".join(parts).encode()

    def _element(self, parts: list[str], start: str, end: str, value: Any, schema: dict[str, Any]) -> None:
        kind = type(value)
        if value is None:
            parts.append(start + ' xsi:nil="true"/>')
            return
        parts.append(start + ">")
        if kind is str:
            escaped = value.translate(_TEXT)
            if "&" in value and start == "<Context" and self._faults("xml-unescaped"):
                escaped = escaped.replace("&amp;", "&")
            parts.append(escaped)
        elif kind is bool:
            parts.append("true" if value else "false")
        elif kind is dict:
            self._members(parts, value, schema)
        elif kind is list:
            for item in value:
                self._element(parts, "<Item", "</Item>", item, schema.get("items", {}))
        else:
            parts.append(str(value))
        parts.append(end)

    def _members(self, parts: list[str], value: dict[str, Any], schema: dict[str, Any]) -> None:
        named: dict[str, Any] = schema.get("properties", {})
        below = schema.get("additionalProperties")
        below = below if isinstance(below, dict) else {}
        for name, item in value.items():
            if isinstance(item, dict) and schema is self._schema and self._faults("xml-loses-objects"):
                continue
            if name in named:
                self._element(parts, f"<{name}", f"</{name}>", item, named[name])
            else:
                key = name.translate(_ATTRIBUTE)
                self._element(parts, f'<Entry Key="{key}"', "</Entry>", item, below)
