"""The HTML report: the page with its verdicts, causes, differences, charts, and what a browser makes of it."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.exchange import Exchange, Response
from conformance.comparison.target_facts import TargetFacts
from conformance.engine.result import Finding, Level, RequirementResult, Status
from conformance.reporting.html.causes import causes
from conformance.reporting.html.charts import charts
from conformance.reporting.html.difference import difference
from conformance.reporting.html.document import html
from conformance.reporting.html.page_view import render_page
from conformance.reporting.status_presentation import anchors
from conformance.reporting.text import exchanges_of
from support.big_report import OPERATION, PAGES, big, failed, row
from support.example_results import EXCHANGES, HOSTILE, exchange, results
from support.suite_runner import contract, correct, run_reference

# What discovery finds of the elements below.
FACTS = TargetFacts(identity="Id", ordered=False)


class Tags(HTMLParser):
    """Every start tag with its attributes, and a check that what is opened is closed."""

    void = frozenset({"meta", "br", "input", "rect", "link", "img", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.void:
            assert self.open.pop() == tag

    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs in self.tags if "id" in attrs]


def rendered(text: str, *found: RequirementResult) -> str:
    return str(render_page(text, found, anchors(found)))


def test_rows_sentences_headings_and_samples_are_marked() -> None:
    text = "# T\n\nA sentence.\n\n| a | b |\n|---|---|\n| x | y |\n| z | w |\n\n```http\nGET /\n```\n"
    page = rendered(
        text,
        row("A-01", 1, Status.WARNING),
        row("A-02", 3),
        row("A-03", 7, Status.FAILED),
        row("A-04", 7),
        row("A-05", 11),
    )
    assert '<h3 class="marked warning">T</h3>' in page
    assert '<p class="marked passed">A sentence.</p>' in page
    assert '<tr class="marked failed">' in page
    assert page.count('<td class="marks">') == 2
    assert page.index("A-03") < page.index("A-04")
    assert 'href="#A-03"' in page
    assert '<pre tabindex="0" class="marked passed">GET /' in page
    assert '<th scope="col">Requirements</th>' in page
    Tags(page)


def test_a_table_without_verdicts_stays_as_it_is() -> None:
    page = rendered("| a |\n|---|\n| x |\n")
    assert "Requirements" not in page
    Tags(page)


@given(
    st.text(max_size=80)
    | st.sampled_from([HOSTILE, "<img src=x>", "![a](http://x.example/y.png) [b](javascript:a)", "<http://x.example>"])
)
def test_a_page_brings_no_markup_and_no_links_of_its_own(text: str) -> None:
    found = (row("A-01", 1), row("A-02", 3))
    tags = Tags(rendered(f"{text}\n\n| {text} |\n|---|\n| {text} |\n", *found)).tags
    assert {tag for tag, _ in tags} <= {"p", "a", "span", "table", "thead", "tbody", "tr", "th", "td", "div", "pre", "code", "em", "strong",
                                        "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "br"}  # fmt: skip
    assert all(str(attrs.get("href")).startswith("#") for tag, attrs in tags if tag == "a")


def test_every_line_that_a_requirement_is_based_on_is_marked() -> None:
    """A mark that is lost would let the reader think that it was not tried."""
    record = correct().results
    page = html(record, [], contract(), PAGES).decode()
    document = page.partition('<section class="doc"')[2].partition("</section>")[0]
    rests = {result.id for result in record.requirements if result.source.line}
    assert rests == set(re.findall(r'class="mark [a-z]+" href="#([A-Z]+-\d\d)"', document))


def test_fragments_are_unique_and_lead_somewhere() -> None:
    for record in (correct().results, run_reference(["select-ignored"], requirements=["SEL-*"]).results, results()):
        tags = Tags(html(record, EXCHANGES, contract(), PAGES).decode())
        ids = tags.ids()
        assert len(ids) == len(set(ids))
        for tag, attrs in tags.tags:
            if tag == "a" and str(attrs["href"]).startswith("#"):
                assert str(attrs["href"])[1:] in ids
            for name in ("aria-labelledby", "data-copy"):
                assert name not in attrs or attrs[name] in ids


def test_several_operations_have_fragments_of_their_own() -> None:
    found = anchors([row("A-01", 1), row("A-01", 1, operation="other"), row("A-02", 1)])
    assert list(found.values()) == ["A-01", "A-01-other", "A-02"]


def test_one_cause_is_one_card() -> None:
    crash = msgspec.structs.replace(exchange(0), response=Response(status=500, reason="Oops"))
    same_outcome = [failed("A-01", "a", actual="500 Oops"), failed("B-01", "b", actual="500 Oops")]
    assert len(causes(same_outcome, {0: crash})) == 1
    operations = [failed("A-01", f"{n} of 'x{n}'", actual=str(n), operation=f"op{n}") for n in range(40)]
    assert [len(cause.occurrences) for cause in causes(operations, {})] == [40]
    apart = [
        failed("A-01", "a", actual="1"),
        failed("B-01", "b", actual="2"),
        failed("C-01", "c", actual="1", level=Level.SHOULD),
    ]
    assert len(causes(apart, {})) == 3
    assert causes(apart, {})[-1].first.result.id == "C-01"
    page = html(msgspec.structs.replace(results(), requirements=tuple(operations)), EXCHANGES, contract()).decode()
    assert "40 occurrences" in page
    assert all(f'id="A-01-op{n}-1"' in page for n in range(40))


def test_what_has_no_effect_is_one_cause() -> None:
    plain = exchange(0)
    with_query = msgspec.structs.replace(
        exchange(1), request=msgspec.structs.replace(plain.request, target="/x?$select=Name")
    )
    other = msgspec.structs.replace(
        exchange(2), request=msgspec.structs.replace(plain.request, headers=(("SO-TimeZone", "NO"),))
    )
    shown = {0: plain, 1: with_query, 2: other}

    def failing(id_: str, number: int) -> RequirementResult:
        failure = failed(id_, id_, actual=id_)
        return msgspec.structs.replace(
            failure, findings=(msgspec.structs.replace(failure.findings[0], exchanges=(0, number)),)
        )

    found = causes([failing("A-01", 1), failing("A-02", 1), failing("B-01", 2)], shown)
    assert [[each.result.id for each in cause.occurrences] for cause in found] == [["A-01", "A-02"], ["B-01"]]
    changed = {**shown, 1: msgspec.structs.replace(with_query, response=Response(status=200, body=b"[]"))}
    assert len(causes([failing("A-01", 1), failing("A-02", 1)], changed)) == 2


def answer(number: int, rows: list[dict[str, Any]], role: str) -> Exchange:
    return msgspec.structs.replace(exchange(number, json.dumps(rows).encode()), purpose=role)


def test_a_difference_property_by_property() -> None:
    left = answer(0, [{"Id": 1, "Name": "a"}, {"Id": 2, "Name": "b"}], "unselected")
    right = answer(1, [{"Id": 2, "Name": "b"}, {"Id": 1, "Name": None, "Context": 1}], "selected")
    found = difference([left, right], OPERATION, FACTS)
    assert found is not None
    assert (found.left, found.right, found.same) == ("unselected", "selected", 3)
    assert [(line.element, line.name, line.left, line.right) for line in found.lines] == [
        ("Id 1", "Name", '"a"', "null"), ("Id 1", "Context", None, "1"),
    ]  # fmt: skip
    assert difference([left], OPERATION, FACTS) is None
    assert difference([left, exchange(1, b"{"), exchange(2, b"<")], OPERATION, FACTS) is None
    equal = difference([left, left], OPERATION, FACTS)
    assert equal is not None
    assert (equal.lines, equal.same) == ((), 4)
    many = [answer(n, [{"Id": i, "Name": str(n)} for i in range(90)], "r") for n in range(2)]
    truncated = difference(many, OPERATION, FACTS)
    assert truncated is not None
    assert (len(truncated.lines), truncated.more, truncated.same) == (40, 50, 90)


def test_elements_are_paired_as_requirements_pair_them() -> None:
    left = answer(0, [{"Key": 1, "Id": 7}, {"Key": 2, "Id": 8}], "unselected")
    right = answer(1, [{"Key": 2, "Id": 7}, {"Key": 1, "Id": 9}], "selected")

    def shown(facts: TargetFacts) -> list[tuple[str, str, str | None, str | None]]:
        found = difference([left, right], OPERATION, facts)
        assert found is not None
        return [(line.element, line.name, line.left, line.right) for line in found.lines]

    assert shown(FACTS) == [
        ("Id 7", "Key", "1", "2"), ("Id 8", "Key", "2", None), ("Id 8", "Id", "8", None),
        ("Id 9", "Key", None, "1"), ("Id 9", "Id", None, "9"),
    ]  # fmt: skip
    assert shown(TargetFacts(identity="Key")) == [("Key 1", "Id", "7", "9"), ("Key 2", "Id", "8", "7")]
    in_order = [("element 1", "Key", "1", "2"), ("element 2", "Key", "2", "1"), ("element 2", "Id", "8", "9")]
    assert shown(TargetFacts()) == shown(TargetFacts(ordered=False)) == in_order


def test_xml_is_compared_with_json() -> None:
    body = b"<ArrayOfItem><Item><Id>1</Id><Name>b</Name><Context>c</Context></Item></ArrayOfItem>"
    xml = Response(status=200, headers=(("Content-Type", "application/xml"),), body=body)
    found = difference(
        [
            answer(0, [{"Id": 1, "Name": "a", "Context": "c"}], "json"),
            msgspec.structs.replace(exchange(1), purpose="xml", response=xml),
        ],
        OPERATION,
        FACTS,
    )
    assert found is not None
    assert [line.name for line in found.lines] == ["Name"]


def test_charts() -> None:
    _, chart = charts(
        [msgspec.structs.replace(exchange(n), seconds=s) for n, s in enumerate((0.002, 0.02, 0.02, 2.0))], []
    )
    assert [(bar.label, bar.count) for bar in chart.bars] == [
        ("under 3 ms", 1), ("under 10 ms", 0), ("under 30 ms", 2), ("under 100 ms", 0), ("under 300 ms", 0), ("under 1 s", 0), ("under 3 s", 1)
    ]  # fmt: skip
    assert "the slowest took 2000 ms" in chart.summary
    assert charts([], [])[1].bars == ()
    asked, _ = charts([exchange(0), msgspec.structs.replace(exchange(1), requirement="A-01")], [row("A-01", 1)])
    assert [(bar.label, bar.count, bar.share) for bar in asked.bars] == [("Discovery", 1, 1.0), ("c", 1, 1.0)]


def test_a_big_run_gives_a_small_page() -> None:
    record, exchanges = big()
    started = time.perf_counter()
    page = html(record, exchanges, contract(), PAGES)
    assert time.perf_counter() - started < 20
    assert len(page) < 10_000_000


def test_what_is_beyond_the_budget_stays_in_the_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.reporting.html.document._BUDGET", 10)
    page = html(results(), EXCHANGES, contract()).decode()
    assert "The exchanges are only in the evidence" in page
    assert "<summary>Exchange" not in page


def test_an_exchange_is_called_what_it_is_in_the_finding() -> None:
    sent = exchange(0, b"[]")
    found = Finding(id="X-1", message="", expected="", actual="", exchanges=(0, 5), roles=("control", "selected"))
    assert [each.purpose for each in exchanges_of(found, {0: sent})] == ["control"]
    assert [each.purpose for each in exchanges_of(msgspec.structs.replace(found, roles=()), {0: sent})] == [
        sent.purpose
    ]
