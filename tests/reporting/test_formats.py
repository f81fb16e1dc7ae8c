"""Every format says the same: a truth table of statuses, hostile text, and what each format's readers insist on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conformance.engine.result import Level, Status
from conformance.reporting.badge import badge
from conformance.reporting.ctrf import ctrf
from conformance.reporting.github import append_summary, workflow_commands
from conformance.reporting.html.document import html
from conformance.reporting.junit import junit
from conformance.reporting.markdown import markdown
from conformance.reporting.results import Results, to_json
from conformance.reporting.sarif import sarif
from conformance.reporting.verdict import Verdict
from support.example_results import EXCHANGES, HOSTILE, case, results
from support.suite_runner import contract

ROWS = [
    # status, strict, verdict, exit status, JUnit child, CTRF, SARIF results, SARIF notifications, annotation
    (Status.PASSED, False, "conformant", 0, None, "passed", [], [], []),
    (Status.FAILED, False, "non-conformant", 1, "failure", "failed", ["error"], [], ["error"]),
    (Status.WARNING, False, "inconclusive", 3, None, "passed", ["warning"], [], ["warning"]),
    (Status.WARNING, True, "non-conformant", 1, "failure", "failed", ["error"], [], ["error"]),
    (Status.OBSERVED, False, "inconclusive", 3, None, "passed", [], [], []),
    (Status.SKIPPED, False, "inconclusive", 3, "skipped", "skipped", [], [], []),
    (Status.INCONCLUSIVE, False, "inconclusive", 3, "error", "other", [], ["error"], ["error"]),
]


def one(status: Status, strict: bool = False) -> Results:
    """Results with one requirement; a warning's finding weighs SHOULD, as the runner makes it."""
    record = results("the message", (status,), strict=strict)
    if status is not Status.WARNING:
        return record
    row = record.requirements[0]
    findings = tuple(msgspec.structs.replace(each, level=Level.SHOULD) for each in row.findings)
    return msgspec.structs.replace(record, requirements=(msgspec.structs.replace(row, findings=findings),))


def sarif_run(record: Results) -> dict[str, Any]:
    log = json.loads(sarif(record, EXCHANGES))
    assert log["version"] == "2.1.0"
    run: dict[str, Any] = log["runs"][0]
    return run


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].value}{'-strict' if row[1] else ''}")
def test_each_status_in_each_format(row: tuple[Any, ...]) -> None:
    status, strict, verdict, exit_status, child, in_ctrf, found, notified, annotated = row
    record = one(status, strict)

    assert (record.verdict.value, record.exit_status) == (verdict, exit_status)

    data = json.loads(to_json(record))
    assert (data["verdict"], data["requirements"][0]["status"]) == (verdict, status.value)

    kinds = {element.tag for element in case(junit(record, EXCHANGES), "X-01")} & {"failure", "error", "skipped"}
    assert kinds == ({child} if child else set())

    report = json.loads(ctrf(record, EXCHANGES))["results"]
    assert [(test["status"], test["rawStatus"]) for test in report["tests"]] == [(in_ctrf, status.value)]
    assert report["summary"][in_ctrf] == report["summary"]["tests"] == 1
    assert report["extra"]["verdict"] == verdict

    run = sarif_run(record)
    assert [each["level"] for each in run["results"]] == found
    assert [each["level"] for each in run["invocations"][0]["toolExecutionNotifications"]] == notified
    assert run["invocations"][0]["exitCode"] == exit_status

    assert [line.partition(" ")[0].strip(":") for line in workflow_commands(record)] == annotated

    summary = markdown(record).decode()
    assert verdict in summary.splitlines()[0]
    assert re.search(rf"\| {status.value} \|", summary)
    assert ("X-01" in summary.partition("| **all**")[2]) is (
        status in (Status.FAILED, Status.WARNING, Status.INCONCLUSIVE)
    )

    assert f"conformance: {verdict}" in badge(record).decode()

    page = html(record, EXCHANGES, contract()).decode()
    assert f'<span class="verdict {record.verdict.slug}">{verdict}</span>' in page
    assert f'data-status="{status.value}"' in page


def test_sarif_points_to_the_page_and_shows_the_exchange() -> None:
    run = sarif_run(results("the message"))
    found = run["results"][0]
    assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"] == "X-02"
    physical = found["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "schemas/pages/page.md"
    assert physical["region"]["startLine"] == 7
    assert found["webRequest"]["method"] == "POST"
    assert found["webResponse"] == {"noResponseReceived": True}
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(ids) == len(set(ids))
    assert found["partialFingerprints"] == sarif_run(results("the message"))["results"][0]["partialFingerprints"]


def test_what_is_based_on_an_rfc_points_to_the_operations_page() -> None:
    record = results(statuses=(Status.FAILED,))
    source = msgspec.structs.replace(record.requirements[0].source, page="", line=0)
    row = msgspec.structs.replace(record.requirements[0], source=source)
    record = msgspec.structs.replace(record, requirements=(row,))
    assert "file=schemas/pages/op.md,line=1," in next(workflow_commands(record))


def test_a_folder_of_the_users_own_is_pointed_to() -> None:
    record = results(statuses=(Status.FAILED,))
    record = msgspec.structs.replace(record, suite=msgspec.structs.replace(record.suite, pages="api/pages"))
    assert "file=api/pages/page.md,line=7," in next(workflow_commands(record))
    assert json.loads(ctrf(record, EXCHANGES))["results"]["tests"][0]["filePath"] == "api/pages/page.md"
    physical = sarif_run(record)["results"][0]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "api/pages/page.md"


def test_ctrf_counts_add_up() -> None:
    report = json.loads(ctrf(results(), EXCHANGES))
    summary = report["results"]["summary"]
    assert report["reportFormat"] == "CTRF"
    assert sum(summary[name] for name in ("passed", "failed", "skipped", "pending", "other")) == summary["tests"] == 6
    assert summary["stop"] - summary["start"] == summary["duration"] == 1000
    assert all(test["suite"] and isinstance(test["duration"], int) for test in report["results"]["tests"])


def test_annotations_are_one_line_each_and_errors_come_first() -> None:
    lines = list(workflow_commands(results("50% of\r\nit: a, b")))
    assert [line.split()[0] for line in lines] == ["::error", "::error", "::warning"]
    for line in lines:
        assert "\n" not in line
        assert "\r" not in line
        assert line.endswith("::50%25 of\\r\\nit: a, b")
        assert line.count("::") == 2
    assert "title=X-02 title 50%25 of\\r\\nit%3A a%2C b" in lines[0]


def test_the_summary_is_added_to_the_job(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    append_summary(results(), {"GITHUB_STEP_SUMMARY": str(file)})
    assert file.read_text().startswith("before\n\n## ❌ non-conformant")
    append_summary(results(), {"GITHUB_STEP_SUMMARY": str(tmp_path / "missing" / "file")})
    append_summary(results(), {})


@given(st.text(max_size=60) | st.sampled_from([HOSTILE, "@somebody ![](http://a.example/x)", "``` ` ``", "a|b\n\n# c"]))
def test_nothing_that_a_target_says_formats_a_summary(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown(results(text)).decode())
    inline = [child for token in tokens for child in token.children or ()]
    assert not [t for t in inline if t.type in ("image", "link_open")]
    assert not [t for t in inline if t.type == "html_inline" and t.content not in ("<sub>", "</sub>")]
    assert not [t for t in tokens if t.type in ("html_block", "fence", "code_block")]
    assert not [t for t in inline if t.type == "text" and "@somebody" in t.content and "title" not in t.content]


@given(st.text(max_size=60))
def test_no_text_breaks_a_format(text: str) -> None:
    record = results(text)
    json.loads(ctrf(record, EXCHANGES))
    json.loads(sarif(record, EXCHANGES))
    assert all(line.startswith("::") and len(line.splitlines()) >= 1 for line in workflow_commands(record))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_badge_is_small_and_needs_no_network(verdict: Verdict) -> None:
    picture = badge(msgspec.structs.replace(results(), verdict=verdict))
    root = ElementTree.fromstring(picture)
    said = ": 4 of 6 tried, 1 failed" if verdict is Verdict.PARTIAL else ""
    assert root.get("aria-label") == f"conformance: {verdict.value}{said}"
    assert len(picture) < 1000
    assert b"href" not in picture
