"""Pages that say what the first one does not: a conforming server fails none of their requirements."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, run_wsgi_app

from conformance.assertions.paths import sibling
from conformance.client.credentials import parse_credential
from conformance.client.in_process import serve
from conformance.contract.folder import default_schemas, load
from conformance.engine.config import Config
from conformance.engine.result import RequirementResult, Status
from conformance.engine.settings import Settings
from conformance.pages.compile import derive_pages
from conformance.reference import DEMO_AUTH, ReferenceApplication
from support.generated_pages import page, properties
from support.suite_runner import run_settings

ARRAY = {"response": "## Response: array", "body": "Response body: array"}
TABLE = properties("Id | int32 | x", "Name | string | x", "When | date-time | x")
ROWS = '[{"Id": 1, "Name": "a", "When": "2020-01-02T03:04:05Z"}]'
THINGS = '{"Things": [{"Id": 1}]}'


def query(*rows: str) -> str:
    table = "\n".join(["| Parameter Name | Type | Description |", "|----|----|----|", *(f"| {row} |" for row in rows)])
    return f"## Query String Parameters\n\n{table}"


SELECT = query("$select | string | The others are null.")
COLUMNS = query("$select | string | The columns that come back.", "$filter | string | x")


def get(name: str, **parts: str) -> str:
    return page(id=f"id: {name}", title=f"GET {name}", method=f"GET /api/v1/{name}", **parts)


PAGES = {
    "Open": get("Open"),
    "Few": get("Few", table=properties("Message | string | x"), received='{"Message": "a"}'),
    "List": get("List", head=COLUMNS, body="Response body: object", table=properties("next | string | x", "value | array | x"),
                received='{"next": "a", "value": [{"Id": 1, "Name": "a"}, {"Id": 2, "Name": "b"}]}'),
    "Rows": get("Rows", head=COLUMNS, table=TABLE, received=ROWS, **ARRAY),
    "Picture": get("Picture", table=TABLE, received=ROWS, **ARRAY,
                   sample="```http!\nGET /api/v1/Picture\nAccept: image/png\n\n```\n"),
    "Default": page(id="id: Default", title="GET Thing/Default", method="GET /api/v1/Thing/Default", table=TABLE),
    "One": page(id="id: One", title="GET Thing/{id}", method="GET /api/v1/Thing/{id}", table=TABLE),
    "Whole": page(id="id: Whole", title="GET {name}/Default", method="GET /api/v1/{name}/Default", table=TABLE),
    "Cut": get("Cut", head=SELECT, table=TABLE, received='[{"Id": 1, "Name": "a"}]', **ARRAY),
    "More": get("More", table=TABLE, received=ROWS.replace('"Id"', '"Extra": 1, "Id"'), **ARRAY),
    "Kind": get("Kind", table=TABLE, received=ROWS[1:-1], **ARRAY),
    "Map": get("Map", received='{"Prop1": "a", "Prop2": "b"}'),
    "Nothing": get("Nothing", head=SELECT, table=properties("Name | string | x", "Text | string | x"), **ARRAY),
    "Numbers": get("Numbers", head=SELECT, table=properties("Id | int32 | x", "Size | int32 | x"), **ARRAY),
    "Objects": page(id="id: Objects", title="POST Agents/Thing/GetObjects", method="POST /api/v1/Agents/Thing/GetObjects",
                    request="## Request Body: request\n\n" + properties("Things | array | x", "Names | array | x"),
                    sent='{"Things": [{"Id": 1}], "Names": ["a"]}', table=properties("Thing | object | x", "Name | array | x"),
                    received='[{"Thing": {"Id": 1}, "Name": ["a"]}]', **ARRAY),
}  # fmt: skip


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "pages").mkdir()
    for name, text in PAGES.items():
        (folder / "pages" / f"{name}.md").write_text(text)
    report = derive_pages([folder / "pages"], folder / "schemas", workers=1)
    assert report.errors == []
    return folder / "schemas"


Change = Callable[[Any], Any]


def run(
    schemas: Path, operation: str, *requirements: str, change: Change | None = None
) -> dict[str, RequirementResult]:
    """The results by requirement, of a server that is right except for what ``change`` makes of its JSON."""
    inner = ReferenceApplication(load(schemas))

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body, status, headers = run_wsgi_app(inner, environ, buffered=True)
        data = b"".join(body)
        if change is not None and status.startswith("200") and data:
            data = json.dumps(change(json.loads(data))).encode()
        lines = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start(status, [*lines, ("Content-Length", str(len(data)))])
        return [data]

    with serve(app) as url:
        settings = Settings(
            target=url, auth=DEMO_AUTH[:1], schemas=schemas, operations=(operation,), requirements=requirements, seed=1
        )
        found = run_settings(settings, Config()).requirements
    assert not [each.reason for each in found if "could not judge" in each.reason]
    return {each.id: each for each in found}


def each_row(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    return lambda value: [change(row) for row in value]


def blamed(results: dict[str, RequirementResult]) -> dict[str, str]:
    return {id: each.reason for id, each in results.items() if each.status in (Status.FAILED, Status.WARNING)}


# An answer without documented properties, or with one that errors have too


@pytest.mark.parametrize("operation", ["Open", "Few"])
def test_an_error_object_shows_none_of_the_data(schemas: Path, operation: str) -> None:
    results = run(schemas, operation, "AUTH-02", "AUTH-07")
    assert blamed(results) == {}
    assert results["AUTH-07"].checks


def test_the_data_in_a_refusal_is_found(schemas: Path) -> None:
    inner = ReferenceApplication(load(schemas), faults=["refusal-leaks-data"])
    with serve(inner) as url:
        settings = Settings(
            target=url, auth=DEMO_AUTH[:1], schemas=schemas, operations=("Few",), requirements=("AUTH-02", "AUTH-07")
        )
        found = run_settings(settings, Config()).requirements
    assert [each.status for each in found if each.id == "AUTH-07"] == [Status.FAILED]


# $select that names the columns of a list


@pytest.mark.parametrize("operation", ["List", "Rows"])
def test_columns_of_a_list_are_not_nulled(schemas: Path, operation: str) -> None:
    results = run(schemas, operation, "SEL-*", "SHAPE-06", "SHAPE-10")
    assert blamed(results) == {}
    nulling = [each for id, each in results.items() if id.startswith("SEL-")]
    assert {each.status for each in nulling} == {Status.SKIPPED}
    assert all("columns of a list" in each.reason for each in nulling)


def test_a_property_that_is_missing_beside_the_columns_is_found(schemas: Path) -> None:
    results = run(schemas, "List", "SHAPE-10", change=lambda value: {"value": value["value"], "next": None, "more": 1})
    assert blamed(results) == {}
    results = run(schemas, "List", "SHAPE-10", change=lambda value: {"next": None})
    assert results["SHAPE-10"].status is Status.FAILED


# A page that contradicts itself


def test_a_sample_with_a_type_that_the_page_does_not_list(schemas: Path) -> None:
    results = run(schemas, "Picture", "OP-02")
    assert results["OP-02"].status is Status.PASSED
    assert "image/png is not among the page's types" in results["OP-02"].reason


def test_a_sample_that_lacks_a_row_of_the_table(schemas: Path) -> None:
    def as_the_sample(row: dict[str, Any]) -> dict[str, Any]:
        return {"Id": row["Id"], "Name": None}

    results = run(schemas, "Cut", "SEL-01", "SHAPE-10", change=each_row(as_the_sample))
    assert blamed(results) == {}
    assert results["SEL-01"].status is Status.PASSED
    assert "elements lack When, as the page's sample does" in results["SEL-01"].reason
    results = run(schemas, "Cut", "SEL-01", "SHAPE-10", change=each_row(lambda row: {"Id": row["Id"], "When": None}))
    assert {each.status for each in results.values()} == {Status.FAILED}


def test_a_sample_with_a_property_that_the_table_lacks(schemas: Path) -> None:
    assert blamed(run(schemas, "More", "SHAPE-06", change=each_row(lambda row: {**row, "Extra": 2}))) == {}
    results = run(schemas, "More", "SHAPE-06", change=each_row(lambda row: {**row, "Other": 2}))
    assert blamed(results).keys() == {"SHAPE-06"}


def test_a_sample_of_another_kind_than_the_heading(schemas: Path) -> None:
    assert blamed(run(schemas, "Kind", "SHAPE-01")) == {}
    assert blamed(run(schemas, "Kind", "SHAPE-01", change=lambda value: value[0])) == {}


def test_the_names_of_a_map_are_open(schemas: Path) -> None:
    results = run(schemas, "Map", "SHAPE-06", "SHAPE-10", change=lambda value: {"a": "1", "b": "2"})
    assert "any names" in results["SHAPE-06"].reason
    assert "no properties" in results["SHAPE-10"].reason


# Paths beside the documented ones


def test_a_sibling_path_may_be_a_value_of_a_placeholder(schemas: Path) -> None:
    results = run(schemas, "Default", "OP-05")
    assert results["OP-05"].status is Status.SKIPPED


@pytest.mark.parametrize(
    ("path", "documented", "expected"),
    [
        ("/v1/Thing", ["/v1/Thing"], "/v1/ThingX"),
        ("/v1/Thing/Default", ["/v1/Thing/{id}"], "/v1/ThingX/Default"),
        ("/v1/Thing/Default", ["/v1/Thing/{id}", "/v1/{name}/Default"], None),
        ("/v1/Thing/Default", ["/v1/thing/{*rest}"], "/v1/ThingX/Default"),
        ("/v1/Thing/Default", ["/v1/Thing/Default/{id?}"], "/v1/Thing/DefaultX"),
        ("/v1/Thing/Default", ["/v1/Thing/{id?}"], "/v1/ThingX/Default"),
        ("/v1/Thing/Default", ["/v1/Thing/{id}/More"], "/v1/Thing/DefaultX"),
        ("/Thing", ["/{name}"], None),
    ],
)
def test_a_path_that_no_page_documents(path: str, documented: list[str], expected: str | None) -> None:
    assert sibling(path, [path, *documented]) == expected


# Data that gives nothing to select by


def test_nothing_to_select_by(schemas: Path) -> None:
    results = run(schemas, "Nothing", "SEL-*", change=each_row(lambda row: dict.fromkeys(row)))
    assert blamed(results) == {}
    assert "no element has a value" in results["SEL-13"].reason
    assert results["SEL-12"].status is Status.INCONCLUSIVE


def test_null_may_be_longer_than_what_it_replaces(schemas: Path) -> None:
    assert run(schemas, "Numbers", "SEL-12")["SEL-12"].status is Status.PASSED


def test_what_one_operation_means_is_not_asked_of_another(schemas: Path) -> None:
    results = run(schemas, "Rows", "RES-*", change=lambda value: [])
    assert {results[id].status for id in ("RES-01", "RES-02", "RES-03")} == {Status.SKIPPED}


def test_arrays_of_objects_are_no_ids(schemas: Path) -> None:
    assert blamed(run(schemas, "Objects", "OP-01", "SHAPE-01")) == {}


def test_one_object_stays_the_same_whatever_the_order_of_several(schemas: Path) -> None:
    client = Client(ReferenceApplication(load(schemas), variants=["unordered"]))
    headers = dict(parse_credential(DEMO_AUTH[0]).headers())
    assert len({client.get("/api/v1/List", headers=headers).data for _ in range(12)}) == 1
    assert len({client.get("/api/v1/Rows", headers=headers).data for _ in range(12)}) > 1


# Malformed answers


def _nulls(value: list[Any]) -> list[Any]:
    return [*value, None]


def _objects(value: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "Id": {"value": row["Id"]}, "Name": [row["Name"]]} for row in value]


def _camel(value: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name[0].lower() + name[1:]: item for name, item in row.items()} for row in value]


@pytest.mark.parametrize(
    ("change", "failed"),
    [(_nulls, {"SHAPE-01"}), (_objects, {"SHAPE-02"}), (_camel, {"SHAPE-10"})],
    ids=["a null element", "objects for scalars", "other spelling"],
)
def test_a_malformed_answer_fails(schemas: Path, change: Change, failed: set[str]) -> None:
    results = run(schemas, "More", "SHAPE-01", "SHAPE-02", "SHAPE-10", change=change)
    assert {id for id, each in results.items() if each.status is Status.FAILED} == failed


@pytest.mark.parametrize("name", ["AssociateId", "State", "Id", "Name", "Created"])
def test_an_object_where_ids_and_states_are_looked_for(name: str) -> None:
    results = run(
        default_schemas(),
        "*",
        "OP-01",
        "RES-02",
        "SHAPE-02",
        change=each_row(lambda row: {**row, name: {"value": row[name]}}),
    )
    assert blamed(results).keys() == {"SHAPE-02"}
    assert results["SHAPE-02"].reason.startswith(f"{name} has another type")
