"""Holding answers against each other: which element belongs to which, what is the same, what is nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from conformance.suite.answer import Answer
from conformance.suite.date_times import parse_date_time
from conformance.suite.known import Known
from conformance.suite.outcome import Undecided
from conformance.target import codec_xml

Row = dict[str, Any]


def rows_of(answer: Answer, known: Known) -> list[Row]:
    """The elements of an answer; raises Undecided where they cannot be read (SHAPE-01 and ACC-01 say why)."""
    rows = answer.rows(known.xml_path)
    if rows is None:
        raise Undecided(f"the answer ({answer.exchange.role}) cannot be read as elements")
    return rows


def pairs(plain: Answer, other: Answer, known: Known) -> list[tuple[Row, Row]]:
    """The elements of two answers, each with its counterpart: by identity where both have it, else by place.

    Raises Undecided where neither is possible.
    """
    mine, theirs = rows_of(plain, known), rows_of(other, known)
    name = known.identity
    if name is not None and theirs and not any(nothing(row.get(name)) for row in (*mine, *theirs)):
        by_identity = {str(row[name]): row for row in theirs}
        if len(by_identity) == len(theirs):
            return [(row, by_identity[str(row.get(name))]) for row in mine if str(row.get(name)) in by_identity]
    if len(mine) == len(theirs) and (known.ordered or len(mine) == 1):
        return list(zip(mine, theirs, strict=True))
    raise Undecided("the elements of the two answers cannot be matched: without their identity, by place neither")


def lingers(plain: Answer, between: Answer, after: Answer, known: Known) -> bool:
    """Whether all that the request in between changed is still as that one had it.

    Of what moves by itself something would have to be otherwise: that all of it is the same shows what was kept.
    """
    try:
        changed = [
            (row.get(name), late.get(name))
            for (old, row), (_, late) in zip(pairs(plain, between, known), pairs(plain, after, known), strict=True)
            for name in row
            if name not in known.volatile and not same(old.get(name), row.get(name))
        ]
    except (Undecided, ValueError):
        return False
    return bool(changed) and all(same(left, right) for left, right in changed)


def nothing(value: Any) -> bool:
    """Whether a property holds nothing: null, absent, or in XML nil or empty."""
    return value is None


def is_zero(value: Any, schema: dict[str, Any]) -> bool:
    """Whether the value is the zero of an integer, bool or date-time: what "no value" is where null cannot be."""
    kind = schema.get("type")
    text = str(value).strip().lower()
    if schema.get("format") == "date-time":
        return text.startswith(("0001-01-01t00:00:00", "1970-01-01t00:00:00", "1760-01-01t00:00:00"))
    if kind in ("integer", "number"):
        number = as_number(value)
        return number is not None and number == 0
    return kind == "boolean" and text == "false"


def as_number(value: Any) -> Decimal | None:
    """A JSON number, or a text that is one; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values as JSON has it: true is not 1, and 1 is not 1.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


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


def same_in_xml(value: Any, node: Any) -> str | None:
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
    return None if same_text(value, found) else f"XML has {found!r}"


def same_text(value: Any, text: str) -> bool:
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
    # XML has no word for most control characters; a server may drop them or write a replacement. A parser makes one
    # line feed of every kind of line end (XML 1.0, 2.11), and a text of white space alone may be taken for nothing.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if (c >= " " or c in "\t\n") and c != "\ufffd") if text.strip() else ""


def _same_tree(value: Any, node: Any) -> str | None:
    held = list(codec_xml.texts(node))
    texts = {_fold(text) for text in held}
    names = {_decode(name) for name in codec_xml.names(node)}
    for path, leaf in leaves(value):
        if leaf in (None, "", {}, []):
            continue
        if not (isinstance(leaf, str) and _fold(leaf) in texts) and not any(same_text(leaf, text) for text in held):
            return f"XML lacks {leaf!r} ({path})"
    for key in _keys(value):
        if _fold(key) not in texts and _decode(key) not in names:
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
    # Names that are no XML names are escaped in different ways (_x0020_); letters and digits stay.
    return "".join(c for c in name if c.isalnum()).lower()
