"""Limits of a run: what is left is inconclusive with that reason, and what was measured stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conformance.client.budget import Budget
from conformance.client.limits import BudgetUsedUp, Limits
from conformance.contract.folder import load
from conformance.core.errors import InputError
from conformance.engine.config import Config
from conformance.engine.result import RequirementResult, Status
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.pages.compile import derive_pages
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, RunningServer, serve
from conformance.reporting.conclude import results_of
from conformance.reporting.results import Results, from_json
from support.many_operations import PAGES
from support.suite_runner import contract

OPERATION = contract().operations[0].operation.id


def several_operations(folder: Path) -> Path:
    (folder / "pages").mkdir()
    for name, text in PAGES.items():
        (folder / "pages" / f"{name}.md").write_text(text)
    assert derive_pages([folder / "pages"], folder / "schemas", workers=1).errors == []
    return folder / "schemas"


def settings(url: str, **options: Any) -> Settings:
    return Settings(target=url, auth=DEMO_AUTH, seed=1, reports=Path("unused"), **options)


def run(session: Run) -> Results:
    try:
        session.execute_all()
        return results_of(session)
    finally:
        session.close()


def by_id(results: Results) -> dict[str, RequirementResult]:
    return {result.id: result for result in results.requirements}


def test_a_run_ends_at_the_given_number_of_failures_and_says_so(faulty: RunningServer) -> None:
    wanted = ("OP-01", "SEL-03", "SEL-12", "ACC-01", "HTTP-01", "OP-04")
    session = Run(settings(faulty.url, requirements=wanted, max_failures=1), Config(time_zones=DEMO_TIME_ZONES))
    found = by_id(run(session))
    assert session.limits_reached == ["--max-failures 1"]
    # Measured before the limit, and kept.
    assert found["OP-01"].status is Status.PASSED
    assert found["SEL-03"].status is Status.FAILED
    assert found["SEL-03"].findings
    for name in ("ACC-01", "HTTP-01"):
        assert found[name].status is Status.INCONCLUSIVE
        assert found[name].reason == "--max-failures 1 was reached before it was tried"
        assert found[name].exchanges == 0
    # What judges every exchange has not seen all of them.
    assert found["OP-04"].status is Status.INCONCLUSIVE
    assert "--max-failures 1" in found["OP-04"].reason


def test_without_the_limit_nothing_is_left_out(faulty: RunningServer) -> None:
    wanted = ("OP-01", "SEL-03", "ACC-01")
    session = Run(settings(faulty.url, requirements=wanted, max_failures=2), Config(time_zones=DEMO_TIME_ZONES))
    found = by_id(run(session))
    assert session.limits_reached == []
    assert found["ACC-01"].status is Status.PASSED


def test_an_accepted_requirement_that_was_not_tried_is_not_accepted(faulty: RunningServer) -> None:
    """The configuration accepts what the data cannot decide, and not that a limit came first."""
    config = Config(time_zones=DEMO_TIME_ZONES, accept_undecided={"ACC-01": "no data"})
    session = Run(settings(faulty.url, requirements=("SEL-03", "ACC-01"), max_failures=1), config)
    assert by_id(run(session))["ACC-01"].status is Status.INCONCLUSIVE


def test_the_time_of_a_run_ends_it(faulty: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ("OP-01", "SEL-03", "ACC-01", "OP-04")
    session = Run(settings(faulty.url, requirements=wanted, max_time=3600), Config(time_zones=DEMO_TIME_ZONES))
    session.discover()
    first, *rest = session.expected
    session.execute(first[0], first[1])
    sent = session.target.sent
    from conformance.client import budget

    later = budget.time.monotonic() + 3600
    monkeypatch.setattr(budget.time, "monotonic", lambda: later)
    for requirement, operation in rest:
        session.execute(requirement, operation)
    session.close()
    found = {result.id: result for result in session.results}
    assert found["OP-01"].status is Status.PASSED
    assert found["SEL-03"].reason == "--max-time 3600 was reached before it was tried"
    assert found["OP-04"].status is Status.INCONCLUSIVE
    assert session.limits_reached == ["--max-time 3600"]
    assert session.target.sent == sent


def test_nothing_is_sent_once_the_time_is_over() -> None:
    budget = Budget(Limits(max_time=0.0001))
    time.sleep(0.001)
    with pytest.raises(BudgetUsedUp, match=r"--max-time 0\.0001 is used up"):
        budget.spend(0)
    assert budget.reached == ["--max-time 0.0001"]


def test_a_budget_of_requests_is_recorded(faulty: RunningServer) -> None:
    config = Config(time_zones=DEMO_TIME_ZONES)
    first = Run(settings(faulty.url, requirements=("SEL-*",)), config)
    first.discover()
    first.close()
    most = first.target.sent + 2
    session = Run(settings(faulty.url, requirements=("SEL-*",), max_requests=most), config)
    found = run(session)
    assert session.limits_reached == [f"--max-requests {most}"]
    assert found.run.requests == most
    assert any(each.reason == f"--max-requests {most} is used up" for each in found.requirements)


BUSY = """
def application(environ, start_response):
    start_response("429 Too Many Requests", [("Retry-After", "60")])
    return [b""]
"""


def test_patience_is_a_limit_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance.client.in_process import serve_application

    (tmp_path / "busy_application.py").write_text(BUSY)
    monkeypatch.syspath_prepend(tmp_path)
    with serve_application("app:busy_application:application") as url:
        session = Run(settings(url, max_wait=5.0))
        with pytest.raises(InputError, match="the run waits 5 s at most"):
            session.discover()
        session.close()
    assert session.limits_reached == ["--max-wait 5"]


def test_answers_have_a_largest_size() -> None:
    from conformance.client.target import Target

    session = Run(settings("http://localhost:1", max_body=1024))
    assert session.target.limits.max_body == 1024
    session.close()
    assert Limits().max_body == Settings(target="").max_body == 8 * 1024 * 1024
    assert Target("http://localhost:1").limits.max_body == 8 * 1024 * 1024


@pytest.mark.parametrize(
    ("options", "left", "gone"),
    [
        ({"exclude": ("sel-0*",)}, {"SEL-10", "OP-01"}, {"SEL-01", "SEL-09"}),
        ({"exclude": ("OP-03", "TZ-*"), "requirements": ("OP-*", "TZ-01")}, {"OP-01"}, {"OP-03", "TZ-01", "SEL-01"}),
        ({"exclude": ("OP-03",), "profile": "smoke"}, {"OP-01"}, {"OP-03"}),
    ],
)
def test_requirements_can_be_left_out(options: dict[str, Any], left: set[str], gone: set[str]) -> None:
    session = Run(settings("http://localhost:1", **options))
    session.close()
    tried = {requirement.id for requirement, _ in session.expected}
    assert left <= tried
    assert not gone & tried
    # An entry of the baseline about one of these is not a change.
    assert session.narrowed


def test_operations_can_be_left_out(tmp_path: Path) -> None:
    schemas = several_operations(tmp_path)
    every = Run(settings("http://localhost:1", schemas=schemas))
    every.close()
    first, *others = every.probes
    session = Run(settings("http://localhost:1", schemas=schemas, exclude=(first,)))
    session.close()
    assert list(session.probes) == others
    assert session.narrowed


@pytest.mark.parametrize(
    ("exclude", "says"),
    [
        (("SEL-99",), "--exclude SEL-99: there is no such requirement or operation; did you mean SEL-"),
        (("Nothing*",), "--exclude Nothing*: there is no such requirement or operation"),
        (("*",), "--exclude: it leaves no operation to test"),
        ((f"{OPERATION[:8]}*",), "--exclude: it leaves no operation to test"),
    ],
)
def test_a_mistake_in_what_to_leave_out_is_one_line(exclude: tuple[str, ...], says: str) -> None:
    with pytest.raises(InputError) as error:
        Run(settings("http://localhost:1", exclude=exclude))
    assert str(error.value).startswith(says)


def pytest_run(*options: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "conformance.requirements", "-q", "-p", "no:cacheprovider", *options],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.slow(reason="runs of several processes")
def test_workers_have_the_same_options_and_limits(tmp_path: Path) -> None:
    """From the configuration, the environment and the command line; each worker's failures count for all."""
    several_operations(tmp_path)
    (tmp_path / "my.toml").write_text('# Ours.\nexclude = ["OP-03", "Objects"]\nauth = ["basic:env:USER_OF_TESTS"]\n')
    with serve(load(tmp_path / "schemas"), faults=["anonymous-allowed"]) as server:
        ended = pytest_run(
            "--target", server.url, "--schemas", "schemas", "--conformance-config", "my.toml", "-n", "2",
            "--conformance-max-failures", "1", "--requirement", "OP-0*", "--requirement", "AUTH-0*",
            "--requirement", "ACC-*",
            cwd=tmp_path, CONFORMANCE_SEED="5", USER_OF_TESTS=DEMO_AUTH[0].partition(":")[2], CONFORMANCE_AUTH="",
        )  # fmt: skip
    assert ended.returncode == 1, ended.stdout + ended.stderr
    results = from_json((tmp_path / "reports" / "results.json").read_bytes())
    assert not results.run.interrupted
    tried = {(each.id, each.operation) for each in results.requirements}
    assert {operation for _, operation in tried} == {"Texts", "Number"}
    assert "OP-03" not in {id for id, _ in tried}
    assert results.run.seed == 5
    reasons = {each.reason for each in results.requirements if each.status is Status.INCONCLUSIVE}
    assert any("--max-failures 1 was reached" in reason for reason in reasons)
    used = results.run.options
    assert (used["exclude"].value, used["exclude"].origin, used["exclude"].place) == (
        ("OP-03", "Objects"), "file", "my.toml:2",
    )  # fmt: skip
    assert (used["auth"].value, used["auth"].place) == (("basic:env:USER_OF_TESTS",), "my.toml:3")
    assert (used["seed"].value, used["seed"].place) == (5, "CONFORMANCE_SEED")
    assert (used["max-failures"].value, used["max-failures"].place) == (1, "--conformance-max-failures")
    assert (used["confirm"].value, used["confirm"].origin) == (3, "default")
    # Hypothesis has drawn, and left nothing in the folder that the user is in.
    assert not (tmp_path / ".hypothesis").exists()
