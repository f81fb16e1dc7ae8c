"""Two versions of a page: what changed, what that does to a client, and which requirements are based on it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.main import cli
from conformance.contract.change import Effect
from conformance.contract.contract_diff import contract_diff
from conformance.contract.folder import default_schemas
from conformance.contract.model import Contract
from conformance.core.errors import InputError
from conformance.engine.changed_sources import read_before
from conformance.pages.compile import derive_pages, parse_page
from conformance.pages.document import parse_document
from conformance.requirements import load_requirements
from support.documentation import PAGE
from support.generated_pages import page, properties

PATH = "| Path Part | Type | Description |\n|----|----|----|\n| id | int32 | x |\n"
QUERY = "\n## Query String Parameters\n\n| Parameter Name | Type | Description |\n|----|----|----|\n| mode | Enum: A, B | x |\n"
REQUEST = "## Request Body: entity\n\n" + properties("Id | int32 | x", "Name | string | x", "List | array | x")
RESPONSE = properties("Id | int32 | x", "Size | double | x", "Map | object | x")

BREAKING, COMPATIBLE, WORDING = Effect.BREAKING, Effect.COMPATIBLE, Effect.WORDING


def text(**changes: Any) -> str:
    usual: dict[str, Any] = {
        "method": "POST /api/v1/Thing/{id}",
        "head": "What it does.\n\n" + PATH + QUERY,
        "request": REQUEST,
        "sent": '{"Id": 1, "Name": "a", "List": [1]}',
        "statuses": "| 200 | OK |\n| 404 | No |",
        "table": RESPONSE,
        "received": '{"Id": 1, "Size": 1.5, "Map": {"a": 1}}',
        "content_type": "`application/json`, `text/json`",
    }
    return page(**{**usual, **changes})


def contract(*pages: str) -> Contract:
    return Contract(
        operations=tuple(parse_page(parse_document(Path("page.md"), each)).contract for each in pages), digest=""
    )


def changed(**changes: Any) -> list[tuple[Effect, str, str]]:
    found = contract_diff(contract(text()), contract(text(**changes)))
    return [(each.effect, each.about, each.message) for each in found]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        (
            {"method": "PUT /api/v1/Thing/{id}"},
            [
                (BREAKING, "route", "POST /api/v1/Thing/{id} became PUT /api/v1/Thing/{id}"),
                (WORDING, "effect", "it was not known to read, and writes now: PUT changes data (RFC 9110, section 9.2)"),
            ],
        ),
        (
            {"method": "POST /api/v1/Thing/{thingId}", "head": "What it does.\n\n" + PATH.replace("| id", "| thingId") + QUERY},
            [(WORDING, "route", "/api/v1/Thing/{id} is now written /api/v1/Thing/{thingId}")],
        ),
        ({"head": "What it does.\n\n" + PATH}, [(BREAKING, "query parameter", "mode is gone")]),
        ({"head": "What it does.\n\n" + PATH + QUERY.replace("x |\n", "**Required** |\n")}, [(BREAKING, "query parameter", "mode is required now")]),
        ({"head": "What it does.\n\n" + PATH + QUERY + "| top | int32 | x |\n"}, [(COMPATIBLE, "query parameter", "top is new")]),
        ({"head": "What it does.\n\n" + PATH + QUERY + "| top | int32 | **Required** |\n"}, [(BREAKING, "query parameter", "top is new and required")]),
        ({"head": "What it does.\n\n" + PATH + QUERY.replace("A, B", "A, B, C")}, [(COMPATIBLE, "query parameter", "mode gained C")]),
        ({"head": "What it does.\n\n" + PATH + QUERY.replace("A, B", "A, C")}, [(BREAKING, "query parameter", "mode lost B and gained C")]),
        ({"head": "What it does.\n\n" + PATH.replace("int32", "string") + QUERY}, [(BREAKING, "path parameter", "id was int32, is string")]),
        ({"head": "What it really does.\n\n" + PATH + QUERY}, [(WORDING, "summary", "the summary says it in other words")]),
        ({"content_type": "`application/json`"}, [
            (BREAKING, "request media type", "text/json is gone"), (WORDING, "header", "the row Content-Type says it in other words")]),
        ({"statuses": "| 200 | OK |\n| 404 | No |\n| 412 | x |"}, [(COMPATIBLE, "status", "412 is new")]),
        ({"statuses": "| 202 | OK |\n| 404 | No |"}, [(BREAKING, "status", "200 is gone"), (BREAKING, "status", "202 is new")]),
        ({"statuses": "| 200 | OK |\n| 404 | Nothing there |"}, [(WORDING, "status", "the row 404 says it in other words")]),
        ({"request": REQUEST.replace("| Name | string | x |\n", "")}, [(BREAKING, "request body", "Name is gone")]),
        ({"request": REQUEST + "\n| More | string | x |"}, [(COMPATIBLE, "request body", "More is new")]),
        ({"request": REQUEST.replace("int32", "Integer")}, [(WORDING, "request body", "the type of Id was written int32, is written Integer")]),
        ({"request": REQUEST.replace("int32", "int64")}, [(COMPATIBLE, "request body", "Id was integer (int32), is integer (int64)")]),
        ({"table": RESPONSE.replace("int32", "int64")}, [(BREAKING, "response body", "Id was integer (int32), is integer (int64)")]),
        ({"table": RESPONSE.replace("int32", "string")}, [(BREAKING, "response body", "Id was integer (int32), is string")]),
        ({"sent": '{"Id": 1, "Name": "a", "List": ["a"]}'}, [(BREAKING, "request body", "List[] was integer (int32), is string")]),
        ({"received": '{"Id": 1, "Size": 1.5, "Map": {"b": 1}}'}, [
            (WORDING, "response body", "the sample shows Map/a no longer"), (WORDING, "response body", "the sample shows Map/b now")]),
        ({"table": RESPONSE.replace("| Id | int32 | x |", "| Id | int32 | other |")}, [(WORDING, "response body", "the row Id says it in other words")]),
        ({"response": "## Response: array", "body": "Response body: array", "received": "[]"}, [
            (BREAKING, "response body", "the body was object, is array")]),
    ],
)  # fmt: skip
def test_a_change_and_its_effect(changes: dict[str, Any], expected: list[tuple[Effect, str, str]]) -> None:
    assert changed(**changes) == expected


@pytest.mark.parametrize(
    ("old", "new", "effect"),
    [("nulled", "columns", BREAKING), ("some", "columns", COMPATIBLE), ("nulled", "some", COMPATIBLE)],
)
def test_select_means_something_else(old: str, new: str, effect: Effect) -> None:
    selecting = "What it does.\n\n" + PATH + QUERY + "| $select | string | nulled |\n"
    found = contract_diff(
        contract(text(head=selecting.replace("nulled", old))), contract(text(head=selecting.replace("nulled", new)))
    )
    assert [(each.effect, each.about) for each in found] == [(effect, "query parameter")]
    assert found[0].message.startswith("what $select does with the rest:")


def test_operations_come_and_go() -> None:
    one, other = text(), text(id="id: Other")
    assert [(each.effect, each.operation) for each in contract_diff(contract(one), contract(other))] == [
        (COMPATIBLE, "Other"),
        (BREAKING, "v1Thing_Get"),
    ]


def test_what_was_assumed_does_not_break() -> None:
    found = contract_diff(contract(text(sent="")), contract(text(sent='[{"Id": 1, "Name": "", "List": []}]')))
    assert [(each.effect, each.about) for each in found] == [(COMPATIBLE, "request body")]


def test_changes_name_their_lines() -> None:
    change = contract_diff(
        contract(text()), contract(text(head="More.\n\n" + PATH + QUERY, table=RESPONSE.replace("int32", "bool")))
    )[0]
    old, new = (each.splitlines() for each in (text(), text(table=RESPONSE.replace("int32", "bool"))))
    assert old[change.old_line - 1] == "| Id | int32 | x |"
    assert new[change.new_line - 1] == "| Id | bool | x |"


# The command, and the run


@pytest.fixture
def other_page(tmp_path: Path) -> Path:
    """The project's page, with other words in the row of $select."""
    before = PAGE.read_text()
    after = before.replace("| $select | string | ", "| $select | string | In other words: ")
    assert after != before
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / PAGE.name).write_text(after)
    return tmp_path / "pages"


def test_the_command_names_the_requirements(other_page: Path) -> None:
    result = CliRunner().invoke(cli, ["diff-contract", str(default_schemas()), str(other_page)], standalone_mode=False)
    assert result.return_value == 0
    assert "wording    query parameter: the row $select says it in other words" in result.output
    assert "requirements based on it: SEL-01, SEL-02" in result.output
    options = ["diff-contract", str(default_schemas()), str(other_page), "--format", "json"]
    changes = json.loads(CliRunner().invoke(cli, options).output)["changes"]
    assert [each["effect"] for each in changes] == ["wording"]
    assert "SEL-01" in changes[0]["requirements"]
    silent = CliRunner().invoke(cli, [*options[:3], "--no-wording"], standalone_mode=False)
    assert (silent.return_value, silent.output) == (0, "no changes\n")


def test_the_command_is_a_gate(tmp_path: Path) -> None:
    for name, content in (("old", text()), ("new", text(content_type="`application/json`"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.md").write_text(content)
    result = CliRunner().invoke(
        cli, ["diff-contract", str(tmp_path / "old"), str(tmp_path / "new")], standalone_mode=False
    )
    assert result.return_value == 1
    missing = CliRunner().invoke(
        cli, ["diff-contract", str(tmp_path / "no"), str(tmp_path / "new")], standalone_mode=False
    )
    assert isinstance(missing.exception, InputError)


@pytest.mark.slow(reason="whole runs of the command")
def test_a_run_says_which_requirements_are_based_on_changed_lines(other_page: Path, tmp_path: Path) -> None:
    derive_pages([other_page], tmp_path / "schemas", workers=1)
    first = run("--schemas", tmp_path / "schemas", "--since", default_schemas(), reports=tmp_path / "first")
    assert "based on changed lines of the page: SEL-01 (passed), SEL-02 (passed)" in first
    results = json.loads((tmp_path / "first" / "results.json").read_text())
    assert [each["id"] for each in results["requirements"] if each["source_changed"]] == ["SEL-01", "SEL-02"]
    # That run says the same of a later one: nothing changed since.
    again = ("--schemas", tmp_path / "schemas", "--since", tmp_path / "first" / "results.json")
    assert "changed lines" not in run(*again, reports=tmp_path / "again")


def run(*options: object, reports: Path) -> str:
    only = [option for id in ("SEL-01", "SEL-02", "OP-01") for option in ("--requirement", id)]
    command = [sys.executable, "-m", "conformance", "run", *map(str, options), *only, "--reports", str(reports)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"requirements": [{"id": 1}]}'])
def test_since_something_else(tmp_path: Path, content: str) -> None:
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(InputError, match="neither a contract folder nor a results"):
        read_before(tmp_path / "results.json", load_requirements().values())
