"""The folder of the reports: no earlier report looks like one of this run, and none is lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.core.errors import InputError
from conformance.engine.result import Status
from conformance.reference import serve
from conformance.reporting.folder import FILES, PREVIOUS, RESULTS, kept_aside
from conformance.reporting.placeholder import NOT_FINISHED, begin, report_failure
from conformance.reporting.read import read_results
from conformance.reporting.write import write_reports
from support.commands import auth, command, in_process, one_line
from support.example_results import EXCHANGES, results
from support.suite_runner import contract

RUN = results().run.id
OTHER = "0" * 12 + "4" + "0" * 3 + "8" + "0" * 15


def green(folder: Path) -> None:
    """The reports of an earlier run that is conformant."""
    folder.mkdir(parents=True, exist_ok=True)
    write_reports(results(statuses=(Status.PASSED,)), EXCHANGES, contract(), folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def speaks_of(folder: Path, run: str) -> list[str]:
    """The files there that are of a run."""
    return [name for name in names(folder) if run.encode() in (folder / name).read_bytes()]


def test_every_report_is_of_one_run_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "reports"
    begin(folder, RUN)
    written = write_reports(results(), EXCHANGES, contract(), folder)
    assert sorted(path.name for path in written) == sorted(FILES) == names(folder)
    assert sorted(speaks_of(folder, RUN)) == sorted(FILES)


def test_earlier_reports_go_aside_and_this_runs_say_that_it_has_not_finished(tmp_path: Path) -> None:
    green(tmp_path)
    (tmp_path / "notes.txt").write_text("of somebody else")
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    begin(tmp_path, OTHER)
    assert {name: (tmp_path / PREVIOUS / name).read_bytes() for name in FILES} == before
    assert speaks_of(tmp_path, RUN) == []
    data = json.loads((tmp_path / RESULTS).read_text())
    assert (data["verdict"], data["reason"], data["run"]["unfinished"]) == ("inconclusive", NOT_FINISHED, True)
    assert "not finished" in (tmp_path / "index.html").read_text()
    assert list(ElementTree.parse(tmp_path / "junit.xml").iter("error"))
    assert json.loads((tmp_path / "ctrf.json").read_text())["results"]["summary"]["other"] == 1
    assert (tmp_path / "notes.txt").exists()
    with pytest.raises(InputError, match="has not finished, or was killed"):
        read_results(tmp_path)
    begin(tmp_path, OTHER)
    assert speaks_of(tmp_path / PREVIOUS, RUN), "the second call of one run moves nothing"


def test_what_tested_nothing_displaces_nothing(tmp_path: Path) -> None:
    green(tmp_path)
    for number in range(3):
        report_failure(tmp_path, f"{number}" * 32, "TARGET is not a URL", error=2)
    begin(tmp_path, OTHER)
    assert sorted(speaks_of(tmp_path / PREVIOUS, RUN)) == sorted(FILES)


def test_the_verdict_that_a_run_gave_stays(tmp_path: Path) -> None:
    begin(tmp_path, RUN)
    write_reports(results(), EXCHANGES, contract(), tmp_path)
    report_failure(tmp_path, RUN, "could not be written", error=2)
    assert json.loads((tmp_path / RESULTS).read_text())["verdict"] == "non-conformant"


def test_results_appear_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(tmp_path, RUN)
    placed: list[str] = []
    replace = Path.replace

    def note(self: Path, target: Path) -> Path:
        written = [path for path in tmp_path.iterdir() if path.name.startswith(".")]
        placed.append(f"{target.name} {len(written)}")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", note)
    write_reports(results(), EXCHANGES, contract(), tmp_path)
    # All are written before the first one is moved.
    assert [each.split()[1] for each in placed] == [str(len(FILES) - number) for number in range(len(FILES))]
    assert placed[-1] == f"{RESULTS} 1"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_reports_are_readable_for_whom_the_mode_says(mode: int, tmp_path: Path) -> None:
    begin(tmp_path, RUN, mode)
    found = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in FILES}
    write_reports(results(), EXCHANGES, contract(), tmp_path, mode=mode)
    found |= {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in FILES}
    assert found == {mode}


def test_an_option_that_names_a_report_finds_it(tmp_path: Path) -> None:
    green(tmp_path / "reports")
    begin(tmp_path / "reports", OTHER)
    for path in (tmp_path / "reports", tmp_path / "reports" / RESULTS):
        kept = kept_aside(path, tmp_path / "reports")
        assert read_results(kept).run.id == RUN
    assert kept_aside(tmp_path / "schemas", tmp_path / "reports") == tmp_path / "schemas"


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        (["htp:/staging.example"], 2, "TARGET"),
        (["--no-such-option", "--reports", "reports"], 2, "No such option"),
        (["http://127.0.0.1:9", "--auth", "basic:jane:Planted-Secret-7"], 4, "refused"),
    ],
)
def test_a_failed_start_says_why_and_keeps_the_earlier_reports(
    arguments: list[str], status: int, why: str, tmp_path: Path
) -> None:
    green(tmp_path / "reports")
    # A target that refuses is found by the suite.
    start = command if status == 4 else in_process
    result = start("run", *arguments, cwd=tmp_path)
    assert result.returncode == status
    one_line(result)
    assert sorted(speaks_of(tmp_path / "reports" / PREVIOUS, RUN)) == sorted(FILES)
    assert speaks_of(tmp_path / "reports", RUN) == []
    data = json.loads((tmp_path / "reports" / RESULTS).read_text())
    assert (data["verdict"], data["run"]["error"]) == ("inconclusive", status)
    assert why in data["reason"]
    assert why in (tmp_path / "reports/summary.md").read_text()
    errors = list(ElementTree.parse(tmp_path / "reports/junit.xml").iter("error"))
    assert why in (errors[0].get("message") or "")
    assert all("Planted-Secret-7" not in (tmp_path / "reports" / name).read_text() for name in FILES)


def test_help_touches_no_report(tmp_path: Path) -> None:
    green(tmp_path / "reports")
    assert in_process("run", "--help", cwd=tmp_path).returncode == 0
    assert speaks_of(tmp_path / "reports", RUN)


@pytest.mark.slow(reason="whole runs of the command")
def test_a_failed_start_under_pytest(tmp_path: Path) -> None:
    green(tmp_path / "reports")
    line = [sys.executable, "-m", "pytest", "--pyargs", "conformance.requirements", "-q", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*line, "--target", "htp:/x"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 2, result.stdout
    assert json.loads((tmp_path / "reports" / RESULTS).read_text())["run"]["error"] == 2
    assert speaks_of(tmp_path / "reports" / PREVIOUS, RUN)


def test_no_green_report_lies_there_after_kill_9(tmp_path: Path) -> None:
    """Killed the moment that the folder changes: long before anything is sent."""
    reports = tmp_path / "reports"
    green(reports)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", "run", url, *auth(), "--timeout", "60"],
            cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not (reports / RESULTS).exists() or RUN in (reports / RESULTS).read_text():
            assert time.monotonic() < deadline, "the earlier reports are still there"
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    assert json.loads((reports / RESULTS).read_text())["verdict"] == "inconclusive"
    assert speaks_of(reports, RUN) == []
    assert sorted(speaks_of(reports / PREVIOUS, RUN)) == sorted(FILES)


def test_an_interruption_before_anything_is_sent_is_reported(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", "run", url, *auth(), "--timeout", "60"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        silent.settimeout(60)
        connection, _ = silent.accept()
        # The first one only looks whether something listens; the second waits for the answer to a request.
        connection.close()
        connection, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        connection.close()
    assert "Traceback" not in output + errors
    assert process.returncode == 3
    data = json.loads((reports / RESULTS).read_text())
    assert (data["verdict"], data["run"]["interrupted"], data["run"]["unfinished"]) == ("inconclusive", True, False)


@pytest.mark.slow(reason="whole runs of the command")
def test_replay_lines_name_the_target_and_a_path_from_here(tmp_path: Path) -> None:
    """An absolute folder too: the line is pasted where the run was started."""
    with serve(contract(), faults=["select-ignored"]) as server:
        folder = tmp_path / "out" / "of" / "reports"
        line = ["run", server.url, *auth(), "--requirement", "SEL-03", "-q", "--timeout", "7", "--reports", str(folder)]
        assert command(*line, cwd=tmp_path).returncode == 1
        finding = json.loads((folder / RESULTS).read_text())["requirements"][0]["findings"][0]
        assert finding["replay"].startswith("conformance replay out/of/reports/results.json ")
        assert f" --target {server.url} --auth " in finding["replay"]
        # What says how the server was reached, and at which rate.
        assert finding["replay"].endswith(" --timeout 7")
        again = command(
            "replay", "out/of/reports/results.json", finding["id"], "--target", server.url, *auth(), cwd=tmp_path
        )
        assert again.returncode == 1, again.stderr
