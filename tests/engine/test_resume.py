"""A run that is killed loses nothing: its journal has what was decided, ``report`` shows it, ``resume`` goes on."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import InputError
from conformance.journal.reader import JournalReader
from conformance.reference import DEMO_AUTH, RunningServer, serve
from support.suite_runner import contract

AUTH = [word for auth in DEMO_AUTH for word in ("--auth", auth)]
REPORTS = ("results.json", "junit.xml", "index.html", "evidence.har", "ctrf.json", "results.sarif", "summary.md")


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve(contract(), faults=["select-ignored"]) as running:
        yield running


def start(*words: str, cwd: Path) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", *words]
    return subprocess.Popen(
        line, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def run(url: str, folder: str, *options: str, cwd: Path) -> subprocess.Popen[str]:
    return start("conformance", "run", url, *AUTH, "--seed", "1", "-q", "--reports", folder, *options, cwd=cwd)


def resumed(url: str, folder: str, *, cwd: Path) -> tuple[int, str]:
    process = start("conformance", "resume", folder, "--target", url, *AUTH, "-q", cwd=cwd)
    out, errors = process.communicate(timeout=100)
    return process.returncode, out + errors


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=100)
    return process.returncode


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return found


def statuses(record: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["status"] for each in record["requirements"]}


def kill(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def decided(journal: Path) -> dict[str, str]:
    try:
        with JournalReader(journal) as reader:
            found = [json.loads(each) for each in reader.results()]
    except InputError:
        # It is being made.
        found = []
    return {each["id"]: each["status"] for each in found}


def kill_after(process: subprocess.Popen[str], journal: Path, count: int) -> dict[str, str]:
    """Kill once ``count`` requirements are decided; returns what the journal has."""
    while process.poll() is None:
        if journal.exists() and len(decided(journal)) >= count:
            kill(process)
            break
        time.sleep(0.02)
    process.communicate()
    return decided(journal)


def test_a_killed_run_goes_on_where_it_stopped(server: RunningServer, tmp_path: Path) -> None:
    some = ("--requirement", "SEL-*", "--requirement", "ACC-0[1-4]")
    assert ended(run(server.url, "whole", *some, cwd=tmp_path)) == 1
    expected = results(tmp_path / "whole")
    kept = kill_after(run(server.url, "killed", *some, cwd=tmp_path), tmp_path / "killed/journal.sqlite", 6)
    assert kept.items() <= statuses(expected).items()

    shown = start("conformance", "report", "killed", "--reports", "shown", cwd=tmp_path)
    text, _ = shown.communicate(timeout=60)
    assert shown.returncode in (1, 3), text
    record = results(tmp_path / "shown")
    assert record["run"]["unfinished"]
    assert "the run did not end" in record["reason"]
    assert kept.items() <= statuses(record).items()

    process = start("conformance", "resume", "killed", *AUTH, cwd=tmp_path)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert f"a file does not choose where credentials go, so name the target: add --target {server.url}" in said
    status, said = resumed(server.url, "killed", cwd=tmp_path)
    assert (status, said) == (1, "")
    found = results(tmp_path / "killed")
    assert statuses(found) == statuses(expected)
    assert found["verdict"] == expected["verdict"]
    assert found["run"]["requests_digest"] == expected["run"]["requests_digest"]

    again = start("conformance", "report", "killed", "--reports", "again", cwd=tmp_path)
    again.communicate(timeout=60)
    for name in REPORTS:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "killed" / name).read_bytes(), name


def test_only_a_run_that_did_not_end_goes_on(server: RunningServer, tmp_path: Path) -> None:
    assert ended(run(server.url, "ended", "--requirement", "OP-01", cwd=tmp_path)) == 0
    status, said = resumed(server.url, "ended", cwd=tmp_path)
    assert status == 2
    assert "the run has ended; write its reports again with: conformance report ended" in said
    status, said = resumed(server.url, "nowhere", cwd=tmp_path)
    assert status == 2
    assert said.count("\n") == 1
    (tmp_path / "text").write_text("not a journal")
    status, said = resumed(server.url, "text", cwd=tmp_path)
    assert (status, said.count("\n")) == (2, 1)


LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.argv[:] = ["conformance", *sys.argv[2:]]
runpy.run_module("conformance", run_name="__main__")
"""


def test_a_run_whose_journal_cannot_be_written_ends_and_loses_nothing(server: RunningServer, tmp_path: Path) -> None:
    """No file may be larger than a million bytes: writing fails as on a full disk."""
    pytest.importorskip("resource")
    some = ("--requirement", "SEL-*", "--requirement", "ACC-0[1-4]")
    words = ("run", server.url, *AUTH, "--seed", "1", "-q", "--reports", "full", *some)
    process = subprocess.run(
        [sys.executable, "-c", LIMITED, "1000000", *words],
        cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    (said,) = (process.stdout + process.stderr).splitlines()
    assert "nothing more is recorded: " in said
    assert process.returncode in (1, 3), said
    found = results(tmp_path / "full")
    assert "nothing more is recorded: " in found["reason"]
    in_journal = decided(tmp_path / "full/journal.sqlite")
    assert in_journal
    shown = statuses(found)
    assert in_journal.items() <= shown.items()
    assert {shown[id] for id in shown.keys() - in_journal.keys()} == {"inconclusive"}

    status, said = resumed(server.url, "full", cwd=tmp_path)
    assert (status, said) == (1, "")
    assert "inconclusive" not in statuses(results(tmp_path / "full")).values()


@pytest.mark.slow(reason="a run, and often its rest, for each of a hundred moments")
@pytest.mark.parametrize("moment", range(100))
def test_killed_at_any_moment(server: RunningServer, tmp_path: Path, moment: int) -> None:
    draw = random.Random(moment)
    journal = tmp_path / "killed/journal.sqlite"
    process = run(server.url, "killed", cwd=tmp_path)
    while process.poll() is None and not journal.exists():
        time.sleep(0.02)
    time.sleep(draw.uniform(0, 4))
    kill(process)
    process.communicate()
    before = decided(journal)
    with JournalReader(journal) as reader:
        ended = reader.document("record") is None or json.loads(reader.document("record") or b"{}")["run"].get(
            "finished"
        )
    status, said = resumed(server.url, "killed", cwd=tmp_path)
    if "the run has ended" in said or "before it began" in said:
        assert ended or not before
        return
    assert status == 1, said
    assert before.items() <= statuses(results(tmp_path / "killed")).items()
