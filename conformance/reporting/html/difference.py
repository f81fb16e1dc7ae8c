"""Two answers of one comparison, property by property: what differs, and how much is the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from conformance.client.exchange import Exchange
from conformance.comparison.answer import Answer
from conformance.comparison.elements import Element, is_equal, is_equal_in_xml
from conformance.contract.model import OperationContract
from conformance.core.text import truncate

_SHOWN = 40
_MAX_CHARACTERS = 300


class Line(msgspec.Struct, frozen=True):
    """One property of one element that differs; ``None`` where a side has no such property."""

    element: str
    name: str
    left: str | None
    right: str | None


class Difference(msgspec.Struct, frozen=True):
    """The differing properties of two answers, the roles of both, and what was left out."""

    left: str
    right: str
    lines: tuple[Line, ...]
    more: int
    same: int


def difference(exchanges: Sequence[Exchange], contract: OperationContract) -> Difference | None:
    """Of the last exchange against the first, where both answers hold elements; None where nothing can be compared."""
    if len(exchanges) < 2:
        return None
    left, right = Answer(exchanges[0], contract), Answer(exchanges[-1], contract)
    if not (left.is_success and right.is_success):
        return None
    mine, theirs = left.rows(), right.rows()
    if not mine or not theirs:
        return None
    lines, equal = [], 0
    for label, before, after in _pairs(mine, theirs, list(contract.properties)):
        for name in dict.fromkeys([*before, *after]):
            if name in before and name in after and _alike(before[name], after[name], left, right):
                equal += 1
            else:
                lines.append(Line(label, name, _text(before, name), _text(after, name)))
    return Difference(
        exchanges[0].purpose, exchanges[-1].purpose, tuple(lines[:_SHOWN]), max(0, len(lines) - _SHOWN), equal
    )


def _pairs(mine: list[Element], theirs: list[Element], properties: Sequence[str]) -> list[tuple[str, Element, Element]]:
    """Elements with their counterparts: by the first property that tells them apart on both sides, else by place."""
    for name in properties:
        keys, others = ([str(row.get(name)) for row in rows] for rows in (mine, theirs))
        if "None" in keys + others or len(set(keys)) < len(keys) or len(set(others)) < len(others):
            continue
        if set(keys) & set(others):
            shown = set(keys)
            counterpart = dict(zip(others, theirs, strict=True))
            pairs = [(f"{name} {key}", row, counterpart.get(key, {})) for key, row in zip(keys, mine, strict=True)]
            return pairs + [(f"{name} {key}", {}, row) for key, row in counterpart.items() if key not in shown]
    count = max(len(mine), len(theirs))
    sides = [[*rows, *([{}] * (count - len(rows)))] for rows in (mine, theirs)]
    return [(f"element {number}", *pair) for number, pair in enumerate(zip(*sides, strict=True), 1)]


def _alike(before: Any, after: Any, left: Answer, right: Answer) -> bool:
    if left.is_xml == right.is_xml:
        return is_equal(before, after)
    value, node = (after, before) if left.is_xml else (before, after)
    return is_equal_in_xml(value, node) is None


def _text(row: Element, name: str) -> str | None:
    if name not in row:
        return None
    text = json.dumps(row[name], ensure_ascii=False, default=str)
    return truncate(text, _MAX_CHARACTERS + 1, "…")
