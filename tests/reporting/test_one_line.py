"""Whatever a target, a page or a file of somebody else says is one escaped line on a terminal and in an annotation."""

from __future__ import annotations

import io
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from conformance.core.one_line import lines, one_line
from conformance.engine.result import Status
from conformance.reporting.github import workflow_commands
from conformance.reporting.results import Discovered, to_json
from conformance.reporting.status_presentation import SYMBOL
from conformance.reporting.terminal import Progress, print_closing
from conformance.reporting.text import finding_text
from support.commands import command, in_process
from support.example_results import exchange, results

EVIL = (
    "name\n::add-mask::secret\r\n::stop-commands::x\x1b[2J\x1b]0;title\x07\u202eback\u2028line\x85next"
    " ##[add-path]/tmp ##vso[task.setvariable variable=a]b\ud800\x9b1m"
)
COMMANDS = re.compile(r"^\s*::(?!(?:notice|warning|error) (?:file=|title=))|##[A-Za-z]*\[", re.MULTILINE)
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def harmless(text: str) -> None:
    assert not COMMANDS.search(text), text
    assert not OBEYED.search(text), ascii(text)


@given(st.text() | st.sampled_from([EVIL, "::error::x", "  ::error::x", "##[endgroup]", "a ##teamcity[x"]))
def test_any_text_is_one_line_that_nothing_obeys(text: str) -> None:
    made = one_line(text)
    assert made.isprintable()
    assert len(made.splitlines()) <= 1
    assert not COMMANDS.search(made)
    assert one_line(made) == made


@pytest.mark.parametrize("text", ["plain", "a: b::c", "50% (ünï) 日本 😀", "# a heading [x]"])
def test_ordinary_text_stays(text: str) -> None:
    assert one_line(text) == text
    assert lines(f"{text}\n{text}") == f"{text}\n{text}"


@pytest.mark.parametrize("actions", ["", "true"])
def test_the_closing_of_a_run(actions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", actions)
    record = results(EVIL)
    rows = tuple(
        msgspec.structs.replace(each, chapter=f"{each.chapter} {EVIL}", known=EVIL, source_changed=True)
        for each in record.requirements
    )
    record = msgspec.structs.replace(
        record,
        requirements=rows,
        reason=EVIL,
        target=msgspec.structs.replace(record.target, url=EVIL),
        learned=(Discovered(operation="op", name="configured ids", value=EVIL, found=False),),
    )
    for width in (60, 120):
        out = io.StringIO()
        console = Console(width=width, file=out)
        progress = Progress(console)
        progress.start(len(rows))
        for each in rows:
            progress.requirement_done(each, 1)
        progress.stop()
        print_closing(record, console, Path("reports"), baseline=EVIL)
        harmless(out.getvalue())
        found = [line for line in out.getvalue().splitlines() if line.startswith("::")]
        assert bool(found) is bool(actions)


def test_annotations_are_one_line_each() -> None:
    made = list(workflow_commands(results(EVIL)))
    assert made
    for line in made:
        assert len(line.splitlines()) == 1
        harmless(line)


def test_a_finding_for_a_terminal() -> None:
    row = next(each for each in results(EVIL).requirements if each.status is Status.FAILED)
    finding = msgspec.structs.replace(row.findings[0], curl=f"# {EVIL}\ncurl -i 'http://x/'")
    odd = exchange(0, EVIL.encode("utf-8", "surrogatepass"))
    odd = msgspec.structs.replace(odd, purpose=EVIL, url=EVIL)
    silent = msgspec.structs.replace(exchange(1, answered=False), failure_text=EVIL)
    harmless(finding_text(finding, [odd, silent], terminal=True))


def test_diff_and_replay_of_a_file_of_somebody_else(tmp_path: Path) -> None:
    old, new = results(EVIL, (Status.PASSED,)), results(EVIL, (Status.FAILED,))
    for name, record in (("old", old), ("new", new)):
        (tmp_path / f"{name}.json").write_bytes(to_json(msgspec.structs.replace(record, reason=EVIL)))
    compared = in_process("diff", "old.json", "new.json", cwd=tmp_path)
    assert compared.returncode == 1, compared.stderr
    harmless(compared.stdout)
    assert f"  X-01     {Status.PASSED} -> {Status.FAILED}" in compared.stdout
    unknown = in_process("replay", "new.json", EVIL.replace("\ud800", ""), cwd=tmp_path)
    assert unknown.returncode == 2
    harmless(unknown.stderr)
    assert unknown.stderr.count("\n") == 1


def test_our_own_symbols_are_printed() -> None:
    assert all(one_line(symbol) == symbol for symbol in SYMBOL.values())


@pytest.mark.slow(reason="whole runs of the command")
def test_every_command_that_shows_a_page(tmp_path: Path) -> None:
    """Column names, names of properties and descriptions come from pages; so do their mistakes."""
    text = EVIL.replace("\ud800", "").replace("\n", " ").replace("\r", " ").replace("\u2028", " ").replace("\x85", " ")
    page = next((Path(__file__).parents[2] / "schemas" / "pages").glob("*.md")).read_text(encoding="utf-8")
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, content in ((old, page), (new, page.replace("| StartCount | int32 |", f"| {text} | int32 |"))):
        folder.mkdir()
        (folder / "page.md").write_text(content, encoding="utf-8")
    assert text in (new / "page.md").read_text(encoding="utf-8"), "the page has another table now"
    shown = []
    for arguments in (["lint", "new"], ["diff-contract", "old", "new"], ["derive", "new", "--out", "out"]):
        result = command(*arguments, cwd=tmp_path)
        assert "Traceback" not in result.stderr
        harmless(result.stdout)
        harmless(result.stderr)
        shown.append(result.stdout + result.stderr)
    assert any("\\x1b" in each for each in shown), "none of them shows the name"
