"""The OpenAPI documents say what the pages say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.cli.main import cli
from conformance.contract.openapi import documents
from conformance.pages.compile import parse_page
from conformance.pages.document import parse_document
from support.generated_pages import page, properties

QUERY = (
    "\n## Query String Parameters\n\n| Parameter Name | Type | Description |\n|----|----|----|\n"
    "| $mode | Enum: Slim, Wide | x |\n| ids | array | x |\n| when | date-time | **Required** |\n"
)
PATCH = "## Request Body: changes string\n\n" + properties("op | string | x", "path | string | x", "value | object | x")


def exported(*pages: str) -> list[dict[str, Any]]:
    contracts = [parse_page(parse_document(Path("page.md"), text)).contract for text in pages]
    found = documents(contracts, {}, "1")
    for document in found:
        assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    return found


def operation(**changes: Any) -> Any:
    (document,) = exported(page(**changes))
    (path,) = document["paths"].values()
    (found,) = path.values()
    return found


def test_ids_tags_and_security() -> None:
    found = operation(id="id: v1Thing_Get", method="POST /api/v1/Agents/Thing/Get")
    assert (found["operationId"], found["tags"], found["security"]) == ("v1Thing_Get", ["Thing"], [{"Basic": []}])
    (document,) = exported(page())
    assert document["components"]["securitySchemes"] == {"Basic": {"type": "http", "scheme": "basic"}}


def test_parameters() -> None:
    table = "| Path Part | Type | Description |\n|----|----|----|\n| ID | int32 | x |\n"
    found = operation(method="GET /api/v1/Thing/{id}/{name}", head=table + QUERY)["parameters"]
    assert [(each["name"], each["in"], each.get("required", False)) for each in found] == [
        ("id", "path", True),
        ("name", "path", True),
        ("$mode", "query", False),
        ("ids", "query", False),
        ("when", "query", True),
    ]
    schemas = [each["schema"] for each in found]
    assert schemas[0]["type"] == "integer"
    assert schemas[1] == {"type": "string"}
    assert schemas[2] == {"type": "string", "enum": ["Slim", "Wide"]}
    assert schemas[3] == {"type": "array", "items": {"type": "string"}}
    assert schemas[4] == {"type": "string", "format": "date-time"}


def test_a_placeholder_with_another_name_than_its_row() -> None:
    table = "| Path Part | Type | Description |\n|----|----|----|\n| id | int32 | x |\n"
    found = operation(method="GET /api/v1/Thing/{thingId}", head=table)["parameters"]
    assert [(each["name"], each["schema"]["type"]) for each in found] == [("thingId", "integer")]


def test_statuses_and_bodies() -> None:
    statuses = "| 200 | OK |\n| 204 | None |\n| 404 | Gone |"
    found = operation(statuses=statuses, table=properties("Id | int32 | x"), received='{"Id": 1}')["responses"]
    assert {code: "content" in each for code, each in found.items()} == {"200": True, "204": False, "404": False}
    schema = found["200"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == {"Id"}
    assert "required" not in schema


@pytest.mark.parametrize(
    ("types", "kinds"),
    [
        ("", {"application/json-patch+json": "array", "application/merge-patch+json": "object"}),
        ("`application/json`", {"application/json": ["array", "object"]}),
    ],
)
def test_patches(types: str, kinds: dict[str, Any]) -> None:
    found = operation(request=PATCH, content_type=types, sent="[]")["requestBody"]["content"]
    assert {name: each["schema"]["type"] for name, each in found.items()} == kinds


def test_bytes_and_forms() -> None:
    request = "## Request Body: image binary\n\nA bitmap"
    found = operation(request=request, content_type="`image/png`, `multipart/form-data`, `application/json`")
    content = found["requestBody"]["content"]
    assert content["image/png"]["schema"] == {"type": "string", "contentMediaType": "image/png"}
    assert content["multipart/form-data"]["schema"]["type"] == "object"
    assert content["application/json"]["schema"]["contentEncoding"] == "base64"


def test_as_many_documents_as_legality_demands() -> None:
    def of(id: str, call: str) -> str:
        return page(id=f"id: {id}", method=call)

    found = exported(
        of("A", "GET /api/v1/Thing/{id}"),
        of("B", "PUT /api/v1/Thing/{id}"),
        of("C", "GET /api/v1/Thing/{name}"),
        of("D", "DELETE /api/v1/Thing/{name}"),
        of("E", "GET /api/v1/Thing/{id}"),
        of("F", "GET /api/v1/Other"),
    )
    named = [
        sorted(each["operationId"] for path in document["paths"].values() for each in path.values())
        for document in found
    ]
    assert named == [["A", "B", "F"], ["C", "D"], ["E"]]


def test_the_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["export", "openapi", "--out", str(tmp_path)], standalone_mode=False)
    assert result.return_value == 0
    document = json.loads((tmp_path / "openapi.json").read_text())
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert list(document["paths"]) == ["/api/v1/Agents/Batch/GetBatchTaskInfosByAssociatesAndState"]
