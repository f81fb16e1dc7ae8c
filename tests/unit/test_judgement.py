"""What answers are judged by: equality, date-times, XML read without regard to spelling, the verdict."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.assertions.representations import charset_problem, stack_trace
from conformance.client.codec_json import parse_json
from conformance.client.codec_xml import XmlSpelling, elements_at, encode_xml, find_element_path, parse_xml
from conformance.client.credentials import Ticket
from conformance.client.near_misses import distinct_from
from conformance.comparison.date_times import conversion_problem, moments, parse_date_time
from conformance.comparison.elements import one_is_all_zeros
from conformance.comparison.equality import is_equal, is_zero
from conformance.comparison.xml import is_equal_in_xml
from conformance.engine.result import Level, Place, RequirementResult, Status
from conformance.reporting.verdict import Verdict, decide
from conformance.strategies.bodies import is_clearly_invalid

NEW_YORK, OSLO, UTC = ZoneInfo("America/New_York"), ZoneInfo("Europe/Oslo"), ZoneInfo("UTC")
NAMES = ("Id", "Name", "Right", "Map", "Flag")
ROWS = [{"Id": "1", "Name": "a", "Flag": "true"}, {"Id": "2", "Name": "b", "Flag": "false"}]

SPELLINGS = {
    "plain": "<Rows><Row><Id>1</Id><Name>a</Name><Flag>true</Flag></Row><Row><Id>2</Id><Name>b</Name><Flag>false</Flag></Row></Rows>",
    "prefixes": '<x:A xmlns:x="u"><x:R><x:Id>1</x:Id><x:Name>a</x:Name><x:Flag>true</x:Flag></x:R>'
    "<x:R><x:Id>2</x:Id><x:Name>b</x:Name><x:Flag>false</x:Flag></x:R></x:A>",
    "attributes": '<A><R Id="1" Name="a" Flag="true"/><R Id="2" Name="b" Flag="false"/></A>',
    "deeper": "<E><Items><R><Id>1</Id><Name>a</Name><Flag>true</Flag></R>"
    "<R><Id>2</Id><Name>b</Name><Flag>false</Flag></R></Items></E>",
    "other case": "<A><r><id>1</id><name>a</name><flag>true</flag></r><r><id>2</id><name>b</name><flag>false</flag></r></A>",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_rows_are_found_however_xml_is_spelled(spelling: str) -> None:
    rows, path = find_element_path(parse_xml(SPELLINGS[spelling].encode()), NAMES)
    assert [{name.capitalize(): value for name, value in row.items()} for row in rows] == ROWS
    assert path


def test_empty_elements_are_rows_too() -> None:
    document = parse_xml("<A><R/><R/></A>")
    assert elements_at(document, ("A", "R")) == [{}, {}]
    assert elements_at(document, ("A", "X")) == []


@pytest.mark.parametrize("nil", ['<Name xsi:nil="true"/>', '<Name i:nil="1"></Name>', "<Name/>", "<Name></Name>", ""])
def test_nil_empty_and_absent_are_nothing(nil: str) -> None:
    text = f'<A xmlns:xsi="x" xmlns:i="y"><R><Id>1</Id><Flag>true</Flag>{nil}</R></A>'
    rows, _ = find_element_path(parse_xml(text), NAMES)
    assert rows[0].get("Name") is None


@pytest.mark.parametrize(
    "bomb", ["<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a", "", "\x00", "<a>&nbsp;</a>", "<a/><b/>"]
)
def test_bad_xml_is_a_problem_and_no_exception(bomb: str) -> None:
    assert parse_xml(bomb).problem


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_bytes_break_the_readers(data: bytes | str) -> None:
    parse_xml(data)
    parse_json(data if isinstance(data, str) else data.decode("utf-8", "replace"))


@pytest.mark.parametrize(
    ("value", "node", "fine"),
    [
        (1, "1", True), (1, "2", False), (1.5, "1.50", True), (True, "true", True), (True, "1", True), (True, "false", False),
        (None, None, True), (None, "x", False), ("", None, True), ("a", None, False), ("a", " a", False),
        ("a\r\nb", "a\nb", True), ("2020-01-01T10:00:00+01:00", "2020-01-01T09:00:00Z", True),
        ("2020-01-01T10:00:00+01:00", "2020-01-01T10:00:00Z", False),
        ({"Mask": "Full", "Reason": None}, {"Mask": "Full"}, True), ({"Mask": "Full"}, {"Mask": "None"}, False),
        ({"a b": "1"}, {"Entry": {"@Key": "a b", "#text": "1"}}, True), ({"a": "1"}, None, False),
        ({"x/y": "1"}, {"item": {"key": "x/y", "value": "1"}}, True), ({"a": "1"}, {"b": "1"}, False),
    ],
)  # fmt: skip
def test_json_against_xml(value: object, node: object, fine: bool) -> None:
    assert (is_equal_in_xml(value, node) is None) is fine


@pytest.mark.parametrize(("left", "right"), [(1, True), (0, False), ("1", 1), (None, ""), ([1], [True]), ({}, [])])
def test_json_values_of_different_types_differ(left: object, right: object) -> None:
    assert not is_equal(left, right)
    assert is_equal(left, left)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2006-08-23T18:28:48.147545+02:00", True), ("2006-08-23T18:28:48Z", True), ("2006-08-23T18:28:48", True),
        ("2006-08-23T18:28:48.1475451-0500", True), ("2021-02-30T10:00:00Z", False), ("2021-13-01T10:00:00Z", False),
        ("2021-01-01 10:00:00", False), ("4/17/1998 6:28:48 PM", False), ("2021-01-01", False), ("20210101T100000Z", False),
        ("2021-01-01T25:00:00Z", False), ("", False), ("2021-01-01T10:00:00+02:00 ", False), (None, False), (5, False),
    ],
)  # fmt: skip
def test_date_times(text: object, valid: bool) -> None:
    assert (parse_date_time(text) is not None) is valid


def moment(text: str) -> datetime:
    found = parse_date_time(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("before", "anchor", "after", "zone", "right"),
    [
        ("2021-07-01T12:00:00+02:00", None, "2021-07-01T06:00:00-04:00", NEW_YORK, True),
        ("2021-07-01T12:00:00+02:00", None, "2021-07-01T06:00:00", NEW_YORK, True),
        ("2021-07-01T12:00:00+02:00", None, "2021-07-01T05:00:00", NEW_YORK, False),
        ("2021-07-01T12:00:00+02:00", None, "2021-07-01T05:00:00-05:00", NEW_YORK, False),
        ("2021-07-01T12:00:00+02:00", None, "2021-07-01T12:00:00+02:00", NEW_YORK, True),
        ("2021-07-01T12:00:00+02:00", None, "2021-07-01T10:00:00Z", NEW_YORK, True),
        ("2021-07-01T12:00:00+02:00", None, "2021-07-01T06:00:00-05:00", NEW_YORK, False),
        ("2021-07-01T10:00:00", UTC, "2021-07-01T12:00:00", OSLO, True),
        ("2021-01-01T10:00:00", UTC, "2021-01-01T12:00:00", OSLO, False),
        ("2021-10-31T02:30:00", OSLO, "2021-10-31T00:30:00", UTC, True),
        ("2021-10-31T02:30:00", OSLO, "2021-10-31T01:30:00", UTC, True),
        ("2021-07-01T10:00:00", None, "2021-07-01T99:00:00"[:11] + "10:00:00", OSLO, True),
    ],
)
def test_conversion(before: str, anchor: ZoneInfo | None, after: str, zone: ZoneInfo, right: bool) -> None:
    assert (conversion_problem(moment(before), anchor, moment(after), zone) is None) is right


def test_a_wall_clock_may_name_two_moments_or_none() -> None:
    assert len(moments(datetime(2021, 10, 31, 2, 30), OSLO)) == 2
    assert len(moments(datetime(2021, 3, 28, 2, 30), OSLO)) == 0
    assert len(moments(datetime(2021, 7, 1, 2, 30), OSLO)) == 1


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ('<Name type="str">a</Name>', "a"), ('<Name type="null"/>', None), ('<Name type="str"></Name>', None),
        ('<Name null="true">a</Name>', None), ('<Name class="java.lang.String">a</Name>', "a"),
        ('<Name xsi:type="xsd:string">a</Name>', "a"), ('<Name is-null="false">a</Name>', "a"),
        ('<Map type="dict"><Key type="str">a</Key></Map>', {"Key": "a"}), ('<Map type="full" rate="3"/>', {"@type": "full", "@rate": "3"}),
        ('<Map><Entry Key="x" type="int">1</Entry></Map>', {"Entry": {"@Key": "x", "#text": "1"}}),
        ('<Map type="list"><I type="int">1</I><I type="int">2</I></Map>', {"I": ["1", "2"]}),
    ],
)  # fmt: skip
def test_attributes_that_name_a_kind_are_not_values(xml: str, value: object) -> None:
    text = f'<A xmlns:xsi="x"><R type="dict"><Id type="int">1</Id><Flag type="bool">true</Flag>{xml}</R></A>'
    (row,), _ = find_element_path(parse_xml(text), NAMES)
    assert row["Id"] == "1"
    assert row["Map" if "<Map" in xml else "Name"] == value
    assert "type" not in row


@pytest.mark.parametrize(
    ("ours", "others", "is_zeroed"),
    [
        (["1", "2"], ["0", "0"], True), (["0", "0"], ["1", "2"], True), (["1"], ["0"], True), (["0"], ["0"], False),
        (["0", "1"], ["1", "0"], False), ([], ["0"], True), ([], [], False),
    ],
)  # fmt: skip
def test_an_identity_that_is_zero_everywhere_was_not_selected(
    ours: list[str], others: list[str], is_zeroed: bool
) -> None:
    assert one_is_all_zeros(ours, others) is is_zeroed


def test_zeroes() -> None:
    assert is_zero(0, {"type": "integer"})
    assert is_zero("0", {"type": "integer"})
    assert is_zero(False, {"type": "boolean"})
    assert is_zero("0001-01-01T00:00:00", {"type": "string", "format": "date-time"})
    assert is_zero("0001-01-01T00:00:00+05:30", {"type": "string", "format": "date-time"})
    assert is_zero("1970-01-01T01:00:00+01:00", {"type": "string", "format": "date-time"})
    assert is_zero("1899-12-30T00:00:00Z", {"type": "string", "format": "date-time"})
    assert not is_zero("1970-01-01T02:00:00+01:00", {"type": "string", "format": "date-time"})
    assert not is_zero("1970-01-02T00:00:00Z", {"type": "string", "format": "date-time"})
    assert not is_zero("", {"type": ["string", "null"]})
    assert not is_zero(5, {"type": "integer"})
    assert not is_zero(False, {"type": "integer"})


@pytest.mark.parametrize(
    ("text", "problem"), [('{"a":1}', False), ('{"a":NaN}', True), ("[Infinity]", True), ("{'a':1}", True), ("", True)]
)
def test_json_is_stricter_than_the_library(text: str, problem: bool) -> None:
    assert bool(parse_json(text).problem) is problem


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 500 + "]" * 500, '{"a":' * 300 + "1" + "}" * 300])
def test_json_that_is_too_deep_to_read_is_not_called_malformed(text: str) -> None:
    document = parse_json(text)
    assert not document.problem
    assert "200 levels" in document.beyond


def test_repeated_names_are_seen() -> None:
    assert parse_json('{"a":1,"b":{"c":1,"c":2}}').repeated == ("c",)


@pytest.mark.parametrize(
    ("body", "charset", "fine"),
    [
        ("Größe".encode(), "utf-8", True), ("Größe".encode(), None, True), ("Größe".encode(), "iso-8859-1", False),
        ("Größe".encode("latin-1"), "iso-8859-1", True), ("Größe".encode("latin-1"), "utf-8", False),
        ("Größe".encode("utf-16"), "utf-16", True), (b"abc", "utf-16", False), (b"abc", "no-such-charset", False),
        (b"abc", "iso-8859-1", True),
    ],
)  # fmt: skip
def test_charsets(body: bytes, charset: str | None, fine: bool) -> None:
    assert (charset_problem(body, charset) is None) is fine


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("Traceback (most recent call last):\n", True),
        ("   at Crm.Web.Batch.Get(Int32 id) in C:\\src\\Batch.cs:line 42", True),
        ('  File "/srv/app/main.py", line 3, in get', True),
        ("The request is invalid.", False),
        ('{"Message":"No HTTP resource was found that matches the request URI \'/api/v1/x\'."}', False),
        ("<html><head><title>404</title></head><body>Not here at all</body></html>", False),
    ],
)
def test_stack_traces(text: str, shows: bool) -> None:
    assert bool(stack_trace(text)) is shows


SCHEMA = {
    "type": "object",
    "properties": {
        "Ids": {"type": ["array", "null"], "items": {"type": "integer"}},
        "State": {"type": ["string", "null"]},
    },
}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"Ids": [1], "State": "All"}, False), ({"Ids": ["1"]}, False), ({"Ids": None}, False), ({}, False), (None, False),
        ({"State": 5}, False), ({"Ids": 5}, False), ({"Ids": {"a": 1}}, True), ({"Ids": ["x"]}, True), ([1], True), ("x", True),
        ({"State": {"a": 1}}, True), (b"\x00", False), ({"Ids": {}, "ids": [1]}, False),
    ],
)  # fmt: skip
def test_what_no_lenient_reader_accepts(body: object, wrong: bool) -> None:
    assert is_clearly_invalid(body, SCHEMA) is wrong


@given(st.text(alphabet="ABCZaz09+/", min_size=4, max_size=40))
def test_malformed_credentials_are_never_the_right_one(value: str) -> None:
    credential = Ticket(value=value)
    wrong = [*credential.malformed().values(), *credential.near_misses().values()]
    assert f"SoTicket {value}" not in wrong
    assert len(credential.near_misses()) <= Ticket.max_near_misses
    assert distinct_from(value[0]) != value[0]


def test_xml_bodies_are_escaped() -> None:
    body = encode_xml({"Ids": [1, 2], "State": "<&>", "None": None}, XmlSpelling(root="r", item="int"))
    assert parse_xml(body).value == {"r": {"Ids": {"int": ["1", "2"]}, "State": "<&>"}}


def result(status: Status, level: Level = Level.MUST, number: int = 1) -> RequirementResult:
    return RequirementResult(
        id=f"X-{number:02}",
        operation="o",
        level=level,
        title="t",
        chapter="c",
        source=Place(page="", section=""),
        status=status,
    )


@pytest.mark.parametrize(
    ("results", "verdict", "strict"),
    [
        ([result(Status.PASSED)], "conformant", "conformant"),
        ([result(Status.PASSED), result(Status.WARNING, Level.SHOULD)], "conformant", "non-conformant"),
        ([result(Status.PASSED), result(Status.FAILED)], "non-conformant", "non-conformant"),
        ([result(Status.PASSED), result(Status.INCONCLUSIVE)], "inconclusive", "inconclusive"),
        ([result(Status.FAILED), result(Status.INCONCLUSIVE)], "non-conformant", "non-conformant"),
        ([result(Status.PASSED), result(Status.INCONCLUSIVE, Level.SHOULD)], "conformant", "conformant"),
        ([result(Status.PASSED), result(Status.INCONCLUSIVE, Level.MAY)], "conformant", "conformant"),
        ([result(Status.SKIPPED), result(Status.OBSERVED, Level.MAY)], "inconclusive", "inconclusive"),
        ([], "inconclusive", "inconclusive"),
    ],
)
def test_the_verdict(results: list[RequirementResult], verdict: str, strict: str) -> None:
    assert decide(tuple(results))[0] is Verdict(verdict)
    assert decide(tuple(results), strict=True)[0] is Verdict(strict)
    assert decide(tuple(results))[1]
