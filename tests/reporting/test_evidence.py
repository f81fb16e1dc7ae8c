"""The exchanges as reports take them: by number, limited, without gaps, and each report in parts as in one."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from conformance.client.recorder import BEGINNING, IN_ALL, WHOLE
from conformance.client.redact import whole_characters
from conformance.engine.result import Status
from conformance.journal.reader import JournalReader
from conformance.journal.writer import Journal
from conformance.reporting.ctrf import ctrf
from conformance.reporting.evidence import find, find_all
from conformance.reporting.har import har
from conformance.reporting.html.document import html
from conformance.reporting.json_parts import json_parts, marker
from conformance.reporting.junit import junit
from conformance.reporting.limited_evidence import LimitedEvidence
from conformance.reporting.sarif import sarif
from support.example_results import results
from support.journals import exchange_of
from support.suite_runner import contract


@pytest.mark.parametrize("size", [10, BEGINNING + 1, WHOLE + 1, WHOLE * 2])
def test_bodies_are_limited(size: int) -> None:
    # Characters of two bytes: none is left in half.
    bodies = [(f"{number:02}" + "\u00e9" * (size // 2 + 1)).encode() for number in (1, 2, 1)]
    exchanges = [exchange_of(number, body) for number, body in enumerate(bodies)]
    shown = [each.response for each in LimitedEvidence(exchanges, [1]) if each.response]
    for number, (response, body) in enumerate(zip(shown, bodies, strict=True)):
        limit = WHOLE if len(body) <= WHOLE or number == 1 else BEGINNING
        assert response.body == whole_characters(body[:limit])
        assert response.whole_size == (None if len(body) <= limit else len(body))


def test_what_a_finding_shows_has_its_bodies_first() -> None:
    many = IN_ALL // WHOLE + 5
    exchanges = [exchange_of(number, b"%08d" % number + b"x" * (WHOLE - 8)) for number in range(many)]
    evidence = LimitedEvidence(exchanges, [many - 1])
    sizes = [len(each.response.body) for each in evidence if each.response]
    assert sizes[-1] == WHOLE
    assert sizes.count(WHOLE) == IN_ALL // WHOLE
    assert sizes[-2] == BEGINNING
    short = evidence[many - 2].response
    assert short is not None
    assert short.whole_size == WHOLE


def test_numbers_have_no_gaps() -> None:
    kept = [msgspec.structs.replace(exchange_of(number, b"[]"), batch=3) for number in (0, 3, 7)]
    by_number = {each.number: each for each in kept}

    class Kept:
        __getitem__ = by_number.__getitem__

        def __len__(self) -> int:
            return len(by_number)

        def __iter__(self) -> object:
            return iter(kept)

    evidence = LimitedEvidence(Kept(), [7])
    assert [(each.number, each.batch, each.url) for each in evidence] == [
        (place, 1, each.url) for place, each in enumerate(kept)
    ]
    assert evidence[2].url == kept[2].url
    (result,) = results(statuses=(Status.FAILED,)).requirements
    finding = msgspec.structs.replace(result.findings[0], exchanges=(7, 3))
    moved = evidence.renumbered(msgspec.structs.replace(result, findings=(finding,)))
    assert moved.findings[0].exchanges == (2, 1)


def test_an_exchange_that_is_not_there_is_left_out() -> None:
    exchanges = [exchange_of(0, b"[]"), exchange_of(1, b"[]")]
    assert find(exchanges, 2) is None
    assert find({1: exchanges[1]}, 0) is None
    assert find([exchanges[1]], 0) is None
    assert find_all(exchanges, (1, 5, 0)) == [exchanges[1], exchanges[0]]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_in_parts_is_json_as_a_whole(count: int) -> None:
    elements = [{"a\n": ["x\n  y", {}, [], None, 1.5]}, "\ud800", []][:count]
    text = {"first": elements, "and": {"second": elements, "ü": '[\n  "\\u0000first"\n]'}}
    parts = {"first": marker("first"), "and": {**text["and"], "second": marker("second")}}
    made = b"".join(json_parts(parts, {"first": iter(elements), "second": iter(elements)}))
    assert made == json.dumps(text, indent=2, ensure_ascii=False).encode("utf-8", "replace")


def test_reports_of_a_journal_are_those_of_exchanges_in_memory(tmp_path: Path) -> None:
    exchanges = [exchange_of(number, b'[{"Id": %d, "Name": "\xff"}]' % number) for number in range(40)]
    journal = Journal.create(tmp_path / "journal.sqlite")
    for exchange in exchanges:
        journal.add_exchange(exchange)
    journal.close()
    record = results()
    with JournalReader(tmp_path / "journal.sqlite") as reader:
        evidence = LimitedEvidence(reader.exchanges(), [0, 1])
        for writer in (junit, ctrf, sarif, har):
            assert writer(record, evidence) == writer(record, exchanges)
            # Once more: nothing depends on what was read before.
            assert writer(record, evidence) == writer(record, exchanges)
        assert html(record, evidence, contract()) == html(record, exchanges, contract())
