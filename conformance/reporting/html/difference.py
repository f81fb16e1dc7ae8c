"""Two answers of one finding, property by property: what differs, and how much is equal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from conformance.client.exchange import RedactedExchange
from conformance.comparison.answer import Answer
from conformance.comparison.elements import Element, elements_of, identities, pair_elements
from conformance.comparison.equality import is_equal
from conformance.comparison.outcomes import Inconclusive
from conformance.comparison.target_facts import TargetFacts
from conformance.comparison.xml import is_equal_in_xml
from conformance.contract.model import OperationContract
from conformance.core.text import truncate

_SHOWN = 40
_MAX_CHARACTERS = 300


class Line(msgspec.Struct, frozen=True):
    """One property of one element that differs; ``None`` if a side has no such property."""

    element: str
    name: str
    left: str | None
    right: str | None


class Difference(msgspec.Struct, frozen=True):
    """The differing properties of two answers, the purposes of both, and what was left out."""

    left: str
    right: str
    lines: tuple[Line, ...]
    more: int
    same: int


def difference(
    exchanges: Sequence[RedactedExchange], contract: OperationContract, facts: TargetFacts
) -> Difference | None:
    """Of the last exchange and the first, if both answers hold elements; None if nothing can be compared."""
    if len(exchanges) < 2:
        return None
    left, right = Answer(exchanges[0], contract), Answer(exchanges[-1], contract)
    if not (left.is_success and right.is_success):
        return None
    lines, equal = [], 0
    for label, before, after in _pairs(left, right, facts):
        for name in dict.fromkeys([*before, *after]):
            if name in before and name in after and _is_equal(before[name], after[name], left, right):
                equal += 1
            else:
                lines.append(Line(label, name, _text(before, name), _text(after, name)))
    if not lines and not equal:
        return None
    return Difference(
        exchanges[0].purpose, exchanges[-1].purpose, tuple(lines[:_SHOWN]), max(0, len(lines) - _SHOWN), equal
    )


def _pairs(left: Answer, right: Answer, facts: TargetFacts) -> list[tuple[str, Element, Element]]:
    """The pairs that requirements compare, and the elements that only one answer has.

    What no requirement could pair is shown in the order of the answers.
    """
    try:
        mine, theirs = elements_of(left, facts), elements_of(right, facts)
    except Inconclusive:
        return []
    if not mine or not theirs:
        return []
    try:
        found = pair_elements(mine, theirs, facts)
    except Inconclusive:
        found = list(zip(mine, theirs, strict=False))
    paired = {id(element) for pair in found for element in pair}
    found += [(element, {}) for element in mine if id(element) not in paired]
    found += [({}, element) for element in theirs if id(element) not in paired]
    return [(_label(number, before, after, facts), before, after) for number, (before, after) in enumerate(found, 1)]


def _label(number: int, before: Element, after: Element, facts: TargetFacts) -> str:
    """The identity of a pair's elements, or its place if they have not the same one."""
    found = {identity for element in (before, after) if element for identity in identities([element], facts) or [""]}
    return f"{facts.identity} {found.pop()}" if len(found) == 1 and found != {""} else f"element {number}"


def _is_equal(before: Any, after: Any, left: Answer, right: Answer) -> bool:
    if left.is_xml == right.is_xml:
        return is_equal(before, after)
    value, node = (after, before) if left.is_xml else (before, after)
    return is_equal_in_xml(value, node) is None


def _text(element: Element, name: str) -> str | None:
    if name not in element:
        return None
    return truncate(json.dumps(element[name], ensure_ascii=False, default=str), _MAX_CHARACTERS + 1, "…")
