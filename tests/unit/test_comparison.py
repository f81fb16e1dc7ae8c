"""Comparisons, value by value: what is the is_equal, what is nothing, which element belongs to which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conformance.comparison.date_times import (
    conversion_problem,
    is_placeholder,
    moments,
    offset_of,
    parse_date_time,
    wall_clock_times,
    without_offset,
)
from conformance.comparison.elements import elements_of, pairs
from conformance.comparison.equality import as_number, is_equal, is_equal_text, is_null, is_zero, leaves
from conformance.comparison.outcomes import Inconclusive
from conformance.comparison.target_facts import TargetFacts
from conformance.comparison.xml import is_equal_in_xml

OSLO, KOLKATA = ZoneInfo("Europe/Oslo"), ZoneInfo("Asia/Kolkata")


def answer(rows: list[dict[str, Any]] | None) -> Any:
    json = SimpleNamespace(problem="", value=rows)
    return SimpleNamespace(
        read_elements=lambda xml_path: rows, purpose="selected", is_xml=False, json=json, elements=rows
    )


def known(*, identity: str | None = "Id", ordered: bool = True) -> TargetFacts:
    found = TargetFacts()
    found.identity, found.ordered = identity, ordered
    return found


# Which element belongs to which


def test_rows_that_cannot_be_read() -> None:
    assert elements_of(answer([{"Id": 1}]), known()) == [{"Id": 1}]
    assert elements_of(answer([]), known()) == []
    with pytest.raises(Inconclusive, match="selected"):
        elements_of(answer(None), known())


def test_elements_are_paired_by_their_identity() -> None:
    plain, other = [{"Id": 1, "A": "x"}, {"Id": 2, "A": "y"}, {"Id": 3, "A": "z"}], [{"Id": "3"}, {"Id": 1}]
    assert pairs(answer(plain), answer(other), known()) == [(plain[0], other[1]), (plain[2], other[0])]


@pytest.mark.parametrize(
    ("plain", "other", "identity", "ordered", "matched"),
    [
        ([{"Id": 1}, {"Id": 2}], [{}, {}], "Id", True, True),
        ([{"Id": 1}, {"Id": 2}], [{}, {}], "Id", False, False),
        ([{"Id": 1}], [{}], "Id", False, True),
        ([{"Id": 1}, {"Id": 2}], [{}], "Id", True, False),
        ([{"A": 1}, {"A": 2}], [{"A": 1}, {"A": 2}], None, True, True),
        ([{"A": 1}, {"A": 2}], [{"A": 1}, {"A": 2}], None, False, False),
        ([{"Id": 1}, {"Id": 2}], [{"Id": 2}, {"Id": 2}], "Id", True, True),
        ([{"Id": 1}, {"Id": 2}, {"Id": 3}], [{"Id": 2}, {"Id": 2}], "Id", True, False),
        ([{"Id": None}, {"Id": 2}], [{"Id": 1}, {"Id": 2}], "Id", True, True),
        ([], [], "Id", True, True),
        ([{"Id": 1}], [], "Id", True, False),
        ([], [], "Id", False, False),
        ([{"A": 1}], [{"A": 1}, {"A": 2}], None, True, False),
    ],
)
def test_elements_without_an_identity_are_paired_by_place(
    plain: list[dict[str, Any]], other: list[dict[str, Any]], identity: str | None, ordered: bool, matched: bool
) -> None:
    if matched:
        found = pairs(answer(plain), answer(other), known(identity=identity, ordered=ordered))
        assert found == list(zip(plain, other, strict=True))
    else:
        with pytest.raises(Inconclusive):
            pairs(answer(plain), answer(other), known(identity=identity, ordered=ordered))


def test_many_elements() -> None:
    many = [{"Id": number} for number in range(300)]
    assert pairs(answer(many), answer(list(reversed(many))), known(ordered=False)) == [(row, row) for row in many]
    bare = [{"A": number} for number in range(300)]
    assert len(pairs(answer(bare), answer(bare), known(identity=None))) == 300


# What is nothing, what is a number


def test_nothing() -> None:
    assert is_null(None)
    assert not any(is_null(value) for value in (0, "", False, [], {}))


@pytest.mark.parametrize(
    ("value", "schema", "zero"),
    [
        (0, {"type": "integer"}, True),
        (1, {"type": "integer"}, False),
        (-1, {"type": "integer"}, False),
        ("0", {"type": "integer"}, True),
        (0.0, {"type": "number"}, True),
        (0.5, {"type": "number"}, False),
        ("none", {"type": "integer"}, False),
        (False, {"type": "integer"}, False),
        (False, {"type": "boolean"}, True),
        ("FALSE ", {"type": "boolean"}, True),
        (True, {"type": "boolean"}, False),
        (0, {"type": "boolean"}, False),
        ("false", {"type": "string"}, False),
        ("0001-01-01T00:00:00Z", {"type": "string", "format": "date-time"}, True),
        ("1970-01-01T00:00:00", {"type": "string", "format": "date-time"}, True),
        ("1760-01-01T00:00:00", {"type": "string", "format": "date-time"}, True),
        ("1971-01-01T00:00:00", {"type": "string", "format": "date-time"}, False),
        (0, {"type": "string", "format": "date-time"}, False),
        ("0", {"type": "string"}, False),
    ],
)
def test_the_zero_of_a_type(value: object, schema: dict[str, Any], zero: bool) -> None:
    assert is_zero(value, schema) is zero


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, "1"),
        ("1.50", "1.5"),
        (" 2 ", "2"),
        ("-3", "-3"),
        (True, None),
        ("x", None),
        (None, None),
        ("NaN", None),
        ("Infinity", None),
        ("", None),
    ],
)
def test_numbers(value: object, number: str | None) -> None:
    found = as_number(value)
    assert (None if found is None else str(found.normalize())) == number


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1, True), (1, 2, False), (1, True, False), (1, 1.0, True), (1, 1.5, False), ("a", "a", True), ("a", "b", False), (None, None, True),
        (None, "", False), ([1, 2], [1, 2], True), ([1, 2], [2, 1], False), ([1], [1, 1], False), ([], {}, False),
        ({"a": 1, "b": [True]}, {"b": [True], "a": 1}, True), ({"a": 1}, {"a": 2}, False), ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 1, "b": 1}, False), ({"a": [1]}, {"a": [True]}, False),
    ],
)  # fmt: skip
def test_sameness(left: object, right: object, equal: bool) -> None:
    assert is_equal(left, right) is equal
    assert is_equal(right, left) is equal


def test_sameness_is_not_identity() -> None:
    assert is_equal(10**12, int("1000000000000"))
    assert is_equal("".join(["long", " text"]), "long text")
    assert is_equal([1] * 300, [1] * 300)


def test_every_scalar_has_its_path() -> None:
    value = {"A": {"B": 1, "C": [2, {"D": None}]}, "E": {}, "F": []}
    found = [("A/B", 1), ("A/C/0", 2), ("A/C/1/D", None), ("E", {}), ("F", [])]
    assert list(leaves(value)) == found
    assert list(leaves([1, [2]])) == [("0", 1), ("1/0", 2)]
    assert list(leaves("x")) == [("", "x")]


# JSON against XML


@pytest.mark.parametrize(
    ("value", "node", "problem"),
    [
        (None, None, None), (None, "", None), (None, "  ", None), ("", None, None), ("", "x", "XML has 'x' where JSON has nothing"),
        (None, "x", "XML has 'x' where JSON has nothing"), ("x", None, "XML has nothing"), ("x", "x", None), ("x", "y", "XML has 'y'"),
        (7, "7", None), (7, " 7.0 ", None), (7, "8", "XML has '8'"), (True, "1", None), (True, "true", None), (True, "0", "XML has '0'"),
        (False, "False", None), (False, "0", None), (False, "true", "XML has 'true'"), (1.5, "1.50", None),
        ("2020-01-02T03:04:05+01:00", "2020-01-02T02:04:05Z", None),
        ("2020-01-02T03:04:05+01:00", "2020-01-02T03:04:05Z", "XML has '2020-01-02T03:04:05Z'"),
        ("2020-01-02T03:04:05+01:00", "2020-01-02T03:04:05", None),
        ("2020-01-02T03:04:05", "2020-01-02T03:04:06", "XML has '2020-01-02T03:04:06'"),
        ("2020-01-02T03:04:05", "2020-01-02T03:04:04", "XML has '2020-01-02T03:04:04'"),
        ("2020-01-02T03:04:05", "2020-01-02T03:04:05Z", None),
        ("2020-01-02T03:04:05+01:00", "2020-01-02T04:04:05", "XML has '2020-01-02T04:04:05'"),
        ("2020-01-02T03:04:05+01:00", "2020-01-02T02:04:05", "XML has '2020-01-02T02:04:05'"),
        ("a\r\nb", "a\nb", None), ("a\rb", "a\nb", None), ("a\x01b", "ab", None), ("a\tb", "a\tb", None), ("a b", "a  b", "XML has 'a  b'"),
        (" ", "", None), ("x", {"@lang": "en", "#text": "x"}, None), ("x", {"@lang": "en", "#text": "y"}, "XML has 'y'"),
    ],
)  # fmt: skip
def test_a_scalar_in_xml(value: object, node: object, problem: str | None) -> None:
    assert is_equal_in_xml(value, node) == problem


@pytest.mark.parametrize(
    ("value", "node", "problem"),
    [
        ({"Mask": "Full", "Reason": ""}, {"Mask": "Full", "Reason": None}, None),
        ({"A": None, "B": "x"}, {"B": "y"}, "XML lacks 'x' (B)"),
        ({"Mask": "Full"}, {"Mask": "None"}, "XML lacks 'Full' (Mask)"),
        ({"Rate": 5, "On": True}, {"Rate": "5.0", "On": "true"}, None),
        ({"Rate": 5}, {"Rate": "6"}, "XML lacks 5 (Rate)"),
        ({"a b": "x"}, {"a_x0020_b": "x"}, None),
        ({"a-b": "x"}, {"ab": "x"}, None),
        ({"Key": "x"}, {"Entry": {"Name": "Key", "Value": "x"}}, None),
        ({"Key": "x"}, {"Entry": "x"}, "XML lacks the name 'Key'"),
        ({"Key": None, "Empty": {}}, {}, None),
        ([1, 2], {"Item": ["1", "2"]}, None),
        ([1, 2], {"Item": ["1", "3"]}, "XML lacks 2 (1)"),
        ([{"A": "x"}], {"Item": {"B": "x"}}, "XML lacks the name 'A'"),
        ({"A": {"B": "x"}}, {"A": {"B": "x"}}, None),
        ({"A": {"B": "x"}}, {"A": {"C": "x"}}, "XML lacks the name 'B'"),
    ],
)
def test_a_tree_in_xml(value: object, node: object, problem: str | None) -> None:
    assert is_equal_in_xml(value, node) == problem


def test_texts_of_different_kinds() -> None:
    assert is_equal_text("5", "5")
    assert not is_equal_text("5", "5.0")
    assert not is_equal_text(5, "five")
    assert not is_equal_text("2020-01-02T03:04:05", "soon")
    assert not is_equal_text("soon", "2020-01-02T03:04:05")
    assert not is_equal_text("a\U0001f600", "a")
    assert is_equal_text("2020-01-02T03:04:05", " 2020-01-02T03:04:05 ")


# Moments and wall clocks


@pytest.mark.parametrize(
    ("text", "real"),
    [("0001-01-01T00:00:00", False), ("9999-12-31T23:59:59", False), ("1760-01-01T00:00:00", False), ("1700-06-01T00:00:00", True), ("1760-01-02T00:00:00", True),
     ("1760-02-01T00:00:00", True), ("1761-01-01T00:00:00", True), ("2020-06-01T00:00:00Z", True)],
)  # fmt: skip
def test_placeholders(text: str, real: bool) -> None:
    moment = parse_date_time(text)
    assert moment is not None
    assert is_placeholder(moment) is not real


@pytest.mark.parametrize(
    "text", ["2020-01-02T03:04", "2020-01-02T03:04:05,5Z", "2020-01-02T03:04:05+0100", "2020-01-02T03:04:05+01"]
)
def test_forms_of_date_times(text: str) -> None:
    assert parse_date_time(text) is not None


@pytest.mark.parametrize(
    "text", [None, 5, "", "2020-01-02", "2020-02-30T00:00:00", "2020-01-02 03:04:05", "٢020-01-02T03:04:05"]
)
def test_no_date_times(text: object) -> None:
    assert parse_date_time(text) is None


def test_wall_clocks_and_moments() -> None:
    moment = datetime(2020, 7, 1, 12, tzinfo=UTC)
    assert wall_clock_times(moment, OSLO) == {datetime(2020, 7, 1, 14)}
    assert moments(datetime(2020, 7, 1, 14), OSLO) == {moment}
    assert len(moments(datetime(2020, 10, 25, 2, 30), OSLO)) == 2
    assert moments(datetime(2020, 3, 29, 2, 30), OSLO) == set()
    assert offset_of(moment, OSLO) == timedelta(hours=2)
    assert offset_of(moment, KOLKATA) == timedelta(hours=5, minutes=30)
    assert offset_of(moment, ZoneInfo("UTC")) == timedelta(0)
    assert without_offset(datetime(2020, 7, 1, 14, tzinfo=OSLO, fold=1)) == datetime(2020, 7, 1, 14)
    assert without_offset(datetime(2020, 7, 1, 14, fold=1)).fold == 0


@pytest.mark.parametrize(
    ("before", "anchor", "after", "problem"),
    [
        ("2020-07-01T12:00:00Z", None, "2020-07-01T17:30:00+05:30", None),
        ("2020-07-01T12:00:00Z", None, "2020-07-01T12:00:00Z", None),
        ("2020-07-01T14:00:00+02:00", None, "2020-07-01T14:00:00+02:00", None),
        ("2020-07-01T12:00:00Z", None, "2020-07-01T13:00:00+01:00", "2020-07-01T17:30:00+05:30 (offset of Asia/Kolkata at that moment)"),
        ("2020-07-01T12:00:00Z", None, "2020-07-01T18:30:00+05:30", "the moment 2020-07-01T12:00:00+00:00"),
        ("2020-07-01T12:00:00Z", None, "2020-07-01T17:30:00", None),
        ("2020-07-01T12:00:00Z", None, "2020-07-01T17:00:00", "2020-07-01T17:30:00 (wall clock of Asia/Kolkata)"),
        ("2020-07-01T14:00:00", OSLO, "2020-07-01T17:30:00", None),
        ("2020-07-01T14:00:00", OSLO, "2020-07-01T17:30:00+05:30", None),
        ("2020-07-01T14:00:00", OSLO, "2020-07-01T18:30:00", "2020-07-01T17:30:00 (wall clock of Asia/Kolkata)"),
        ("2020-07-01T14:00:00", None, "2020-07-01T18:30:00", None),
        ("2020-03-29T02:30:00", OSLO, "2020-07-01T00:00:00", None),
        ("2020-10-25T02:30:00", OSLO, "2020-10-25T06:00:00", None),
        ("2020-10-25T02:30:00", OSLO, "2020-10-25T07:00:00", None),
        ("2020-10-25T02:30:00", OSLO, "2020-10-25T08:00:00",
         "2020-10-25T06:00:00 or 2020-10-25T07:00:00 (wall clock of Asia/Kolkata)"),
    ],
)  # fmt: skip
def test_conversions(before: str, anchor: ZoneInfo | None, after: str, problem: str | None) -> None:
    then, now = parse_date_time(before), parse_date_time(after)
    assert then is not None
    assert now is not None
    assert conversion_problem(then, anchor, now, KOLKATA) == problem
