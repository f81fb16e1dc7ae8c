"""Holding answers against each other: which element belongs to which, what is the same, what is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from conformance.client import codec_xml
from conformance.comparison.answer import Answer
from conformance.comparison.date_times import is_zero_date, parse_date_time
from conformance.comparison.outcomes import Inconclusive
from conformance.comparison.target_facts import TargetFacts
from conformance.core.media_types import is_json

Element = dict[str, Any]

# Everything but Char of XML 1.0 (2.2), and what is written in place of it.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffc\U00010000-\U0010ffff]")
_NIL = re.compile(r"""\bnil\s*=\s*["'](true|1)["']""")


def elements_of(answer: Answer, facts: TargetFacts) -> list[Element]:
    """The elements of an answer; raises Undecided where they cannot be read (SHAPE-01 and ACC-01 say why)."""
    rows = answer.rows(facts.xml_path)
    if rows is None:
        raise Inconclusive(f"the answer ({answer.purpose}) cannot be read as elements: {unreadable(answer)}")
    return rows


def unreadable(answer: Answer) -> str:
    """Why there are no elements to be read in an answer; empty where there are."""
    if answer.is_xml:
        return f"its XML is not well-formed ({answer.xml.problem})" if answer.xml.problem else ""
    if answer.json.problem:
        return f"its body is not JSON ({answer.json.problem})"
    return "" if answer.elements is not None else "its JSON is not a list of objects"


def as_integer(value: Any) -> int | None:
    """The integer that a JSON number is, 12.0 too (JSON Schema 2020-12, 6.1.1); None for any other value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if isinstance(value, int) or value.is_integer() else None


def pairs(baseline: Answer, other: Answer, facts: TargetFacts) -> list[tuple[Element, Element]]:
    """The elements of two answers, each with its counterpart: by identity where both have it, else by place.

    Raises Undecided where neither is possible.
    """
    return pair_elements(elements_of(baseline, facts), elements_of(other, facts), facts)


def pair_elements(mine: list[Element], theirs: list[Element], facts: TargetFacts) -> list[tuple[Element, Element]]:
    """The same of elements that are read already: reports show the pairs that requirements compare."""
    ours, others = identities(mine, facts), identities(theirs, facts)
    if ours is not None and others is not None and theirs and not one_is_all_zeros(ours, others):
        by_identity = dict(zip(others, theirs, strict=True))
        if len(by_identity) == len(theirs):
            matched = [(row, by_identity[each]) for each, row in zip(ours, mine, strict=True) if each in by_identity]
            if mine and not matched:
                raise Inconclusive(f"the two answers have no element in common (by {facts.identity})")
            return matched
    if len(mine) != len(theirs):
        raise Inconclusive(
            f"the elements of the two answers cannot be matched: one has {len(mine)}, the other {len(theirs)}, "
            "and they have nothing to tell them apart by"
        )
    if facts.ordered or len(mine) == 1:
        return list(zip(mine, theirs, strict=True))
    raise Inconclusive(
        "the elements of the two answers cannot be matched: they have nothing to tell them apart by, and their order "
        "is not stable"
    )


def identities(rows: Sequence[Element], facts: TargetFacts) -> list[str] | None:
    """Each element's identity as text; None where one has none."""
    values = [row.get(facts.identity) for row in rows] if facts.identity else [None]
    return None if any(is_null(value) for value in values) else [_identity(value) for value in values]


def _identity(value: Any) -> str:
    """7 is 7.0, and in XML both are texts."""
    if type(value) is int:
        return str(value)
    number = as_number(value)
    whole = number is not None and number == number.to_integral_value()
    return str(int(number) if number is not None and whole else value).strip()


def one_is_all_zeros(ours: Sequence[str], others: Sequence[str]) -> bool:
    """Whether of two lists of identities one has nothing but zeros: so a server writes that it is not selected, whose
    integers cannot be null."""
    zeros = [bool(each) and all(as_number(text) == 0 for text in each) for each in (ours, others)]
    return zeros[0] != zeros[1]


def answers_null(answer: Answer) -> bool:
    """Whether a request was served with null instead of a list: some servers answer so to an unknown value."""
    if not answer.is_success or not answer.body:
        return False
    if answer.is_xml:
        return list(answer.xml.value.values()) == [None] and bool(_NIL.search(answer.text))
    return is_json(answer.media_type) and not answer.json.problem and answer.json.value is None


def is_state_leaked(baseline: Answer, between: Answer, after: Answer, facts: TargetFacts) -> bool:
    """Whether all that the request in between changed is still as that one had it.

    Of what moves by itself something would have to be otherwise: that all of it is the same shows what was kept.
    """
    try:
        changed = [
            (row.get(name), late.get(name))
            for (old, row), (_, late) in zip(
                pairs(baseline, between, facts), pairs(baseline, after, facts), strict=True
            )
            for name in row
            if name not in facts.volatile and not is_equal(old.get(name), row.get(name))
        ]
    except (Inconclusive, ValueError):
        return False
    return bool(changed) and all(is_equal(left, right) for left, right in changed)


def is_null(value: Any) -> bool:
    """Whether a property holds nothing: null, absent, or in XML nil or empty."""
    return value is None


def is_zero(value: Any, schema: dict[str, Any]) -> bool:
    """Whether the value is the zero of an integer, bool or date-time: what "no value" is where null cannot be."""
    if schema.get("format") == "date-time":
        moment = parse_date_time(value.strip()) if isinstance(value, str) else None
        return moment is not None and is_zero_date(moment)
    kinds = {*([schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", ()))} - {"null"}
    if kinds <= {"integer", "number"} and kinds:
        number = as_number(value)
        return number is not None and number == 0
    return kinds == {"boolean"} and str(value).strip().lower() == "false"


def as_number(value: Any) -> Decimal | None:
    """A JSON number, or a text that is one; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def is_equal(left: Any, right: Any) -> bool:
    """Equality of JSON values (JSON Schema 2020-12, 4.2.2): true is not 1, but 1 is 1.0, for both are one number."""
    if type(left) is not type(right):
        return _is_number(left) and _is_number(right) and bool(left == right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(is_equal(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(is_equal, left, right))
    return bool(left == right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar below a value with its path (``TableRight/Mask``, ``Items/0``); empty containers too."""
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from leaves(item, f"{path}/{name}" if path else name)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}/{index}" if path else str(index))
    else:
        yield path, value


def is_equal_in_xml(value: Any, node: Any) -> str | None:
    """Why an XML node does not hold what the JSON value does; None where it does.

    Null is nil, empty or absent; text is compared without regard to the kind of its line ends; of objects
    and maps every scalar and every map key must occur, however they are spelled.
    """
    if isinstance(value, dict | list):
        return _same_tree(value, node)
    found = codec_xml.own_text(node)
    if value is None or value == "":
        return None if found is None or not found.strip() else f"XML has {found!r} where JSON has nothing"
    if found is None:
        return "XML has nothing"
    return None if is_equal_text(value, found) else f"XML has {found!r}"


def is_equal_text(value: Any, text: str) -> bool:
    """Whether a text in XML is this JSON scalar."""
    if isinstance(value, bool):
        return text.strip().lower() in (("true", "1") if value else ("false", "0"))
    if isinstance(value, int | float):
        return as_number(text) == as_number(value)
    mine, theirs = parse_date_time(value), parse_date_time(text.strip())
    if mine is not None and theirs is not None:
        if (mine.tzinfo is None) == (theirs.tzinfo is None):
            return mine == theirs
        return mine.replace(tzinfo=None) == theirs.replace(tzinfo=None)
    return _fold(str(value)) == _fold(text)


def _fold(text: str) -> str:
    # XML cannot hold most control characters; a server may drop them or write a replacement. A parser makes one
    # line feed of every kind of line end (XML 1.0, 2.11), and a text of white space alone may be taken for nothing.
    text = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if text.strip() else ""


def _same_tree(value: Any, node: Any) -> str | None:
    held = list(codec_xml.texts(node))
    texts = {_fold(text) for text in held}
    names = {_decode(codec_xml.unescaped(name)) for name in codec_xml.names(node)}
    for path, leaf in leaves(value):
        if leaf in (None, "", {}, []):
            continue
        if not (isinstance(leaf, str) and _fold(leaf) in texts) and not any(is_equal_text(leaf, text) for text in held):
            return f"XML lacks {leaf!r} ({path})"
    for key in _keys(value):
        # What cannot be an element's name is spelled in as many ways as there are serializers: its value has to do.
        if codec_xml.can_be_name(key) and _fold(key) not in texts and _decode(key) not in names:
            return f"XML lacks the name {key!r}"
    return None


def _keys(value: Any) -> Iterator[str]:
    """Every name in an object under which something is held."""
    if isinstance(value, dict):
        for name, item in value.items():
            if item not in (None, "", {}, []):
                yield name
                yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)


def _decode(name: str) -> str:
    # first-name, first_name and FirstName are one name.
    return "".join(c for c in name if c.isalnum()).lower()
