"""The commands about results of earlier runs: diff, replay, open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from conformance.cli.commands.replay import find
from conformance.core.errors import InputError
from conformance.engine.result import Status
from conformance.reference import serve
from conformance.reporting.reproduction.replay import ReplayOutcome, compare
from conformance.reporting.results import Results, to_json
from conformance.reporting.run_diff import Change, diff
from support.commands import auth, command, in_process, one_line
from support.example_results import results
from support.reproducing import variables
from support.suite_runner import contract

P, F, W, O, S, I = Status.PASSED, Status.FAILED, Status.WARNING, Status.OBSERVED, Status.SKIPPED, Status.INCONCLUSIVE  # noqa: E741


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (P, F, Change.NEWLY_FAILED), (O, F, Change.NEWLY_FAILED), (S, F, Change.NEWLY_FAILED), (I, F, Change.NEWLY_FAILED), (W, F, Change.NEWLY_FAILED),
        (P, W, Change.NEWLY_FAILED), (I, W, Change.NEWLY_FAILED), (P, I, Change.INCONCLUSIVE), (F, I, Change.INCONCLUSIVE),
        (W, S, Change.INCONCLUSIVE), (P, S, Change.INCONCLUSIVE), (F, P, Change.FIXED), (W, P, Change.FIXED),
        (F, W, Change.FIXED), (I, P, Change.CONCLUSIVE), (S, O, Change.CONCLUSIVE), (P, P, None), (F, F, None), (I, I, None),
        (P, O, None), (I, S, None), (None, P, Change.NEW), (None, F, Change.NEW), (F, None, Change.REMOVED),
    ],
)  # fmt: skip
def test_each_change(old: Status | None, new: Status | None, change: Change | None) -> None:
    found = diff(results("m", (old,) if old else ()), results("m", (new,) if new else ()))
    assert [entry.change for entry in found.changes] == ([change] if change else [])
    assert found.unchanged == (0 if change else 1)
    assert found.has_new_failures is (change is Change.NEWLY_FAILED)


def test_another_failure_of_the_same_requirement() -> None:
    assert [entry.change for entry in diff(results("m", (F,)), results("n", (F,))).changes] == [
        Change.FAILS_DIFFERENTLY
    ]


def kept(record: Results, path: Path) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(to_json(record))
    return path.name if path.name != "results.json" else path.parent.name


@pytest.mark.slow(reason="whole runs of the command")
def test_the_command_diff(tmp_path: Path) -> None:
    old = kept(results("m", (P, F, P)), tmp_path / "old.json")
    new = kept(results("m", (F, P, I)), tmp_path / "new" / "results.json")
    result = command("diff", old, new, cwd=tmp_path)
    assert result.returncode == 1
    for part in (
        "newly failed (1)\n  X-01     passed -> failed",
        "became inconclusive (1)",
        "fixed (1)",
        "3 changed, 0 as before",
    ):
        assert part in result.stdout
    data = json.loads(command("diff", old, new, "--json", cwd=tmp_path).stdout)
    assert [each["change"] for each in data["changes"]] == ["newly failed", "became inconclusive", "fixed"]
    assert command("diff", new, new, cwd=tmp_path).returncode == 0
    (tmp_path / "bad.json").write_text("{")
    for bad in ("bad.json", "missing.json"):
        result = command("diff", old, bad, cwd=tmp_path)
        assert result.returncode == 2
        assert bad in one_line(result)


def test_what_became_of_a_finding() -> None:
    row = results("m", (F,)).requirements[0]
    finding = row.findings[0]
    assert compare(finding, row).outcome is ReplayOutcome.REPRODUCED
    assert compare(finding, results("n", (F,)).requirements[0]).outcome is ReplayOutcome.CHANGED
    for status, outcome in (
        (P, ReplayOutcome.NOT_REPRODUCED),
        (O, ReplayOutcome.NOT_REPRODUCED),
        (I, ReplayOutcome.INCONCLUSIVE),
        (S, ReplayOutcome.INCONCLUSIVE),
    ):
        assert compare(finding, results("m", (status,)).requirements[0]).outcome is outcome
    assert [
        outcome.exit_status
        for outcome in (
            ReplayOutcome.REPRODUCED,
            ReplayOutcome.NOT_REPRODUCED,
            ReplayOutcome.CHANGED,
            ReplayOutcome.INCONCLUSIVE,
        )
    ] == [1, 0, 3, 3]


def test_finding_a_finding() -> None:
    record = results("m", (F, F))
    assert find(record, "X-02-op-1", "f")[0].id == find(record, "x-02", "f")[0].id == "X-02"
    with pytest.raises(InputError, match=r"f has no such finding; did you mean X-0"):
        find(record, "X-09-op-1", "f")
    with pytest.raises(InputError, match="has no findings"):
        find(results("m", (P,)), "X-01", "f")
    row = record.requirements[0]
    twice = msgspec.structs.replace(
        row, findings=(row.findings[0], msgspec.structs.replace(row.findings[0], id="X-01-op-2"))
    )
    with pytest.raises(InputError, match="name one of X-01-op-1, X-01-op-2"):
        find(msgspec.structs.replace(record, requirements=(twice,)), "X-01", "f")


def pasted(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of the report in a shell that has the variables it names."""
    assert line.startswith("conformance replay ")
    return subprocess.run(
        ["bash", "-c", line.replace("conformance", f"{sys.executable} -m conformance", 1)],
        cwd=folder, env={**os.environ, **variables()}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.slow(reason="whole runs of the command")
def test_the_command_replay(tmp_path: Path) -> None:
    with serve(contract(), faults=["select-ignored"]) as faulty:
        assert (
            command("run", faulty.url, *auth(), "--requirement", "SEL-0*", "--seed", "5", cwd=tmp_path).returncode == 1
        )
        data = json.loads((tmp_path / "reports/results.json").read_text())
        finding = next(f for r in data["requirements"] for f in r["findings"] if r["id"] == "SEL-03")
        still = pasted(finding["replay"], tmp_path)
        assert still.returncode == 1, still.stderr
        assert still.stdout.splitlines()[-1].startswith(f"reproduced: {finding['id']}: ")
        assert finding["message"] in still.stdout
        assert "HTTP/1.1 200" in still.stdout
        for each in auth()[1::2]:
            assert each.rpartition(":")[2] not in still.stdout
            assert each.partition(":")[2] not in finding["replay"]
        port = int(faulty.url.rpartition(":")[2])
    words = ["replay", "reports/results.json", finding["id"], "--target", faulty.url]
    assert pasted(finding["replay"], tmp_path).returncode == 4
    with serve(contract(), port=port):
        gone = command(*words, cwd=tmp_path, CONFORMANCE_AUTH="\n".join(auth()[1::2]))
        assert gone.returncode == 0, gone.stdout + gone.stderr
        assert gone.stdout.splitlines()[-1] == f"not reproduced: {finding['id']}"
    missing = command("replay", "reports", "SEL-99", cwd=tmp_path)
    assert missing.returncode == 2
    assert "has no such finding" in one_line(missing)


@pytest.mark.slow(reason="whole runs of the command")
def test_what_the_run_started_is_started_again(tmp_path: Path) -> None:
    (tmp_path / "faulty_app.py").write_text(
        "from conformance.contract.folder import default_schemas, load\n"
        "from conformance.reference import ReferenceApplication\n"
        "application = ReferenceApplication(load(default_schemas()), faults=['select-ignored'])\n"
    )
    run = command("run", "app:faulty_app:application", *auth(), "--requirement", "SEL-03", cwd=tmp_path)
    assert run.returncode == 1, run.stderr
    named = ("--target", "app:faulty_app:application")
    again = command("replay", "reports", "SEL-03", *auth(), *named, "--quiet", cwd=tmp_path)
    assert again.returncode == 1, again.stderr
    assert len(again.stdout.splitlines()) == 1


def test_opening_without_a_report(tmp_path: Path) -> None:
    result = in_process("open", "nowhere", cwd=tmp_path)
    assert result.returncode == 2
    assert "conformance run TARGET --reports nowhere" in one_line(result)


def test_opening(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/index.html").write_text("<p>")
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > seen\n')
    browser.chmod(0o755)
    assert command("open", cwd=tmp_path, BROWSER=f"{browser} %s").returncode == 0
    assert (tmp_path / "seen").read_text().strip() == (tmp_path / "reports/index.html").as_uri()
