"""The verdict, its sentence, what was left out of it, and which rule gives the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.core.errors import InputError
from conformance.engine.options.effective import UsedOption
from conformance.engine.result import Gap, Level, Place, RequirementResult, Status
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, serve
from conformance.reporting.badge import badge
from conformance.reporting.ctrf import ctrf
from conformance.reporting.exit_status import FailOn, exit_for
from conformance.reporting.github import workflow_commands
from conformance.reporting.html.document import html
from conformance.reporting.ids import id_ranges
from conformance.reporting.junit import junit
from conformance.reporting.markdown import markdown
from conformance.reporting.read import read_results
from conformance.reporting.results import FORMAT, FORMER, Results, to_json
from conformance.reporting.sarif import sarif
from conformance.reporting.verdict import Scope, Verdict, decide
from conformance.requirements import load_requirements
from support.example_results import EXCHANGES, results
from support.suite_runner import contract, run_settings

PART = Scope(complete=False, tried=1, of=90, reasons=("--requirement OP-01",), operations_tried=1, operations_of=1)


def row(id: str, status: Status, level: Level = Level.MUST, **more: Any) -> RequirementResult:
    place = Place(page="page.md", section="Response", line=3)
    return RequirementResult(
        id=id, operation="op", level=level, title="", chapter="A", source=place, status=status, **more
    )


PASSED, FAILED = row("A-01", Status.PASSED), row("A-02", Status.FAILED)
WARNED = row("A-03", Status.WARNING, Level.SHOULD)
OPEN_MUST, OPEN_SHOULD = row("A-04", Status.INCONCLUSIVE), row("A-05", Status.INCONCLUSIVE, Level.SHOULD)
UNSTABLE = row("A-06", Status.INCONCLUSIVE, Level.SHOULD, unstable=True)
SEEN, SKIPPED = row("A-07", Status.OBSERVED, Level.MAY), row("A-08", Status.SKIPPED)


def of(rows: tuple[RequirementResult, ...], scope: Scope = PART, **options: Any) -> Results:
    verdict, reason = decide(rows, scope=scope, strict=options.get("strict", False))
    whole = results("x")
    return msgspec.structs.replace(
        whole,
        verdict=verdict,
        reason=reason,
        requirements=rows,
        scope=scope,
        run=msgspec.structs.replace(whole.run, **options),
    )


@pytest.mark.parametrize(
    ("rows", "sentence", "status"),
    [
        ((PASSED,), "1 of 90 requirements tried, none failed (--requirement OP-01)", 0),
        ((PASSED, FAILED), "1 of 90 requirements tried, 1 failed: A-02 (--requirement OP-01)", 1),
        ((PASSED, WARNED), "1 of 90 requirements tried, none failed, with 1 warning: A-03 (--requirement OP-01)", 0),
        ((PASSED, OPEN_SHOULD), "tried, none failed, 1 inconclusive: A-05 (", 3),
        ((PASSED, OPEN_MUST, FAILED), "1 failed: A-02, 1 inconclusive: A-04 (", 1),
        ((PASSED, UNSTABLE), "1 inconclusive: A-06, of these unstable: A-06 (", 3),
        ((SEEN,), "none failed", 0),
        ((SKIPPED,), "none failed", 3),
        ((), "none failed", 3),
    ],
    ids=lambda value: ascii(value)[:24] if isinstance(value, str) else None,
)
def test_a_part_says_so_whatever_became_of_it(rows: tuple[RequirementResult, ...], sentence: str, status: int) -> None:
    record = of(rows)
    assert record.verdict is Verdict.PARTIAL
    assert sentence in record.reason
    assert record.exit_status == status


def test_a_part_of_the_operations_says_how_many() -> None:
    scope = msgspec.structs.replace(PART, operations_tried=2, operations_of=45)
    assert "1 of 90 requirements tried on 2 of 45 operations, none failed" in decide([PASSED], scope=scope)[1]


@pytest.mark.parametrize("rows", [(PASSED,), (PASSED, FAILED)])
def test_every_format_says_that_it_is_a_part(rows: tuple[RequirementResult, ...]) -> None:
    record = of(rows)
    said = f"partial: {record.reason}"
    assert json.loads(to_json(record))["verdict"] == "partial"
    assert json.loads(to_json(record))["scope"]["complete"] is False
    assert f'<testsuites name="{said}"'.encode() in junit(record, EXCHANGES)
    assert json.loads(ctrf(record, EXCHANGES))["extra"]["verdict"] == said
    run = json.loads(sarif(record, EXCHANGES))["runs"][0]
    assert run["automationDetails"]["description"]["text"] == said
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == said
    # Otherwise a reader of the next whole run's log would take a part for all that there is.
    assert run["automationDetails"]["id"] == "conformance/standard/partial/"
    assert markdown(record).decode().splitlines()[0].endswith(" partial")
    assert f"partial: 1 of 90 tried, {'1 failed' if FAILED in rows else 'none failed'}" in badge(record).decode()
    assert next(workflow_commands(record)).startswith("::notice title=conformance::partial: 1 of 90")
    page = html(record, EXCHANGES, contract()).decode()
    assert '<span class="verdict partial">partial</span>' in page
    assert badge(record) != badge(of(rows, Scope()))


def test_the_page_names_the_options_that_were_given() -> None:
    options = {
        "proxy": UsedOption(value="http://proxy.example", origin="environment"),
        "insecure": UsedOption(value=True, origin="option"),
        "requirement": UsedOption(value=("OP-01", "OP-02"), origin="option"),
        "timeout": UsedOption(value=30, origin="default"),
    }
    page = html(of((PASSED,), options=options), EXCHANGES, contract()).decode()
    assert "<dd>--proxy http://proxy.example, --insecure, --requirement OP-01, OP-02</dd>" in page


SHOULD_OPEN = (PASSED, OPEN_SHOULD)
MUST_OPEN = (PASSED, OPEN_MUST)


@pytest.mark.parametrize(
    ("rows", "options", "status", "rule"),
    [
        ((PASSED,), {}, 0, "none failed"),
        ((PASSED, FAILED), {}, 1, "1 requirement failed"),
        ((PASSED, WARNED), {}, 0, "none failed"),
        ((PASSED, WARNED), {"strict": True}, 1, "--strict"),
        ((PASSED, WARNED), {"fail_on": ("warning",)}, 1, "--fail-on warning: 1 warning"),
        (MUST_OPEN, {}, 3, "1 MUST inconclusive"),
        (SHOULD_OPEN, {}, 0, "none failed"),
        (SHOULD_OPEN, {"fail_on": ("inconclusive",)}, 3, "--fail-on inconclusive: 1 requirement inconclusive"),
        (MUST_OPEN, {"fail_on": ("warning",)}, 3, "1 MUST inconclusive"),
        (MUST_OPEN, {"fail_on": ("failed",)}, 0, "--fail-on failed: none failed, 1 inconclusive"),
        (MUST_OPEN, {"fail_on": ("failed", "inconclusive")}, 3, "--fail-on inconclusive: 1 MUST inconclusive"),
        ((PASSED, UNSTABLE), {}, 0, "none failed"),
        ((PASSED, UNSTABLE), {"fail_on": ("unstable",)}, 3, "--fail-on unstable: 1 requirement unstable"),
        ((FAILED,), {"fail_on": ("unstable",)}, 1, "1 requirement failed"),
        ((SKIPPED,), {"fail_on": ("failed",)}, 3, "nothing was decided"),
        ((PASSED,), {"interrupted": True}, 3, "the run was interrupted"),
        ((PASSED,), {"unfinished": True}, 3, "the run has not finished"),
        ((PASSED,), {"stopped": "the gateway is not available"}, 3, "the gateway is not available"),
        ((PASSED, FAILED), {"stopped": "the gateway is not available"}, 1, "1 requirement failed"),
        ((), {"error": 4}, 4, "the target could not be tested"),
        ((), {"error": 2}, 2, "it could not be run"),
    ],
)
def test_the_rule_of_the_exit_status(
    rows: tuple[RequirementResult, ...], options: dict[str, Any], status: int, rule: str
) -> None:
    given = of(rows, Scope(), **options).exit
    assert given.status == status
    assert rule in given.rule


def test_nothing_that_fail_on_names_is_unknown() -> None:
    for name in FailOn:
        assert exit_for([PASSED], verdict=Verdict.CONFORMANT, fail_on=[name.value]).status == 0


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ([], ""),
        (["A-01"], "A-01"),
        (["A-01", "A-02"], "A-01 and A-02"),
        (["XSRF-01", "XSRF-02", "XSRF-03", "XSRF-04", "XSRF-05"], "XSRF-01 to XSRF-05"),
        (["A-01", "A-02", "A-03", "B-09", "B-10", "B-11", "APP-01", "A-01"], "A-01 to A-03, B-09 to B-11 and APP-01"),
        (["A-1", "A-2", "ACME", "A-3"], "A-1, A-2, ACME and A-3"),
    ],
)
def test_ids_in_a_sentence(ids: list[str], said: str) -> None:
    assert id_ranges(ids) == said


def test_the_sentence_names_what_was_not_tried() -> None:
    missing = [
        row(f"XSRF-0{n}", Status.SKIPPED, gap=Gap.NOT_GIVEN, missing="no session was given") for n in range(1, 6)
    ]
    more = [row("LANG-02", Status.SKIPPED, gap=Gap.ACCEPTED), row("OP-04", Status.SKIPPED, gap=Gap.PART)]
    scope = Scope(not_called=("one", "two", "three", "four"))
    verdict, reason = decide([PASSED, SKIPPED, *missing, *more], scope=scope, notes=["certificates were not checked"])
    assert verdict is Verdict.CONFORMANT
    assert reason == (
        "1 requirement passed; no session was given, so XSRF-01 to XSRF-05 were not tried; "
        "LANG-02 was not decided, which the configuration accepts; "
        "OP-04 checks what all requirements send, so it was not decided; "
        "4 operations were not called: one, two, three and 1 more; certificates were not checked"
    )


def test_what_stopped_the_run_comes_first_and_is_never_conformant() -> None:
    stopped = "the credentials of --auth stopped working after 120 requests"
    for rows in ([PASSED], [PASSED, OPEN_MUST], [PASSED, OPEN_SHOULD]):
        verdict, reason = decide(rows, stopped=stopped)
        assert verdict is Verdict.INCONCLUSIVE
        assert reason.startswith(f"{stopped}; ")
    assert decide([PASSED, FAILED], stopped=stopped)[0] is Verdict.NON_CONFORMANT


def test_runs_say_what_they_were_not_given_and_what_they_left_out() -> None:
    with serve(contract()) as server:
        settings = Settings(
            target=server.url, auth=DEMO_AUTH[:1], seed=1, requirements=("XSRF-*", "OP-01"), wrong_credentials=False
        )
        record = run_settings(settings)
    count = len(load_requirements())
    assert record.verdict is Verdict.PARTIAL
    # Two of them need no session: OP-01, and that a token beside Authorization does no harm.
    assert record.reason.startswith(f"2 of {count} requirements tried, none failed (--requirement XSRF-*, ")
    assert "no session was given, so XSRF-01 to XSRF-03 and XSRF-05 were not tried" in record.reason
    assert "no wrong credentials were sent (--no-wrong-credentials)" in record.reason
    assert (record.scope.tried, record.scope.of, record.scope.complete) == (2, count, False)
    assert {each.id for each in record.requirements if each.gap is Gap.NOT_GIVEN} == {
        "XSRF-01", "XSRF-02", "XSRF-03", "XSRF-05",
    }  # fmt: skip


def test_a_budget_that_is_used_up_makes_a_part() -> None:
    with serve(contract()) as server:
        record = run_settings(Settings(target=server.url, auth=DEMO_AUTH, seed=1, max_requests=40))
    assert record.verdict is Verdict.PARTIAL
    assert record.scope.reasons == ("--max-requests 40",)
    assert 0 < record.scope.tried < record.scope.of
    assert record.exit_status == 3


@pytest.mark.parametrize("former", [True, False])
def test_results_of_the_former_format_are_read(former: bool, tmp_path: Any) -> None:
    data = json.loads(to_json(results()))
    data["format"] = FORMER if former else "conformance-results/9"
    for key in ("scope",):
        del data[key]
    for key in ("id", "fail_on", "unfinished", "stopped", "error", "options"):
        del data["run"][key]
    file = tmp_path / "results.json"
    file.write_text(json.dumps(data))
    if former:
        record = read_results(file)
        assert not record.scope.complete
        assert "does not say what was left out" in record.scope.reasons[0]
        assert FORMAT in to_json(msgspec.structs.replace(record, format=FORMAT)).decode()
    else:
        with pytest.raises(InputError, match="format 'conformance-results/9' is neither"):
            read_results(file)


@pytest.mark.slow(reason="whole runs of the command")
def test_what_pytest_left_out_is_named(tmp_path: Path) -> None:
    expression = "SEL-01 or SEL-03 or SEL-04"
    with serve(contract(), faults=["select-ignored"]) as server:
        line = [sys.executable, "-m", "pytest", "--pyargs", "conformance.requirements", "-q", "-p", "no:cacheprovider"]
        result = subprocess.run(
            [*line, "--target", server.url, "--auth", DEMO_AUTH[0], "-k", expression, "-m", "must", "-x"],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert result.returncode == 1, result.stdout + result.stderr
    record = read_results(tmp_path / "reports")
    assert record.scope.reasons == (f"-k {expression}", "-m must", "-x")
    assert record.verdict is Verdict.PARTIAL
    assert [each.status for each in record.requirements] == [Status.PASSED, Status.FAILED, Status.INCONCLUSIVE]
    assert record.requirements[-1].reason == "-x was reached before it was tried"
    assert "partial: 2 of " in result.stdout
