"""The reports: every status in every format, hostile text, numbers that agree, nothing from the network."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from conformance.engine.result import Status
from conformance.reporting.har import har
from conformance.reporting.html.document import html
from conformance.reporting.junit import junit
from conformance.reporting.results import from_json, json_schema, to_json
from conformance.reporting.terminal import Progress, print_closing
from support.example_results import EXCHANGES, HOSTILE, case, exchange, results
from support.suite_runner import contract


@pytest.mark.parametrize(
    ("status", "strict", "child"),
    [
        (Status.PASSED, False, None), (Status.FAILED, False, "failure"), (Status.WARNING, False, None), (Status.WARNING, True, "failure"),
        (Status.OBSERVED, False, None), (Status.SKIPPED, False, "skipped"), (Status.INCONCLUSIVE, False, "error"),
    ],
)  # fmt: skip
def test_each_status_in_junit(status: Status, strict: bool, child: str | None) -> None:
    report = junit(results(statuses=(status,), strict=strict), EXCHANGES)
    kinds = {element.tag for element in case(report, "X-01")} & {"failure", "error", "skipped"}
    assert kinds == ({child} if child else set())


def test_a_failure_holds_message_request_and_answer() -> None:
    failure = case(junit(results("the message", (Status.FAILED,)), EXCHANGES), "X-01").find("failure")
    assert failure is not None
    assert failure.get("message") == "the message"
    text = failure.text or ""
    for part in ("expected: the message", "POST http://127.0.0.1:1/x?$select=Id", '{"a":1}', "HTTP/1.1 200 OK", '[{"Id":1}]',
                 "no response: no answer within 30 s", "curl -i"):  # fmt: skip
        assert part in text


def test_a_run_that_decided_nothing_has_an_error() -> None:
    for statuses in ((), (Status.SKIPPED,)):
        assert list(ElementTree.fromstring(junit(results(statuses=statuses), EXCHANGES)).iter("error"))


def test_entries_of_the_evidence_are_numbered_like_the_exchanges() -> None:
    log = json.loads(har(results(), [exchange(0), exchange(1, b"\xff\xfe"), exchange(2, answered=False)]))["log"]
    assert log["version"] == "1.2"
    assert all(e["comment"].startswith("requirement=SEL-03; role=selected; operation=op") for e in log["entries"])
    assert log["entries"][0]["response"]["content"]["text"] == '[{"Id":1}]'
    assert log["entries"][1]["response"]["content"]["encoding"] == "base64"
    assert log["entries"][2]["response"]["status"] == 0
    assert log["entries"][2]["comment"].endswith("failure=timeout (no answer within 30 s)")
    assert log["entries"][0]["time"] == 12.3


def test_the_schema_of_the_results_is_current_and_fits() -> None:
    kept = json.loads((Path(json_schema.__code__.co_filename).parent / "results.schema.json").read_text())
    assert kept == json.loads(json.dumps(json_schema()))
    data = to_json(results())
    jsonschema.validate(json.loads(data), kept)
    assert from_json(data) == results()


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "action", "srcset", "data")]


def test_the_page_needs_no_network_and_runs_no_foreign_text() -> None:
    page = html(results(HOSTILE), [exchange(0, HOSTILE.encode()), exchange(1)], contract()).decode()
    assert "<img" not in page
    assert page.count("<script") == 1
    links = Links()
    links.feed(page)
    assert links.found
    # The evidence is a file beside the page, and is opened only when somebody asks for it.
    assert all(link.startswith("#") or link == "evidence.har" for link in links.found)
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    assert "49" not in re.findall(r"\{\{.*?\}\}", page)


def test_every_finding_shows_what_was_sent_and_came() -> None:
    page = html(results("the message"), EXCHANGES, contract()).decode()
    for part in ('id="X-02-op-1"', "the message", "POST http://127.0.0.1:1/x?$select=Id", "HTTP/1.1 200 OK", "curl -i",
                 "page.md, line 7", "no answer within 30 s", "Inconclusive", "not found:"):  # fmt: skip
        assert part in page


@given(st.text(max_size=80), st.binary(max_size=80))
def test_no_text_breaks_a_writer(text: str, body: bytes) -> None:
    record, exchanges = results(text), [exchange(0, body), exchange(1, body)]
    ElementTree.fromstring(junit(record, exchanges))
    json.loads(har(record, exchanges))
    html(record, exchanges, contract())


def test_long_bodies_are_cut() -> None:
    page = html(results(), [exchange(0, b'["' + b"x" * 300_000 + b'"]'), exchange(1)], contract())
    assert len(page) < 200_000
    assert b"more characters]" in page


def test_the_closing_table() -> None:
    out = io.StringIO()
    print_closing(results("the message"), Console(width=100, file=out), Path("reports"))
    text = out.getvalue()
    assert "non-conformant: 1 requirement failed: X-02" in text
    assert re.search(r"^all +1 +1 +1 +1 +1 +1", text, re.MULTILINE)
    assert re.search(r"^inconclusive X-06 +the message", text, re.MULTILINE)


@pytest.mark.parametrize("quiet", [True, False])
def test_progress_without_a_terminal_is_plain_lines(quiet: bool, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(Console(width=80), quiet=quiet)
    progress.start(6)
    for result in results().requirements:
        progress.requirement_done(result, 1)
    progress.stop()
    progress.stop()
    assert ("Chapter 1: 1 passed" in capsys.readouterr().out) is not quiet


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.parametrize(
    "statuses", [tuple(Status), (Status.PASSED,), (Status.INCONCLUSIVE,)], ids=lambda s: str(len(s))
)
def test_the_page_works_in_a_browser(statuses: tuple[Status, ...], tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_bytes(html(results(HOSTILE, statuses), [exchange(0, HOSTILE.encode()), exchange(1)], contract()))
    shown = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
         "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    # The script ran, so nothing in the page stopped it, and counted the rows.
    assert f"{len(statuses)} of {len(statuses)}" in shown.stdout
    assert "Content Security Policy" not in shown.stderr
    assert "Uncaught" not in shown.stderr
