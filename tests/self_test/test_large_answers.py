"""Answers as large as a run reads, and larger ones: no failure of the server, and no memory without bound."""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from conformance.client.bodies import BodyStore, StoredBody
from conformance.client.codec_json import parse_json
from conformance.client.codec_xml import parse_xml
from conformance.client.exchange import Exchange, RedactedExchange, Request, Response
from conformance.client.in_process import serve
from conformance.client.reading import MAX_VALUES
from conformance.client.recorder import Recorder
from conformance.comparison import body_cache as recent
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import AnswerTooLarge
from conformance.engine.config import Config
from conformance.engine.result import Status
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, ReferenceApplication
from conformance.reporting.results import Results
from support.suite_runner import contract, run_settings

MIB = 1024 * 1024
MAX_BODY = 300_000


class Padded:
    """The reference server; the answers that ``which`` chooses have blanks after them, more than are read."""

    def __init__(self, which: Any) -> None:
        self._inner = ReferenceApplication(contract())
        self._which = which

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        begun: list[Any] = []
        body = b"".join(self._inner(environ, lambda status, headers, *more: begun.append((status, headers))))
        status, headers = begun[0]
        if self._which(environ, body):
            body += b" " * MAX_BODY
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]


def run_padded(which: Any, *requirements: str) -> Results:
    with serve(Padded(which)) as url:
        settings = Settings(
            target=url, auth=DEMO_AUTH, seed=1, reports=Path("unused"), requirements=requirements, max_body=MAX_BODY
        )
        return run_settings(settings, Config(time_zones=DEMO_TIME_ZONES))


def test_where_every_answer_is_too_large_all_is_inconclusive_and_says_so() -> None:
    found = run_padded(lambda environ, body: True, "OP-*", "SHAPE-0*", "ACC-01", "HTTP-0*", "AUTH-01")
    assert {each.status for each in found.requirements if each.status is not Status.SKIPPED} == {Status.INCONCLUSIVE}
    assert all("--max-body" in each.reason for each in found.requirements if each.status is Status.INCONCLUSIVE)
    assert found.run.requests < 20, "what cannot be read is not asked for again and again"


def test_answers_that_are_too_large_blame_no_requirement() -> None:
    found = run_padded(
        lambda environ, body: "xml" in environ.get("HTTP_ACCEPT", ""), "OP-01", "OP-04", "SHAPE-08", "ACC-01", "HTTP-03"
    )
    by_id = {each.id: each for each in found.requirements}
    assert by_id["OP-01"].status is Status.PASSED, "it met none of them"
    for name in ("OP-04", "SHAPE-08", "ACC-01", "HTTP-03"):
        assert by_id[name].status is Status.INCONCLUSIVE, by_id[name].reason
        assert "--max-body" in by_id[name].reason


def test_where_only_answers_with_data_are_too_large_that_is_why_nothing_is_decided() -> None:
    # The ids of the page's sample have no element at the reference server, so the first answer is short.
    found = run_padded(lambda environ, body: body.startswith(b"[{"), "OP-01", "SEL-03", "LANG-01", "ACC-02")
    inconclusive = {each.id: each.reason for each in found.requirements if each.status is Status.INCONCLUSIVE}
    assert {"SEL-03", "LANG-01", "ACC-02"} <= inconclusive.keys()
    assert all("--max-body" in reason for reason in inconclusive.values()), inconclusive


def answers(count: int, elements: int) -> list[Answer]:
    recorder = Recorder()
    made = []
    for number in range(count):
        rows = [{"Id": i, "AssociateId": number, "Description": f"Row {i} of {number}"} for i in range(elements)]
        response = Response(status=200, headers=(("Content-Type", "application/json"),), body=json.dumps(rows).encode())
        exchange = RedactedExchange(
            number=number, operation="o", requirement="", purpose="baseline", request=Request(method="POST", target="/"),
            response=response, url="http://h/", started="2026-01-01T00:00:00Z", seconds=0.1,
        )  # fmt: skip
        made.append(Answer(recorder.add(exchange), contract().operations[0]))
    return made


def parsed_objects() -> int:
    gc.collect()
    return sum(
        1 for each in gc.get_objects() if type(each) is dict and each.keys() == {"Id", "AssociateId", "Description"}
    )


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.comparison.answer.RECENT", recent.Recent(MIB))


@pytest.mark.usefixtures("small_memory")
def test_answers_keep_no_parsed_copies() -> None:
    before = parsed_objects()
    kept = answers(30, 1000)
    for answer in kept:
        assert answer.elements is not None
        assert len(answer.read_elements() or []) == 1000
        assert "Row 999" in answer.text
    assert parsed_objects() - before <= 12 * 1000, "of 30,000 elements only those looked at last are alive"


def test_the_bytes_of_large_bodies_are_not_in_memory() -> None:
    store = BodyStore()
    tracemalloc.start()
    kept = [store.keep(b"%07d" % number * 100_000) for number in range(30)]
    now, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [each.load()[:7] for each in kept if isinstance(each, StoredBody)] == [b"%07d" % n for n in range(30)]
    assert now < 3 * MIB, "of 20 MiB only the last ones are"


def test_equal_bodies_are_kept_once() -> None:
    store = BodyStore()
    for body in (b"small", b"large" * 100_000):
        one, other = store.keep(bytes(bytearray(body))), store.keep(bytes(bytearray(body)))
        assert one is other
    assert isinstance(one, StoredBody)
    assert one.load() == b"large" * 100_000
    assert Response(status=200, body=one) == Response(status=200, body=other)  # type: ignore[arg-type]
    assert one != store.keep(b"other" * 100_000)


def test_without_a_place_for_the_file_bodies_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    body = b"large" * 100_000
    assert BodyStore().keep(body) == body


@pytest.mark.parametrize(
    "text",
    ["[" + "{}," * 2_700_000 + "{}]", "[" + "0," * 4_000_000 + "0]", "[" * 8_000_000],
    ids=["objects", "numbers", "arrays"],
)
def test_too_many_values_are_counted_and_not_built(text: str) -> None:
    tracemalloc.start()
    document = parse_json(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not document.problem
    assert f"{MAX_VALUES:,}" in document.beyond
    assert peak < 3 * len(text)


def test_too_many_xml_elements_are_counted_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.client.reading.MAX_VALUES", 1000)
    document = parse_xml("<a>" + "<b c='d'/>" * 500 + "</a>")
    assert not document.problem
    assert "more than 1,000 values" in document.beyond
    assert not parse_xml("<a>" + "<b c='d'/>" * 499 + "</a>").beyond
    assert "200 levels" in parse_xml("<a>" * 300 + "</a>" * 300).beyond


def test_commas_in_strings_are_no_values() -> None:
    assert parse_json(json.dumps(["," * 2_000_000, '"[{,' * 500_000])).value is not None


def test_what_needs_an_answer_with_too_many_values_is_inconclusive() -> None:
    exchange = answers(1, 1)[0].exchange
    assert exchange.response is not None
    body = b"[" + b"0," * MAX_VALUES + b"0]"
    response = Response(status=200, headers=exchange.response.headers, body=body)
    answer = Answer(
        Exchange(
            number=0, operation="o", requirement="", purpose="baseline", request=exchange.request, response=response,
            url="http://h/", started="2026-01-01T00:00:00Z", seconds=0.1,
        ),
        contract().operations[0],
    )  # fmt: skip
    with pytest.raises(AnswerTooLarge, match="more than 1,000,000 values"):
        _ = answer.elements


@pytest.mark.slow(reason="answers of eight megabytes")
@pytest.mark.parametrize("kind", ["elements", "keys", "strings", "objects", "depth", "larger"])
def test_a_whole_run_stays_within_its_memory(kind: str) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    from large_answers import MAX_MIB, measure

    figures = measure(kind, ["OP-*", "SHAPE-*", "SEL-0*", "ACC-*", "LANG-0*"])
    assert figures["peak MiB"] < MAX_MIB, figures
    if kind in ("objects", "depth", "larger"):
        assert figures["failed"] == []
