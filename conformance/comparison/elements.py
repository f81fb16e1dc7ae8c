"""The elements of answers: how they are read, and how those of two answers are paired."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from conformance.comparison.answer import Answer
from conformance.comparison.equality import as_number, is_null
from conformance.comparison.outcomes import Inconclusive, RedactedValue
from conformance.comparison.redacted import redacted_in
from conformance.comparison.target_facts import TargetFacts
from conformance.core.media_types import is_json

Element = dict[str, Any]

_NIL = re.compile(r"""\bnil\s*=\s*["'](true|1)["']""")


def elements_of(answer: Answer, facts: TargetFacts) -> list[Element]:
    """The elements of an answer. Raises Inconclusive if they cannot be read (SHAPE-01 and ACC-01 judge that)."""
    elements = answer.read_elements(facts.xml_path)
    if elements is None:
        raise Inconclusive(f"the answer ({answer.purpose}) cannot be read as elements: {why_unreadable(answer)}")
    return elements


def why_unreadable(answer: Answer) -> str:
    """Why the elements of an answer cannot be read; empty if they can."""
    if answer.is_xml:
        return f"its XML is not well-formed ({answer.xml.problem})" if answer.xml.problem else ""
    if answer.json.problem:
        return f"its body is not JSON ({answer.json.problem})"
    return "" if answer.elements is not None else "its JSON is not a list of objects"


def pairs(baseline: Answer, other: Answer, facts: TargetFacts) -> list[tuple[Element, Element]]:
    """The elements of two answers in pairs: by identity if all elements have one, otherwise by position.

    Raises Inconclusive if neither is possible.
    """
    return pair_elements(elements_of(baseline, facts), elements_of(other, facts), facts)


def pair_elements(mine: list[Element], theirs: list[Element], facts: TargetFacts) -> list[tuple[Element, Element]]:
    """Pair elements that are already read, as ``pairs`` does. Reports call it to show the pairs that were compared.

    Raises Inconclusive if the elements cannot be paired.
    """
    ours, others = identities(mine, facts), identities(theirs, facts)
    if ours is not None and others is not None and theirs and not one_is_all_zeros(ours, others):
        by_identity = dict(zip(others, theirs, strict=True))
        if len(by_identity) == len(theirs):
            matched = [
                (element, by_identity[each]) for each, element in zip(ours, mine, strict=True) if each in by_identity
            ]
            if mine and not matched:
                raise Inconclusive(f"the two answers have no element in common (by {facts.identity})")
            return matched
    if len(mine) != len(theirs):
        raise Inconclusive(
            f"the elements of the two answers cannot be paired: one has {len(mine)}, the other {len(theirs)}, "
            "and no property identifies them"
        )
    if facts.ordered or len(mine) == 1:
        return list(zip(mine, theirs, strict=True))
    raise Inconclusive(
        "the elements of the two answers cannot be paired: no property identifies them, and their order is not stable"
    )


def identities(elements: Sequence[Element], facts: TargetFacts) -> list[str] | None:
    """The identity of each element as text; None if an element has no identity. Raises RedactedValue."""
    values = [element.get(facts.identity) for element in elements] if facts.identity else [None]
    found = redacted_in(values)
    if found:
        raise RedactedValue(found)
    return None if any(is_null(value) for value in values) else [_identity(value) for value in values]


def _identity(value: Any) -> str:
    """7, 7.0 and the texts of both in XML are one identity."""
    if type(value) is int:
        return str(value)
    number = as_number(value)
    whole = number is not None and number == number.to_integral_value()
    return str(int(number) if number is not None and whole else value).strip()


def one_is_all_zeros(ours: Sequence[str], others: Sequence[str]) -> bool:
    """Whether exactly one of two lists of identities has only zeros.

    A server whose integers cannot be null writes 0 for an identity that was not selected.
    """
    zeros = [bool(each) and all(as_number(text) == 0 for text in each) for each in (ours, others)]
    return zeros[0] != zeros[1]


def answers_null(answer: Answer) -> bool:
    """Whether a successful response is null instead of a list. Some servers answer an unknown value in this way."""
    if not answer.is_success or not answer.body:
        return False
    if answer.is_xml:
        return list(answer.xml.value.values()) == [None] and bool(_NIL.search(answer.text))
    return is_json(answer.media_type) and not answer.json.problem and answer.json.value is None
