"""Known failures: what the file may hold, what becomes of each entry, what the verdict and the exit status are."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from conformance.core.errors import InputError
from conformance.engine.baseline.application import EntryState, apply_baseline, judge_entry
from conformance.engine.baseline.known_failures import KnownFailure, load_baseline
from conformance.engine.baseline.update import update_baseline
from conformance.engine.result import Status
from conformance.reference import serve
from conformance.reporting.ctrf import ctrf
from conformance.reporting.github import workflow_commands
from conformance.reporting.html.document import html
from conformance.reporting.junit import junit
from conformance.reporting.markdown import markdown
from conformance.reporting.results import Results, from_json, to_json
from conformance.reporting.sarif import sarif
from conformance.reporting.verdict import Verdict, decide, with_baseline
from support.commands import auth, command, in_process, one_line
from support.example_results import EXCHANGES, case, results
from support.suite_runner import contract

TODAY = datetime.date(2026, 5, 1)
EVERY = [f"X-{n:02}" for n in range(1, 10)]
GOOD = '[[known]]\nrequirement = "X-02"\nreason = "a reason"\nuntil = 2026-05-01\n'


def entry(
    requirement: str = "X-02", operation: str = "*", until: datetime.date = TODAY, reason: str = "a reason"
) -> KnownFailure:
    return KnownFailure(
        requirement=requirement, operation=operation, reason=reason, owner="team", ticket="T-1", until=until
    )


def held(
    record: Results, *entries: KnownFailure, lenient: bool = False, accept: bool = False, narrowed: bool = False
) -> Results:
    """The results as ``assemble`` makes them with this baseline."""
    strict = record.run.strict
    report, rows = apply_baseline(entries, record.requirements, TODAY, file="known.toml", every=EVERY, strict=strict,
                                lenient=lenient, accept_known=accept, narrowed=narrowed)  # fmt: skip
    verdict, reason = with_baseline(*decide(rows, strict=strict), report)
    return msgspec.structs.replace(record, verdict=verdict, reason=reason, requirements=rows, baseline=report)


@pytest.mark.parametrize(
    ("one", "status", "state"),
    [
        (entry("X-01"), Status.FAILED, EntryState.STILL_FAILS),
        (entry("X-01"), Status.WARNING, EntryState.STILL_FAILS),
        (entry("X-01", operation="o*"), Status.FAILED, EntryState.STILL_FAILS),
        (entry("X-01", until=TODAY - datetime.timedelta(1)), Status.FAILED, EntryState.EXPIRED),
        (entry("X-01", until=TODAY - datetime.timedelta(1)), Status.PASSED, EntryState.PASSES),
        (entry("X-01"), Status.PASSED, EntryState.PASSES),
        (entry("X-01"), Status.OBSERVED, EntryState.PASSES),
        (entry("X-01"), Status.SKIPPED, EntryState.INCONCLUSIVE),
        (entry("X-01"), Status.INCONCLUSIVE, EntryState.INCONCLUSIVE),
        (entry("X-01", operation="Op"), Status.FAILED, EntryState.UNMATCHED),
        (entry("X-02"), Status.FAILED, EntryState.UNMATCHED),
        (entry("Y-99"), Status.FAILED, EntryState.UNMATCHED),
    ],
)
def test_what_becomes_of_an_entry(one: KnownFailure, status: Status, state: EntryState) -> None:
    rows = results(statuses=(status,)).requirements
    assert judge_entry(one, rows, TODAY, every=EVERY, narrowed=False).state is state


def test_what_was_not_to_be_tried_does_not_go_stale() -> None:
    rows = results(statuses=(Status.FAILED,)).requirements
    assert judge_entry(entry("X-02"), rows, TODAY, every=EVERY, narrowed=True).state is EntryState.INCONCLUSIVE
    assert judge_entry(entry("Y-01"), rows, TODAY, every=EVERY, narrowed=True).state is EntryState.UNMATCHED


PASSED, FAILED, INCONCLUSIVE = Status.PASSED, Status.FAILED, Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("statuses", "entries", "options", "verdict", "exit_status"),
    [
        ((PASSED, FAILED), [entry()], {}, Verdict.ALL_KNOWN, 1),
        ((PASSED, FAILED), [entry()], {"accept": True}, Verdict.ALL_KNOWN, 0),
        ((PASSED, FAILED, FAILED), [entry()], {"accept": True}, Verdict.NON_CONFORMANT, 1),
        ((PASSED, FAILED, INCONCLUSIVE), [entry()], {"accept": True}, Verdict.ALL_KNOWN, 3),
        ((PASSED, FAILED), [entry(until=TODAY - datetime.timedelta(1))], {"accept": True}, Verdict.NON_CONFORMANT, 1),
        ((PASSED, FAILED), [entry(), entry("X-01")], {"accept": True}, Verdict.ALL_KNOWN, 1),
        ((PASSED, FAILED), [entry(), entry("X-01")], {"accept": True, "lenient": True}, Verdict.ALL_KNOWN, 0),
        ((PASSED, PASSED), [entry()], {}, Verdict.CONFORMANT, 1),
        ((PASSED, PASSED), [entry()], {"lenient": True}, Verdict.CONFORMANT, 0),
        ((PASSED, PASSED), [], {"accept": True}, Verdict.CONFORMANT, 0),
        ((PASSED, INCONCLUSIVE), [entry("X-09")], {}, Verdict.INCONCLUSIVE, 1),
        ((PASSED, INCONCLUSIVE), [entry("X-02")], {"accept": True}, Verdict.INCONCLUSIVE, 3),
    ],
)  # fmt: skip
def test_verdict_and_exit_status(statuses, entries, options, verdict, exit_status) -> None:
    record = held(results(statuses=statuses), *entries, **options)
    assert (record.verdict, record.exit_status) == (verdict, exit_status)
    assert from_json(to_json(record)) == record


def test_each_format_says_what_is_known() -> None:
    for accept in (False, True):
        record = held(results("the message", (PASSED, FAILED)), entry(), entry("X-01"), accept=accept)
        element = case(junit(record, EXCHANGES), "X-02")
        assert (element.find("failure") is None) is accept
        assert (element.find("skipped") is not None) is accept
        assert json.loads(ctrf(record, EXCHANGES))["results"]["tests"][1]["status"] == ("other" if accept else "failed")
        assert (
            "a reason"
            in json.loads(sarif(record, EXCHANGES))["runs"][0]["results"][0]["suppressions"][0]["justification"]
        )
        lines = list(workflow_commands(record))
        assert lines[0] == "::error title=baseline::known.toml: X-01 on * now passes; remove the entry"
        assert lines[1].startswith("::warning")
        assert "known: `a reason (team; T-1; until 2026-05-01)`" in markdown(record).decode()
        page = html(record, EXCHANGES, contract()).decode()
        assert "non-conformant, all known" in page
        assert "a reason" in page
        assert "now passes; remove the entry" in page


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[known]", "it is not TOML"),
        ("[known]\na = 1\n", "known.toml:1: write each entry as [[known]]"),
        ("knwon = 1\n", "known.toml:1: unknown key 'knwon'"),
        (GOOD + "\n" + GOOD.replace("reason =", "raeson ="), "known.toml:6: entry 2: unknown key 'raeson'; did you mean reason?"),
        ("\n" + GOOD.replace('requirement = "X-02"\n', ""), "known.toml:2: entry 1: requirement is missing"),
        (GOOD.replace("until = 2026-05-01\n", ""), "entry 1: until is missing; write the last day"),
        (GOOD.replace("2026-05-01", '"soon"'), "entry 1: until is not a date"),
        (GOOD.replace("2026-05-01", "2026-13-01"), "it is not TOML"),
        (GOOD.replace("a reason", " "), "known.toml:1: entry 1 (X-02): the reason is empty; say why"),
        (GOOD.replace('"a reason"', "3"), "entry 1: reason must be a text, not a whole number"),
    ],
)  # fmt: skip
def test_a_bad_file_gets_one_clear_line(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        load_baseline(path)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_status == 2


def test_updating_keeps_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(
        "# ours\n" + GOOD + "# by Jane\n\n"
        '[[known]]\nrequirement = "X-01"\nreason = "old"\nuntil = 2026-05-01\n\n'
        '[[known]]\nrequirement = "X-06"\nreason = "inconclusive"\nuntil = 2026-05-01\n'
    )
    record = results("m")
    shown = update_baseline(path, load_baseline(path), record.requirements, TODAY, every=EVERY, narrowed=False)
    assert str(shown) == "2 entries kept, 1 added, 1 removed"
    text = path.read_text()
    assert text.startswith("# ours")
    known = tomllib.loads(text)["known"]
    assert [(each["requirement"], each["reason"]) for each in known] == [
        ("X-02", "a reason"),
        ("X-06", "inconclusive"),
        ("X-03", ""),
    ]
    assert known[2]["until"] == TODAY + datetime.timedelta(90)
    with pytest.raises(InputError, match=r"entry 3 \(X-03\): the reason is empty"):
        load_baseline(path)
    again = load_baseline(path, unfinished=True)
    assert str(update_baseline(path, again, record.requirements, TODAY, every=EVERY, narrowed=False)).startswith(
        "3 entries kept, 0 added"
    )


def test_a_new_file_and_an_emptied_one(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "known.toml"
    rows = results("m", (FAILED,)).requirements
    update_baseline(path, (), rows, TODAY, every=EVERY, narrowed=False)
    assert len(load_baseline(path, unfinished=True)) == 1
    passed = results("m", (PASSED,)).requirements
    update_baseline(path, load_baseline(path, unfinished=True), passed, TODAY, every=EVERY, narrowed=False)
    assert load_baseline(path) == ()
    path.write_text("known = []\n")
    update_baseline(path, (), rows, TODAY, every=EVERY, narrowed=False)
    assert len(load_baseline(path, unfinished=True)) == 1


@pytest.mark.slow(reason="whole runs of the command")
def test_a_baseline_from_the_first_run_to_the_fixed_server(tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    line = ["--requirement", "SEL-0*", "--baseline", "known.toml"]
    with serve(contract(), faults=["select-ignored"]) as faulty:
        first = command("run", faulty.url, *auth(), *line, "--update-baseline", cwd=tmp_path)
        assert first.returncode == 1, first.stderr
        assert "baseline: known.toml: 0 entries kept," in first.stdout
        unfinished = command("run", faulty.url, *auth(), *line, cwd=tmp_path)
        assert unfinished.returncode == 2
        assert "known.toml:2: entry 1 (SEL-" in one_line(unfinished)
        known.write_text(known.read_text().replace('reason = ""', 'reason = "the next release"'))
        second = command("run", faulty.url, *auth(), *line, cwd=tmp_path)
        assert second.returncode == 1
        assert second.stdout.strip().splitlines()[-1].startswith("partial: ")
        assert ", as known.toml says" in second.stdout.strip().splitlines()[-1]
        third = command("run", faulty.url, *auth(), *line, "--accept-known", cwd=tmp_path)
        assert third.returncode == 0, third.stdout
        assert ElementTree.parse(tmp_path / "reports/junit.xml").getroot().get("failures") == "0"
    with serve(contract()) as repaired:
        fourth = command("run", repaired.url, *auth(), *line, "--accept-known", cwd=tmp_path)
        assert fourth.returncode == 1
        assert "now passes; remove the entry" in fourth.stdout
        fifth = command("run", repaired.url, *auth(), *line, "--lenient-baseline", cwd=tmp_path)
        assert fifth.returncode == 0


@pytest.mark.slow(reason="whole runs of the command")
def test_pytest_knows_the_baseline_too(tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(
        '[[known]]\nrequirement = "SEL-03"\nreason = "the next release"\nuntil = 9999-12-31\n'
    )
    with serve(contract(), faults=["select-ignored"]) as faulty:
        line = [
            "-q",
            "-p",
            "no:cacheprovider",
            "--requirement",
            "SEL-03",
            "--target",
            faulty.url,
            *auth(),
            "--conformance-baseline",
            "known.toml",
        ]
        for more, status in (([], 1), (["--accept-known"], 0), (["--update-baseline"], 1)):
            result = subprocess.run(
                [sys.executable, "-m", "pytest", "--pyargs", "conformance.requirements", *line, *more],
                cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            assert result.returncode == status, result.stdout + result.stderr
            assert (
                "baseline: known.toml: " if more == ["--update-baseline"] else ", as known.toml says"
            ) in result.stdout


@pytest.mark.parametrize("arguments", [["--accept-known"], ["--baseline", "missing.toml"], ["--update-baseline"]])
def test_options_without_a_file(arguments: list[str], tmp_path: Path) -> None:
    result = in_process("run", *arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert "--baseline" in one_line(result)
