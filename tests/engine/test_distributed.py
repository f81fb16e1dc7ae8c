"""``pytest -n``: the same verdicts from several processes, one report of all, nothing lost with a worker."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.client.exchange import RedactedExchange, Request, Response
from conformance.contract.folder import load
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.engine.worker_reports import ResultCollector, WorkerReporter
from conformance.pages.compile import derive_pages
from conformance.reference import DEMO_AUTH, serve
from support.many_operations import PAGES
from support.suite_runner import contract


def pytest_run(*options: str, cwd: Path, auth: str = "\n".join(DEMO_AUTH)) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--pyargs",
            "conformance.requirements",
            "-q",
            "-p",
            "no:cacheprovider",
            *options,
        ],
        cwd=cwd,
        env={**os.environ, "CONFORMANCE_AUTH": auth, "CONFORMANCE_TARGET": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


def statuses(folder: Path) -> dict[tuple[str, str], str]:
    return {(each["id"], each["operation"]): each["status"] for each in report(folder)["requirements"]}


@pytest.mark.slow(reason="runs of several processes")
def test_one_operation_is_tested_as_without(tmp_path: Path) -> None:
    with serve(contract(), faults=["select-ignored"]) as server:
        options = [
            "--target",
            server.url,
            "--conformance-seed",
            "3",
            "--requirement",
            "SEL-0*",
            "--requirement",
            "ACC-*",
        ]
        alone = pytest_run(*options, "--reports", "alone", cwd=tmp_path)
        spread = pytest_run(*options, "--reports", "spread", "-n", "2", "--junitxml", "junit.xml", cwd=tmp_path)
    assert (alone.returncode, spread.returncode) == (1, 1), alone.stdout + spread.stdout
    assert statuses(tmp_path / "alone") == statuses(tmp_path / "spread")
    one, other = report(tmp_path / "alone")["run"], report(tmp_path / "spread")["run"]
    assert one["requests_digest"] == other["requests_digest"]
    assert one["requests"] == other["requests"]
    assert 'failures="' in (tmp_path / "junit.xml").read_text()
    har = json.loads((tmp_path / "spread" / "evidence.har").read_text())["log"]["entries"]
    assert len(har) == other["requests"]


@pytest.mark.slow(reason="runs of several processes")
def test_operations_are_spread_over_the_workers(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / f"{name}.md").write_text(text)
    derive_pages([folder], tmp_path / "schemas", workers=1)
    with serve(load(tmp_path / "schemas"), faults=["challenge-missing"]) as server:
        options = ["--target", server.url, "--schemas", "schemas", "--conformance-seed", "1"]
        pytest_run(*options, "--reports", "alone", cwd=tmp_path, auth=DEMO_AUTH[0])
        spread = pytest_run(*options, "--reports", "spread", "-n", "2", cwd=tmp_path, auth=DEMO_AUTH[0])
    assert spread.returncode == 1, spread.stdout + spread.stderr
    assert statuses(tmp_path / "alone") == statuses(tmp_path / "spread")
    results = report(tmp_path / "spread")
    assert results["run"]["workers"] == 2
    har = json.loads((tmp_path / "spread" / "evidence.har").read_text())["log"]["entries"]
    assert len(har) == results["run"]["requests"]
    findings = [(each["operation"], finding) for each in results["requirements"] for finding in each["findings"]]
    assert {operation for operation, _ in findings} == {"Objects", "Texts", "Number"}
    for operation, finding in findings:
        # Numbers were given again, and lead to the operation's own exchanges still.
        for number in finding["exchanges"]:
            assert operation in har[number]["comment"] or f"/api/v1/{operation}" in har[number]["request"]["url"]
    learned = {each["operation"] for each in results["learned"]}
    assert {"Objects", "Texts", "Number"} <= learned


@pytest.mark.slow(reason="runs of several processes")
@pytest.mark.parametrize(
    ("options", "status", "text"),
    [
        ((), 2, "--target is missing: give the base URL of the server under test"),
        (("--target", "http://127.0.0.1:9", "--conformance-profile", "smok"), 2, "standard"),
        (("--target", "http://127.0.0.1:9"), 4, "the connection was refused"),
    ],
)
@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_cannot_be_run_is_said_once(
    options: tuple[str, ...], status: int, text: str, workers: str, tmp_path: Path
) -> None:
    result = pytest_run(*options, "-n", workers, cwd=tmp_path)
    assert result.returncode == status, result.stdout + result.stderr
    assert (result.stdout + result.stderr).count(text) == 1
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.slow(reason="runs of several processes")
def test_a_worker_that_is_lost_takes_nothing_measured_with_it(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import os\n"
        "def pytest_runtest_setup(item):\n"
        "    if item.name.startswith('test_a_child_is_selected') and hasattr(item.config, 'workerinput'):\n"
        "        os._exit(1)\n"
    )
    with serve(contract()) as server:
        result = pytest_run(
            "--target", server.url, "--requirement", "SEL-0[1-5]", "-n", "1", "--max-worker-restart", "0", "-p", "conftest", cwd=tmp_path
        )  # fmt: skip
    found = {id: status for (id, _), status in statuses(tmp_path / "reports").items()}
    assert found["SEL-01"] == "passed"
    assert found["SEL-05"] == "inconclusive", "it was lost"
    assert report(tmp_path / "reports")["verdict"] == "partial", "five requirements were selected"
    assert result.returncode != 0


@pytest.mark.slow(reason="runs of several processes")
def test_other_tests_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert not (tmp_path / "reports").exists()


def test_large_bodies_reach_the_process_that_reports() -> None:
    """They are kept in a file of the worker's, which no other user can read."""
    worker, reporter = (Run(Settings(target="http://localhost:1", seed=1)) for _ in range(2))
    body = random.Random(0).randbytes(600_000)
    sent = RedactedExchange(
        number=worker.target.recorder.reserve(), operation="A", requirement="OP-01", purpose="plain",
        request=Request(method="GET", target="/"), response=Response(status=200, body=body),
        url="http://localhost:1/", started="2026-01-01T00:00:00Z", seconds=0.1,
    )  # fmt: skip
    kept = worker.target.recorder.add(sent)
    assert kept.response is not None
    assert not isinstance(kept.response.kept_body, bytes)
    ResultCollector(reporter).collect("gw0", WorkerReporter(worker, "gw0", lambda result: result).report())
    collected = reporter.target.recorder.evidence[0].response
    assert collected is not None
    assert collected.body == body


@pytest.mark.slow(reason="a run of several processes")
def test_workers_ask_for_a_credential_once_together(tmp_path: Path) -> None:
    """The program leaves a mark each time that it runs; the token that it prints is the reference server's."""
    token = next(each for each in DEMO_AUTH if each.startswith("bearer:")).partition(":")[2]
    program = tmp_path / "new_token.py"
    program.write_text(f"open({str(tmp_path / 'asked')!r}, 'a').write('x')\nprint({token!r})\n")
    with serve(contract()) as server:
        ended = pytest_run(
            "--target", server.url, "--requirement", "OP-01", "-n", "2", cwd=tmp_path,
            auth=f"bearer:cmd:{sys.executable} {program}",
        )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "asked").read_text() == "x"
