"""What is unstable is inconclusive in every report, with its evidence and counts, and never a pass."""

from __future__ import annotations

import io
import json
from pathlib import Path

import msgspec
from rich.console import Console

from conformance.engine.result import Status
from conformance.reporting.ctrf import ctrf
from conformance.reporting.github import workflow_commands
from conformance.reporting.html.document import html
from conformance.reporting.junit import junit
from conformance.reporting.markdown import markdown
from conformance.reporting.results import Results
from conformance.reporting.run_diff import Change, diff
from conformance.reporting.sarif import sarif
from conformance.reporting.terminal import print_closing
from conformance.reporting.verdict import decide
from support.example_results import EXCHANGES, case, results
from support.official_schemas import check
from support.suite_runner import contract

COUNTS = "failed 2 of 3 repetitions"


def unstable() -> Results:
    """One MUST that failed, and then not each time."""
    whole = results("the message", (Status.FAILED,))
    failed = whole.requirements[0]
    findings = tuple(msgspec.structs.replace(each, repetitions=3, reproduced=2) for each in failed.findings)
    row = msgspec.structs.replace(failed, status=Status.INCONCLUSIVE, unstable=True, findings=findings)
    verdict, reason = decide([row])
    return msgspec.structs.replace(whole, requirements=(row,), verdict=verdict, reason=reason)


def test_it_is_an_error_with_its_evidence_in_each_format() -> None:
    record = unstable()
    assert (record.verdict.value, record.exit_status) == ("inconclusive", 3)
    assert "of these unstable: X-01" in record.reason

    error = case(junit(record, EXCHANGES), "X-01").find("error")
    assert error is not None
    assert f"repeated: {COUNTS}" in (error.text or "")
    assert "POST http://127.0.0.1:1/x" in (error.text or "")

    (test,) = json.loads(ctrf(record, EXCHANGES))["results"]["tests"]
    assert (test["status"], test["flaky"]) == ("other", True)
    assert COUNTS in test["trace"]

    run = json.loads(sarif(record, EXCHANGES))["runs"][0]
    assert run["results"] == []
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert (told["level"], COUNTS in told["message"]["text"]) == ("error", True)

    assert f"inconclusive, unstable ({COUNTS})" in markdown(record).decode()
    assert next(workflow_commands(record)).startswith("::error ")
    assert COUNTS in next(workflow_commands(record))

    page = html(record, EXCHANGES, contract()).decode()
    assert '<article class="card inconclusive"' in page
    assert COUNTS in page
    assert "neither a failure nor a pass" in page

    out = io.StringIO()
    print_closing(record, Console(width=100, file=out), Path("reports"))
    assert f"unstable     X-01     the message [{COUNTS}]" in out.getvalue()
    check(record)


def test_it_is_not_fixed() -> None:
    failed = results("the message", (Status.FAILED,))
    (change,) = diff(failed, unstable()).changes
    assert change.change is Change.INCONCLUSIVE
