"""What the catalogue says of itself: requirements as text and JSON, one explained, and what of the page is covered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import conformance
from conformance.cli.main import cli
from conformance.core.errors import InputError
from conformance.engine.explanation import defined_at, inconclusive_because
from conformance.engine.result import Status
from conformance.reporting.coverage import coverage, summary
from conformance.requirements import load_requirements
from support.documentation import OPERATION, PAGE
from support.suite_runner import contract, correct

ROOT = Path(conformance.__file__).parent.parent


def ran(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, options, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.return_value, result.output


def test_the_catalogue_as_json() -> None:
    _, output = ran("requirements", "--json")
    listed = json.loads(output)
    assert [each["id"] for each in listed] == list(load_requirements())
    assert all(each["judged"] and each["source"] for each in listed)
    assert all(each["faults"] for each in listed if each["level"] != "MAY")


def test_a_requirement_is_explained_by_real_exchanges() -> None:
    status, output = ran("explain", "sel-01")
    assert status == 0
    for part in ("SEL-01", "MUST: a failure makes the server non-conformant", "(line 18 of", "Inconclusive"):
        assert part in output
    passing, failing = output.split("With the fault ")
    assert "On the reference server: passed" in passing
    assert "HTTP/1.1 200 OK" in passing
    assert ": failed" in failing
    assert "HTTP/1.1 200 OK" in failing
    assert "blue:Harbour9" not in output


def test_an_explanation_without_a_run() -> None:
    _, output = ran("explain", "TZ-01", "--no-exchanges")
    assert "no second time zone is known" in output
    assert "HTTP/1.1" not in output


def test_an_explanation_names_file_and_line() -> None:
    _, output = ran("explain", "TZ-01", "--no-exchanges")
    found = re.search(r"^Code +conformance/requirements/(test_time_zone\.py):(\d+)$", output, re.MULTILINE)
    assert found
    assert found[1] == "test_time_zone.py"
    lines = (ROOT / "conformance/requirements" / found[1]).read_text().splitlines()
    code = "\n".join(lines[int(found[2]) - 1 :][:3])
    assert code.startswith("@requirement(")
    assert '"TZ-01"' in code


def test_a_custom_requirement_is_in_a_file_of_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    requirement = msgspec.structs.replace(load_requirements()["TZ-01"], body=ran)
    monkeypatch.chdir(Path(__file__).parent)
    assert re.fullmatch(r"test_explaining\.py:\d+", defined_at(requirement))
    monkeypatch.chdir(ROOT / "conformance")
    assert re.fullmatch(r"/.*/test_explaining\.py:\d+", defined_at(requirement))


def test_an_unknown_requirement() -> None:
    with pytest.raises(InputError, match=r"SEL-1: there is no such requirement; did you mean SEL-01\?"):
        ran("explain", "SEL-1")


def test_every_requirement_says_what_leaves_it_inconclusive() -> None:
    for requirement in load_requirements().values():
        assert inconclusive_because(requirement)[-1].startswith("no comparison")


def test_nothing_on_the_page_is_uncovered() -> None:
    parts = coverage(contract().operations[0], PAGE.read_text(), load_requirements().values(), correct().by_id)
    assert summary(parts) == {"covered": 124, "untestable": 41}
    assert all(part.reason for part in parts if part.state == "untestable")


def test_what_no_run_exercised_is_not_covered() -> None:
    inconclusive = {
        id: each
        if id != "SEL-01"
        else type(each)(**{f: getattr(each, f) for f in each.__struct_fields__} | {"status": Status.SKIPPED})
        for id, each in correct().by_id.items()
        if not id.startswith("SEL-") or id == "SEL-01"
    }
    parts = coverage(contract().operations[0], PAGE.read_text(), load_requirements().values(), inconclusive)
    (row,) = (part for part in parts if part.text.startswith("| $select"))
    assert row.state == "not exercised"
    typed = coverage(
        contract().operations[0], PAGE.read_text(), load_requirements().values(), correct().by_id, ["Name"]
    )
    (cell,) = (
        part
        for part in typed
        if part.part == "type" and part.line == next(each.line for each in typed if each.text == "Name")
    )
    assert (cell.state, cell.reason) == ("not exercised", "the run never saw it with a value")


def test_coverage_of_a_run_of_ones_own(tmp_path: Path) -> None:
    from conformance.reporting.results import to_json

    (tmp_path / "results.json").write_bytes(to_json(correct().results))
    status, output = ran("requirements", "--coverage", "--results", str(tmp_path), "--json")
    assert status == 0
    assert {part["state"] for part in json.loads(output)} == {"covered", "untestable"}
    with pytest.raises(InputError, match=r"--operation other: there is no such operation"):
        ran("requirements", "--coverage", "--operation", "other")
    assert OPERATION in correct().results.requirements[0].operation
