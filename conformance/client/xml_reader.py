"""An XML text as nested values, built while it is read: one pass, one copy, its elements counted as they come."""

from __future__ import annotations

from typing import Any
from xml.parsers.expat import ParserCreate

from conformance.client.reading import check_depth, check_values


def read_xml(data: bytes | str) -> tuple[dict[str, Any], int]:
    """``{root: node}`` and how many elements and attributes there are.

    A node is None (empty or nil), text, a dict of children and ``@attributes``, or a list of such. Raises ExpatError,
    ValueError (entities, an encoding that is not known) and BeyondLimits.
    """
    reader = _Reader()
    parser = ParserCreate("utf-8" if isinstance(data, str) else None)
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = _forbid_entities
    parser.Parse(data.encode() if isinstance(data, str) else data, True)
    return reader.root, reader.size


def _forbid_entities(*_: Any) -> None:
    raise ValueError("entities are disabled")


class _Reader:
    """Handlers of expat. Each open element is its children and attributes, its text, and whether it is nil."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self.size = 0
        self._open: list[tuple[dict[str, Any], list[str], bool]] = [(self.root, [], False)]

    def start(self, name: str, attributes: list[str]) -> None:
        """An element begins; ``attributes`` are names and values in turn."""
        self.size += 1 + len(attributes) // 2
        check_values(self.size)
        check_depth(len(self._open))
        held: dict[str, Any] = {}
        nil = False
        for at in range(0, len(attributes), 2):
            attribute, value = attributes[at], attributes[at + 1]
            local = _local(attribute)
            if local == "nil":
                nil = nil or value.strip() in ("true", "1")
            elif ":" not in attribute and attribute != "xmlns":
                # Attributes of other vocabularies describe the value and are not one: xml:lang, xml:space
                # (XML 1.0, 2.10 and 2.12), xsi:type, declarations of namespaces, a serializer's ids.
                held["@" + local] = value
        self._open.append((held, [], nil))

    def text(self, data: str) -> None:
        """Text of the innermost open element."""
        self._open[-1][1].append(data)

    def end(self, name: str) -> None:
        """An element ends: what it holds goes to the element around it."""
        held, texts, nil = self._open.pop()
        text = "".join(texts)
        node: Any = None if nil else held or text or None
        if not nil and held and text.strip():
            # Text of white space alone beside elements is their indentation.
            held["#text"] = text
        around = self._open[-1][0]
        local = _local(name)
        if local not in around:
            around[local] = node
        elif isinstance(around[local], list):
            around[local].append(node)
        else:
            around[local] = [around[local], node]


def _local(name: str) -> str:
    return name.rpartition(":")[2]
