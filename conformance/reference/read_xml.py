"""XML request bodies in the spellings that are in use.

Any root; an array is its name repeated (``<Ids>1</Ids><Ids>2</Ids>``) or a wrapper around items of any name
(``<Ids><int>1</int><int>2</int></Ids>``). Namespaces and prefixes are dropped, ``nil`` is null.
"""

from __future__ import annotations

from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict


def read_xml(source: bytes | str) -> dict[str, list[str | None]]:
    """The texts below each child of the root. Raises ValueError if it is not XML, or the root has only text."""
    if isinstance(source, str):
        source = source.removeprefix("\ufeff")
        if source.startswith("<?xml"):
            # The characters are decoded already, so the declaration's encoding no longer says anything.
            source = source.partition("?>")[2]
    try:
        document: dict[str, Any] = xmltodict.parse(source, disable_entities=True, process_comments=False)
    except ExpatError as error:
        raise ValueError(str(error)) from None
    (root,) = document.values()
    if isinstance(root, str):
        raise ValueError("the root has no children")
    found: dict[str, list[str | None]] = {}
    for name, node in (root or {}).items():
        if not name.startswith(("@", "#")):
            found.setdefault(_local(name), []).extend(_values(node))
    return found


def _values(node: Any) -> list[str | None]:
    """The scalars of a property: its own text, or those of its items."""
    values: list[str | None] = []
    for part in node if isinstance(node, list) else [node]:
        if not isinstance(part, dict):
            values.append(part)
            continue
        items = {name: item for name, item in part.items() if not name.startswith(("@", "#"))}
        if not items:
            values.append(None if _is_nil(part) else part.get("#text"))
        for item in items.values():
            values += [_scalar(entry) for entry in (item if isinstance(item, list) else [item])]
    return values


def _scalar(node: Any) -> str | None:
    if not isinstance(node, dict):
        return node if isinstance(node, str) else ""
    if any(not name.startswith(("@", "#")) for name in node):
        raise ValueError("an item of an array has children")
    text = node.get("#text", "")
    return str(text)


def _is_nil(node: dict[str, Any]) -> bool:
    return any(_local(name.lstrip("@")) == "nil" and value in ("true", "1") for name, value in node.items())


def _local(name: str) -> str:
    return name.rpartition(":")[2]
