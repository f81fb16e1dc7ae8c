"""$select: which properties stay, and nulls for the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from conformance.reference.faults.catalogue import Faults
from conformance.reference.refusal import Refusal
from conformance.reference.values import Element

Tree = dict[str, Any]
"""Selected names in lower case; below each the selected children as a tree, or None for all of it."""
_PARAMETER = "$select="
_WIDTH = 12


def selected_names(values: Sequence[str], raw_query: str, faults: Faults) -> list[str] | None:
    """The names in all ``$select`` of a query; None where nothing is named (everything is shown)."""
    written = [part.removeprefix(_PARAMETER) for part in raw_query.split("&") if part.startswith(_PARAMETER)]
    if written != list(values) and faults("select-encoded-ignored"):
        values = written
    if not values:
        return None
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    if not names and faults("select-empty-nulls-all"):
        return []
    return names or None


def read_selection(names: Sequence[str], schema: dict[str, Any], faults: Faults) -> Tree:
    """The names as a tree; those that the schema of one element does not have are ignored."""
    tree: Tree = {}
    seen: set[str] = set()
    for name in names:
        path = name.split("/")
        if len(path) > 1 and faults("select-parent-whole"):
            path = path[:1]
        if len(path) > 1 and faults("select-child-lost"):
            continue
        if not _exists(path, schema):
            if faults("select-unknown-refused"):
                raise Refusal(400, "A name in $select is not known")
            continue
        if path[0] not in schema.get("properties", {}) and faults("select-case-sensitive"):
            continue
        if name.lower() in seen and faults("select-duplicate-toggles"):
            tree.pop(path[0].lower(), None)
            continue
        seen.add(name.lower())
        _add(tree, [part.lower() for part in path])
    return tree


def _exists(path: Sequence[str], schema: dict[str, Any]) -> bool:
    """Whether there is such a property; a map has any."""
    if not path:
        return True
    if "items" in schema:
        schema = schema["items"]
    named = {name.lower(): below for name, below in schema.get("properties", {}).items()}
    if path[0].lower() in named:
        return _exists(path[1:], named[path[0].lower()])
    more = schema.get("additionalProperties")
    return isinstance(more, dict) and _exists(path[1:], more)


def _add(tree: Tree, path: Sequence[str]) -> None:
    name, rest = path[0], path[1:]
    if not rest:
        tree[name] = None
    elif name not in tree:
        tree[name] = {}
        _add(tree[name], rest)
    elif tree[name] is not None:
        _add(tree[name], rest)


def select(value: Any, tree: Tree, faults: Faults) -> Any:
    """The same object with nulls in place of what is not selected."""
    if isinstance(value, list):
        return [select(item, tree, faults) for item in value]
    if not isinstance(value, dict):
        return value
    kept: Element = {}
    for name, item in value.items():
        lowered = name.lower()
        if lowered not in tree:
            stays = isinstance(item, dict) and faults("select-keeps-objects")
            kept[name] = item if stays else None
        else:
            below = tree[lowered]
            kept[name] = item if below is None else select(item, below, faults)
    return kept


def columns(elements: list[Element], names: Sequence[str], *, is_list: bool) -> list[Element]:
    """Only the named columns: of the elements themselves, or where these hold a list, of the records in it."""
    wanted = {name.partition("/")[0].lower() for name in names}
    if is_list:
        return [{name: value for name, value in element.items() if name.lower() in wanted} for element in elements]
    return [{name: _records(value, wanted) for name, value in element.items()} for element in elements]


def _records(value: Any, wanted: Collection[str]) -> Any:
    if not isinstance(value, list) or not all(isinstance(record, dict) for record in value):
        return value
    return [{name: item for name, item in record.items() if name.lower() in wanted} for record in value]


def rearrange(elements: list[Element], names: Sequence[str], faults: Faults) -> list[Element]:
    """The selected elements, all of them and in their order."""
    if len(elements) > 1 and names and faults("select-reorders"):
        first = names[0].partition("/")[0].lower()
        elements = sorted(
            elements, key=lambda element: _sort_key(next((element[n] for n in element if n.lower() == first), None))
        )
    if any(_is_empty(element) for element in elements) and faults("select-drops-elements"):
        elements = [element for element in elements if not _is_empty(element)]
    return elements


def _sort_key(value: Any) -> tuple[bool, int, str]:
    return (value is None, value, "") if isinstance(value, int) else (value is None, 0, str(value))


def _is_empty(element: Element) -> bool:
    return all(value is None or value in ("", {}, []) for value in element.values())


def shown_texts(element: Element, dates: Collection[str], faults: Faults) -> Element:
    """A selected and rendered element, its texts whole."""
    long = [
        name for name, value in element.items() if isinstance(value, str) and name not in dates and len(value) > _WIDTH
    ]
    return (
        {**element, **{name: element[name][:_WIDTH] for name in long}}
        if long and faults("select-truncates-text")
        else element
    )
