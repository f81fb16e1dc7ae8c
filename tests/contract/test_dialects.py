"""One grammar for all dialects: small pages, each with one way of saying it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.contract.model import Operation, OperationContract, Selection
from conformance.core.errors import InputError
from conformance.pages.compile import parse_page
from conformance.pages.document import parse_document, read_document
from support.generated_pages import page, properties

INT32 = {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
STRING, OBJECT = {"type": ["string", "null"]}, {"type": ["object", "null"]}
BYTES = {"type": ["string", "null"], "contentEncoding": "base64"}


def contract(text: str) -> OperationContract:
    return parse_page(parse_document(Path("page.md"), text)).contract


def read(text: str) -> Operation:
    return contract(text).operation


def response(text: str) -> Any:
    return _schema(contract(text).response)


def request(text: str) -> Any:
    return _schema(contract(text).request)


def _schema(schema: Any) -> Any:
    return {key: value for key, value in schema.items() if key not in ("$schema", "$id")}


# The query string


@pytest.mark.parametrize(
    ("rows", "means"),
    [
        (["$select | string | The other fields are nulled."], Selection.NULLS),
        (["$SELECT | string | What is not named is null."], Selection.NULLS),
        (["$select | string | The columns that come back."], Selection.COLUMNS),
        (["$select | string | Some names.", "$filter | string | x"], Selection.COLUMNS),
        (["$select | string | The rest is nulled.", "$filter | string | x"], Selection.NULLS),
        (["$select | string | Some names."], Selection.UNSTATED),
        (["$filter | string | Restricts columns, which may be null."], Selection.UNSTATED),
    ],
)
def test_what_select_does_with_the_rest(rows: list[str], means: Selection) -> None:
    table = "\n".join(["| Parameter Name | Type | Description |", "|----|----|----|", *(f"| {row} |" for row in rows)])
    found = read(page(head=f"## Query String Parameters\n\n{table}", body="Response body: object"))
    assert found.selection is means
    unsaid = [each for each in found.assumptions if "$select" in each.about]
    assert bool(unsaid) == (means is Selection.UNSTATED and found.query_parameter("$select") is not None)


# Sections


@pytest.mark.parametrize("id", ["id: v1Thing_Get", "uid: v1Thing_Get", "uid: 'v1Thing_Get'\ngenerated: true"])
def test_an_id_may_be_called_uid(id: str) -> None:
    assert read(page(id=id)).id == "v1Thing_Get"


@pytest.mark.parametrize(
    ("heading", "body"),
    [
        ("## Response: array", "Response body: array"),
        ("## Response:array", "### Response body: array"),
        ("## RESPONSE: array", "### response body:array"),
        ("### Response", "Response body: array"),
        ("## Response: array", ""),
    ],
)
def test_sections_are_known_by_how_they_begin(heading: str, body: str) -> None:
    found = read(page(response=heading, body=body, table=properties("Id | int32 | x")))
    assert found.response is not None
    assert found.response.kind == "array"
    assert [row.name for row in found.response.properties] == ["Id"]


def test_sections_may_be_plain_lines() -> None:
    text = page(request="Request Body: entity\n\n" + properties("Name | string | x"), sent='{"Name": "a"}')
    text = text.replace("## Request Headers", "request headers").replace("## Sample Request", "Sample request")
    found = read(text)
    assert found.request is not None
    assert found.request.name == "entity"
    assert [row.name for row in found.headers] == ["Authorization", "Content-Type", "Accept"]


@pytest.mark.parametrize(
    "prose",
    [
        "## Online Restricted: ## Not to be had. Response: object is what you would get",
        "## Filter Operators: ##\n\nints: eq =, ne\n\n## Strings\n\ncontains",
        "## Experimental: ## May change.",
        "<para>\nWords in a tag that is never closed\n\n    four | blanks",
        "* Thing?$select=a\n* Thing?$filter=b eq 'c'",
    ],
)
def test_headings_and_tags_that_are_prose(prose: str) -> None:
    table = "| Path Part | Type | Description |\n|----|----|----|\n| id | int32 | The id **Required** |"
    text = page(method="GET /api/v1/Thing/{id}", head=f"What it does.\n\n{prose}\n\n{table}")
    found = read(text)
    assert [(row.name, row.type, row.required) for row in found.path_parameters] == [("id", "int32", True)]
    assert found.summary_line == 12


def test_notes_are_kept_by_their_beginning() -> None:
    found = read(page(head="## Online Restricted: ## Not to be had."))
    assert [(note.name, note.line) for note in found.notes] == [("Online Restricted", 12)]


def test_a_title_may_shorten_the_method() -> None:
    assert read(page(title="DEL Thing/{id}", method="DELETE /api/v1/Thing/{thingId}")).method == "DELETE"


def test_parameters_have_types_enumerations_and_may_be_required() -> None:
    table = (
        "## Query String Parameters\n\n| Parameter Name | Type | Description |\n|----|----|----|\n"
        "| $mode | Enum: Slim, Wide | Which |\n| top | int32 | How many **Required** |\n| when | date-time |  |"
    )
    found = read(page(head=table)).query
    assert [(row.name, row.type, row.required) for row in found] == [
        ("$mode", "Enum: Slim, Wide", False),
        ("top", "int32", True),
        ("when", "date-time", False),
    ]


# Rows


def rows(table: str) -> list[tuple[str, str]]:
    found = read(page(table=table)).response
    assert found is not None
    return [(row.name, row.type) for row in found.properties]


def test_a_row_may_go_over_several_lines() -> None:
    several_lines = properties("A | int32 | begins", "B | string | whole").replace(
        "begins |", "begins\ngoes on\n\nand ends |"
    )
    assert rows(several_lines) == [("A", "int32"), ("B", "string")]


def test_a_row_may_be_closed_on_a_line_of_its_own() -> None:
    assert rows(properties("A | int32 | text", "B | string | b").replace("text |", "text\n|")) == [
        ("A", "int32"),
        ("B", "string"),
    ]


def test_a_description_may_hold_pipes_and_rows_may_be_apart() -> None:
    table = properties("A | int32 | this | or that", "B | string | `x \\| y`").replace("\n| B", "\n\n| B")
    assert rows(table) == [("A", "int32"), ("B", "string")]


def test_a_row_that_lacks_a_cell_is_refused() -> None:
    with pytest.raises(InputError, match=r"page\.md:\d+: a table row with 2 of 3 cells"):
        rows(properties("A | int32 | x") + "\n| B | string |")


def test_tags_and_entities_in_cells() -> None:
    assert rows(properties("_Links | object | <see cref='X'>x</see> &amp; y", "a\\_b | `string` | **b**")) == [
        ("_Links", "object"),
        ("a_b", "string"),
    ]


# Bodies


def test_items_of_arrays_come_from_the_sample() -> None:
    found = response(page(table=properties("Ids | array | x", "None | array |  "), received='{"Ids": [1], "None": []}'))
    assert found["properties"] == {
        "Ids": {"type": ["array", "null"], "items": {"type": "integer"}},
        "None": {"type": ["array", "null"]},
    }


def test_ids_without_a_sample_are_integers() -> None:
    found = response(page(table=properties("TaskIds | array | x", "Grids | array | x"), received="{}"))
    assert found["properties"]["TaskIds"]["items"] == INT32
    assert "items" not in found["properties"]["Grids"]


def test_only_the_sample_shows_an_array_of_the_tabled_object() -> None:
    text = page(request="## Request Body: entities\n\n" + properties("Id | int32 | x"), sent='[{"Id": 1}]')
    assert request(text) == {"type": "array", "items": {"type": "object", "properties": {"Id": INT32}}}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rules", "array"),
        ("entities", "array"),
        ("entity", "object"),
        ("request", "object"),
        ("address", "object"),
        ("status", "object"),
    ],
)
def test_a_table_without_a_sample_is_an_array_where_its_name_is_of_several(name: str, kind: str) -> None:
    text = page(request=f"## Request Body: {name}\n\n" + properties("Id | int32 | x"))
    assert request(text)["type"] == kind
    assert read(text).assumptions[0].assumed.startswith(f"an {kind}")


def test_an_object_behind_an_empty_cell() -> None:
    table = properties("Right |  | x", "Other |  | x")
    found = response(page(table=table, received='{"Right": {"Mask": "a"}, "Other": null}'))
    assert found["properties"]["Right"] == {**OBJECT, "properties": {"Mask": STRING}, "required": ["Mask"]}
    assert found["properties"]["Other"] == OBJECT


@pytest.mark.parametrize("names", [("fieldName",), ("Prop1", "Prop2"), ("Name1",), ("X:1", "X:2"), ("1", "2")])
def test_invented_names_are_those_of_a_map(names: tuple[str, ...]) -> None:
    members = ", ".join(f'"{name}": 1' for name in names)
    found = response(page(table=properties("Map | object | x"), received=f'{{"Map": {{{members}}}}}'))
    assert found["properties"]["Map"] == {**OBJECT, "additionalProperties": {"type": "integer"}}


def test_a_deep_empty_object_was_cut_off() -> None:
    text = page(table=properties("List | array | x"), received='{"List": [{"A": {}}, {"A": {"B": true}}, {"A": null}]}')
    inner = {**OBJECT, "properties": {"B": {"type": "boolean"}}, "required": ["B"]}
    items = {**OBJECT, "properties": {"A": inner}, "required": ["A"]}
    assert response(text)["properties"]["List"] == {"type": ["array", "null"], "items": items}


def test_elements_are_taken_together() -> None:
    text = page(
        table=properties("List | array | x"), received='{"List": [{"A": 1}, {"A": 1.5, "B": null}, {"B": "b"}]}'
    )
    items = {**OBJECT, "properties": {"A": {"type": "number"}, "B": STRING}}
    assert response(text)["properties"]["List"]["items"] == items


def test_date_times_bytes_and_numbers_that_a_page_calls_text() -> None:
    table = properties("When | String | x", "Data | String | x", "Count | Integer | x", "Plain | string | x")
    sent = '{"When": "2020-01-02T03:04:05+01:00", "Data": "File contents as raw bytes", "Count": 7, "Plain": "2020-01-02T03:04:05Z"}'
    assert request(page(request=f"## Request Body: request\n\n{table}", sent=sent))["properties"] == {
        "When": {**STRING, "format": "date-time"},
        "Data": BYTES,
        "Count": INT32,
        "Plain": STRING,
    }


@pytest.mark.parametrize(
    ("name", "prose", "schema"),
    [
        ("saleIds", "The primary keys.", {"type": ["array", "null"], "items": INT32}),
        ("names", "The names: ['A', 'B'] and so on.", {"type": ["array", "null"], "items": STRING}),
        ("values", "A StringDictionary of them.", {**OBJECT, "additionalProperties": STRING}),
        ("tags", "Dictionary of names.", OBJECT),
        ("stream", "The content as a stream.", BYTES),
        ("parameters", "Passed on.", {}),
    ],
)
def test_a_body_with_neither_table_nor_sample(name: str, prose: str, schema: dict[str, Any]) -> None:
    text = page(request=f"## Request Body: {name}  \n\n{prose}", statuses="| 204 | No Content |")
    assert request(text) == schema
    assert [each.about for each in read(text).assumptions] == ["the request body has neither table nor sample"]


@pytest.mark.parametrize(
    ("kind", "sample", "schema"),
    [
        ("string", '"a"', STRING),
        ("int64", "7", {"type": "integer", "format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1}),
        ("bool", "true", {"type": "boolean"}),
        ("double", "1.5", {"type": "number", "format": "double"}),
        ("date-time", '"2020-01-02T03:04:05Z"', {"type": "string", "format": "date-time"}),
        ("byte", '"raw bytes"', BYTES),
        ("array", '["a"]', {"type": "array", "items": STRING}),
        ("object", '{"Prop1": 1}', {"type": "object", "additionalProperties": {"type": "integer"}}),
    ],
)
def test_whole_bodies_without_a_table(kind: str, sample: str, schema: dict[str, Any]) -> None:
    text = page(response=f"## Response:{kind}", body=f"### Response body: {kind}", received=sample)
    assert response(text) == schema


def test_bytes_that_are_no_json() -> None:
    sample = "```http_\nHTTP/1.1 200 OK\nContent-Type: binary/octet-stream\n\nGIF89....\n```\n"
    found = contract(page(response="## Response: ", body="Response body: ", sample=sample))
    assert _schema(found.response) == BYTES


def test_json_patch_and_merge_patch() -> None:
    table = properties("op | string | x", "path | string | x", "value | object | x")
    text = page(
        request=f"## Request Body: changes string\n\n{table}", content_type="", sent='[{"op": "a", "path": "b"}]'
    )
    assert read(text).request_types == ()
    assert request(text) == {
        "type": ["array", "object"],
        "items": {
            "type": "object",
            "properties": {"op": STRING, "path": STRING, "value": {}},
            "required": ["op", "path"],
        },
    }


def test_a_type_named_where_there_is_no_content_means_nothing() -> None:
    text = page(statuses="| 204 | Gone |\n| 412 | Changed |", response="## Response:", body="### Response body: Other")
    found = parse_page(parse_document(Path("page.md"), text))
    assert found.contract.response is None
    assert found.names.empty == "Other"


def test_what_a_query_chooses_is_not_required() -> None:
    query = "## Query String Parameters\n\n| Parameter Name | Type | Description |\n|----|----|----|\n| $filter | string | x |"
    text = page(head=query, table=properties("value | array | x"), received='{"value": [{"a": 1}]}')
    items = {**OBJECT, "properties": {"a": {"type": "integer"}}}
    assert response(text)["properties"]["value"]["items"] == items


def test_every_documented_status() -> None:
    statuses = "\n".join(f"| {code} | x |" for code in (200, 304, 400, 404, 409, 412))
    found = read(page(statuses=statuses))
    assert [row.name for row in found.statuses] == ["200", "304", "400", "404", "409", "412"]


# Samples in other files


def test_samples_stand_in_included_files(tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "answer.md").write_text("```http_\nHTTP/1.1 200 OK\n\n[1]\n```\n")
    include = '[!include[the answer](samples/answer.md)]\n\n[!INCLUDE [x](<samples/none.md> "no")]\n'
    (tmp_path / "page.md").write_text(page(response="## Response: array", body="", sample=include))
    found = parse_page(read_document(tmp_path / "page.md")).contract
    assert _schema(found.response) == {"type": "array", "items": {"type": "integer"}}
    sample = found.operation.sample_response
    assert sample is not None
    assert (sample.page, sample.line, sample.body_line) == ("samples/answer.md", 2, 4)
    assert found.response_source.places[""]["items"] == "sample:samples/answer.md:4"
    assert "samples/none.md is missing" in found.operation.assumptions[0].about


@pytest.mark.parametrize("name", ["secret.txt", "folder.md"])
def test_only_pages_are_included(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "secret.txt").write_text("```http_\nHTTP/1.1 200 OK\n```\n")
    document = parse_document(tmp_path / "page.md", page(sample=f"[!include[x]({name})]\n"))
    assert [include.found for include in document.includes] == [False]
