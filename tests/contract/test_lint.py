"""Each rule of the linter finds what it names, and nothing on a page that contradicts nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.main import cli
from conformance.core.errors import InputError
from conformance.pages.lint.formats import as_json, as_sarif, as_text
from conformance.pages.lint.rule import RULES, Finding
from conformance.pages.lint.run import LintReport, lint
from support.generated_pages import page, properties

TABLE = properties("Id | int32 | x", "When | date-time | x")
RECEIVED = '{\n  "Id": 1,\n  "When": "2020-01-02T03:04:05Z"\n}'
PATH = "| Path Part | Type | Description |\n|----|----|----|\n| id | int32 | x **Required** |\n"
QUERY = "\n## Query String Parameters\n\n| Parameter Name | Type | Description |\n|----|----|----|\n| $select | string | x |\n"


def clean(**changes: Any) -> str:
    """A page that contradicts nothing, with some of it changed."""
    usual: dict[str, Any] = {
        "title": "GET Thing/{id}",
        "method": "GET /api/v1/Thing/{id}",
        "head": PATH + QUERY,
        "table": TABLE,
        "received": RECEIVED,
    }
    return page(**{**usual, **changes})


def found(tmp_path: Path, **pages: str) -> list[Finding]:
    for name, text in pages.items():
        (tmp_path / f"{name}.md").write_text(text)
    report = lint([tmp_path], workers=1)
    assert report.errors == []
    return report.findings


def test_a_page_that_contradicts_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, page=clean()) == []


PATCH = "## Request Body: changes string\n\n" + properties("op | string | x", "path | string | x", "value | object | x")
ENTITY = "## Request Body: entity\n\n" + properties("Id | int32 | x")
EXAMPLE = "\n```http\nGET /api/v1/Thing/1?$select=Name,Id\nGET /api/v1/Thing/1?other=1\n```\n"

FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "title-method-short": ({"title": "DEL Thing/{id}", "method": "DELETE /api/v1/Thing/{id}"}, []),
    "title-path": ({"title": "GET Other/{id}"}, []),
    "title-placeholder": ({"title": "GET Thing/{thingId}"}, []),
    "placeholder-without-row": ({"head": QUERY}, []),
    "row-without-placeholder": ({"title": "GET Thing", "method": "GET /api/v1/Thing"}, []),
    "type-unknown": ({"head": PATH.replace("int32", "Whatever") + QUERY}, []),
    "include-missing": ({"sample": "[!include[x](gone.md)]\n\n"}, []),
    "no-success-status": ({"statuses": "| 404 | x |"}, ["sample-status"]),
    "row-twice": ({"table": TABLE + "\n| Id | int32 | again |"}, []),
    "row-over-lines": ({"table": TABLE.replace("int32 | x |", "int32 | x\nand y |")}, []),
    "media-types-empty": ({"request": ENTITY, "content_type": "", "sent": '{"Id": 1}'}, []),
    "type-without-content": (
        {"statuses": "| 204 | x |", "response": "## Response:", "body": "### Response body: Other", "table": "", "received": ""},
        [],
    ),
    "heading-kind": ({"request": PATCH, "sent": '[{"op": "a", "path": "b", "value": 1}]'}, []),
    "body-undescribed": ({"request": "## Request Body: thing\n\nSome."}, []),
    "array-undecided": ({"request": ENTITY}, ["sample-missing"]),
    "select-example": ({"head": PATH + QUERY + EXAMPLE.replace("GET /api/v1/Thing/1?other=1\n", "")}, []),
    "example-parameter": ({"head": PATH + QUERY + EXAMPLE.replace("Name,", "")}, []),
    "sample-type": ({"received": RECEIVED.replace("1,", '"1",')}, []),
    "sample-date": ({"received": RECEIVED.replace("01-02T", "13-02T")}, []),
    "sample-unknown-property": ({"received": RECEIVED.replace('"Id": 1', '"Id": 1, "Name": 1')}, []),
    "sample-lacks-property": ({"received": '{"Id": 1}'}, []),
    "sample-missing": ({"received": ""}, []),
    "sample-header": ({"sample": "```http!\nGET /api/v1/Thing/1\nX-Other: 1\n```\n\n", "method": "GET /api/v1/Thing/1", "title": "GET Thing/1", "head": QUERY}, []),
    "sample-media-type": ({"sample": "```http!\nGET /api/v1/Thing/{id}\nAccept: text/csv\n```\n\n"}, []),
    "sample-status": ({"statuses": "| 201 | x |"}, []),
    "sample-content": (
        {"statuses": "| 204 | x |", "table": "", "received": "", "response": "## Response", "body": "",
         "sample": "```http_\nHTTP/1.1 204 No Content\nContent-Type: application/json\n\nnull\n```\n"},
        [],
    ),
    "sample-operation": ({"sample": "```http!\nPUT /api/v1/Thing/{id}\n```\n\n"}, []),
    "prose-percent": (
        {"table": properties("Percent | int32 | Progress in percent"), "received": '{"Percent": 310}'}, []
    ),
    "prose-range": ({"table": properties("Score | int32 | From -100 to 100"), "received": '{"Score": 101}'}, []),
    "prose-condition": (
        {"table": properties("Owner | int32 | If it is a System task, Owner = 0.", "IsSystemTask | bool | x"),
         "received": '{"Owner": 7, "IsSystemTask": true}'},
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", FAULTS)
def test_a_rule_finds_what_it_names_and_only_that(tmp_path: Path, rule: str) -> None:
    changes, others = FAULTS[rule]
    findings = found(tmp_path, page=clean(**changes))
    assert {each.rule for each in findings} == {rule, *others}
    line = next(each for each in findings if each.rule == rule).line
    assert 0 < line <= clean(**changes).count("\n") + 1


def named(kind: str, table: str, received: str, id: str = "A", path: str = "A", **more: Any) -> str:
    heading = {"response": "## Response:", "body": f"### Response body: {kind}"}
    method = f"GET /api/v1/{path}"
    return page(
        id=f"id: {id}", title=f"GET {path}", method=method, table=table, received=received, **{**heading, **more}
    )


NOTHING = named("Void", "", "", id="V", path="V", statuses="| 204 | x |")
COMPANY = named("Company", properties("Id | int32 | x"), '{"Id": 1}', id="C", path="C")
BETWEEN: dict[str, tuple[list[str], set[str]]] = {
    "route-twice": (
        [clean(), clean(id="id: Other", method="GET /api/v1/Thing/{ID}").replace("| id |", "| ID |")],
        {"title-placeholder"},
    ),
    "id-twice": ([COMPANY, named("Company", properties("Id | int32 | x"), '{"Id": 1}', id="C", path="D")], set()),
    "type-two-shapes": ([COMPANY, named("Company", properties("No | int32 | x"), '{"No": 1}')], set()),
    "type-doubtful": (
        [NOTHING, named("A", properties("Right | Void | x"), '{"Right": null}')],
        {"type-without-content"},
    ),
    "type-contradicted": ([COMPANY, named("A", properties("Other | Company | x"), '{"Other": {"Other1": 1}}')], set()),
}


@pytest.mark.parametrize("rule", BETWEEN)
def test_a_rule_between_pages(tmp_path: Path, rule: str) -> None:
    pages, others = BETWEEN[rule]
    findings = found(tmp_path, **{f"page{number}": text for number, text in enumerate(pages)})
    assert {each.rule for each in findings} == {rule, *others}


def test_every_rule_has_its_test() -> None:
    assert {*FAULTS, *BETWEEN} == set(RULES)


# Formats and the command


@pytest.fixture
def report(tmp_path: Path) -> LintReport:
    (tmp_path / "a.md").write_text(clean(title="GET Other/{id}"))
    (tmp_path / "b.md").write_text("")
    return lint([tmp_path], workers=1)


def test_text(report: LintReport, tmp_path: Path) -> None:
    lines = as_text(report).splitlines()
    assert lines[0].startswith(f"{tmp_path.as_posix()}/a.md:6: warning title-path: ")
    assert lines[0].endswith("; assumed: /api/v1/Thing/{id}")
    assert lines[1] == "1 pages, 1 findings"


def test_json(report: LintReport) -> None:
    content = json.loads(as_json(report))
    assert content["format"] == "conformance-lint/1"
    assert [rule["id"] for rule in content["rules"]] == ["title-path"]
    assert content["findings"][0]["line"] == 6
    assert len(content["errors"]) == 1


def test_sarif(report: LintReport, tmp_path: Path) -> None:
    log = json.loads(as_sarif(report))
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    result = run["results"][0]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "title-path"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == (tmp_path / "a.md").as_uri()
    assert place["region"] == {"startLine": 6}
    assert result["level"] == "warning"
    assert run["invocations"][0]["executionSuccessful"] is False


def test_rules_are_chosen_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(clean(title="DEL Other/{id}", method="DELETE /api/v1/Thing/{id}"))
    assert {each.rule for each in lint([tmp_path], ignore=["title-m*"], workers=1).findings} == {"title-path"}
    assert {each.rule for each in lint([tmp_path], rules=["title-m*"], workers=1).findings} == {"title-method-short"}
    with pytest.raises(InputError, match=r"--rule title-pat: there is no such rule; did you mean title-path\?"):
        lint([tmp_path], rules=["title-pat"])


@pytest.mark.parametrize(
    ("changes", "options", "status"),
    [
        ({}, [], 0),
        ({"title": "GET Other/{id}"}, [], 1),
        ({"title": "GET Other/{id}"}, ["--fail-on", "never"], 0),
        ({"title": "GET Thing/{no}"}, [], 0),
        ({"title": "GET Thing/{no}"}, ["--fail-on", "note"], 1),
        ({"statuses": ""}, [], 2),
    ],
)
def test_the_exit_status_is_a_gate(tmp_path: Path, changes: dict[str, Any], options: list[str], status: int) -> None:
    (tmp_path / "a.md").write_text(clean(**changes))
    result = CliRunner().invoke(cli, ["lint", str(tmp_path), *options], standalone_mode=False)
    assert result.return_value == status


def test_the_findings_may_go_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(clean())
    out = tmp_path / "lint.sarif"
    result = CliRunner().invoke(cli, ["lint", str(tmp_path), "--format", "sarif", "--out", str(out)])
    assert (result.output, json.loads(out.read_text())["runs"][0]["results"]) == ("", [])


def test_the_rules_are_listed() -> None:
    lines = CliRunner().invoke(cli, ["lint", "--rules"]).output.splitlines()
    assert [line.split()[0] for line in lines] == list(RULES)
