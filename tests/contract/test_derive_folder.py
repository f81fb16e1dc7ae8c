"""A folder of pages becomes a contract folder: unchanged pages are left alone, shared types are in it once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.change import Effect
from conformance.contract.contract_diff import contract_diff
from conformance.contract.folder import load, load_components
from conformance.pages.compile import DeriveReport, derive_pages
from support.generated_pages import page, properties

COMPANY = properties("Id | int32 | x", "Name | string | x", "Right | Void | x")


def company(id: str, table: str = COMPANY) -> str:
    received = '{"Id": 1, "Name": "a", "Right": null}'
    heading = {"response": "## Response:", "body": "### Response body: Company"}
    return page(
        id=f"uid: {id}", title=f"GET {id}", method=f"GET /api/v1/{id}", **heading, table=table, received=received
    )


def person(received: str = '{"Company": null, "Void": {"Mask": "a"}}') -> str:
    table = properties("Company | Company | x", "Void | Void | x")
    heading = {"response": "## Response:", "body": "### Response body: Person"}
    return page(
        id="uid: Person", title="GET Person", method="GET /api/v1/Person", **heading, table=table, received=received
    )


def gone() -> str:
    heading = {"response": "## Response:", "body": "### Response body: Void"}
    return page(id="uid: Gone", title="DEL Gone", method="DELETE /api/v1/Gone", **heading, statuses="| 204 | Gone |")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, text in (("a", company("A")), ("b", company("B")), ("person", person()), ("gone", gone())):
        (folder / f"{name}.md").write_text(text)
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def derive(pages: Path, out: Path, **options: Any) -> DeriveReport:
    report = derive_pages([pages], out, workers=1, **options)
    assert report.errors == []
    return report


def schema(out: Path, id: str) -> Any:
    return json.loads((out / id / "response.schema.json").read_text())


def test_a_shared_type_stands_there_once(pages: Path, out: Path) -> None:
    derive(pages, out)
    assert sorted(load_components(out)) == ["Company", "Person"]
    assert schema(out, "A")["$ref"] == "urn:conformance:component:Company"
    assert schema(out, "A")["required"] == ["Id", "Name", "Right"]
    person = json.loads((out / "components" / "Person.schema.json").read_text())
    assert person["properties"]["Company"] == {"$ref": "urn:conformance:component:Company"}


def test_a_name_on_pages_without_content_means_nothing(pages: Path, out: Path) -> None:
    derive(pages, out)
    assert "Void" not in load_components(out)
    loaded = {each.operation.id: each for each in load(out).operations}
    # What is called like that is what its sample shows.
    assert loaded["Person"].properties["Void"]["properties"].keys() == {"Mask"}
    assert set(loaded["Person"].properties["Company"]["properties"]) == {"Id", "Name", "Right"}


def test_a_name_above_different_tables_is_no_shared_type(pages: Path, out: Path) -> None:
    (pages / "b.md").write_text(company("B", properties("Id | string | x")))
    derive(pages, out)
    assert sorted(load_components(out)) == ["Person"]
    assert set(schema(out, "A")["properties"]) == {"Id", "Name", "Right"}
    assert schema(out, "B")["properties"]["Id"]["type"] == ["string", "null"]


def test_a_sample_is_believed_before_a_name(pages: Path, out: Path) -> None:
    (pages / "person.md").write_text(person('{"Company": {"Company1": 1, "Company2": 2}, "Void": null}'))
    derive(pages, out)
    loaded = {each.operation.id: each for each in load(out).operations}
    assert loaded["Person"].properties["Company"]["additionalProperties"]["type"] == "integer"


def test_unchanged_pages_are_left_alone(pages: Path, out: Path) -> None:
    assert derive(pages, out).unchanged == 0
    report = derive(pages, out)
    assert (report.unchanged, report.written) == (4, [])


@pytest.mark.parametrize(
    "change",
    [
        lambda pages: (pages / "a.md").write_text(company("A").replace("| Id | int32 |", "| Id | int64 |")),
        lambda pages: (pages / "a.md").write_text(company("A") + "\nOther words.\n"),
        lambda pages: (pages / "person.md").write_text(person('{"Company": {"Other": 1}, "Void": null}')),
        lambda pages: (pages / "gone.md").write_text(gone().replace("Void", "Company")),
        lambda pages: (pages / "gone.md").unlink(),
        lambda pages: (pages / "b.md").unlink(),
        lambda pages: (pages / "c.md").write_text(company("C", properties("Other | string | x"))),
        lambda pages: (pages / "a.md").rename(pages / "z.md"),
    ],
    ids=["table", "words", "sample", "meaning", "no meaning", "removed", "added", "renamed"],
)
def test_a_changed_folder_gives_what_a_new_one_would(pages: Path, out: Path, change: Any, tmp_path: Path) -> None:
    derive(pages, out)
    change(pages)
    derive(pages, out, prune=True)
    derive(pages, tmp_path / "new")
    files = [
        {path.relative_to(each): path.read_text() for path in each.rglob("*.*")} for each in (out, tmp_path / "new")
    ]
    assert files[0] == files[1]
    assert derive(pages, out).written == []


def test_an_included_sample_belongs_to_its_page(pages: Path, out: Path) -> None:
    (pages / "a.md").write_text(
        company("A").replace("## Sample Request", "## Sample Request\n\n[!include[x](more.txt.md)]\n")
    )
    derive(pages, out)
    (pages / "more.txt.md").write_text('```http_\nHTTP/1.1 200 OK\n\n{"Id": 2}\n```\n')
    assert derive(pages, out).unchanged < 4


def test_a_page_that_cannot_be_used_does_not_stop_the_others(pages: Path, out: Path) -> None:
    (pages / "bad.md").write_text("# nothing\n")
    (pages / "twice.md").write_text(company("A"))
    report = derive_pages([pages], out, workers=1)
    bad, twice = (line.removeprefix(f"{pages}/") for line in report.errors)
    assert bad.startswith("bad.md: no ")
    assert twice == f"twice.md: documents A, as {pages / 'a.md'} does; keep one of them"
    assert len(load(out).operations) == 4


def test_operations_without_a_page_are_named_and_removed_on_demand(pages: Path, out: Path) -> None:
    derive(pages, out)
    (pages / "gone.md").unlink()
    report = derive(pages, out)
    assert report.orphans == ["Gone"]
    assert (out / "Gone").is_dir()
    assert [line.removeprefix(f"{out}/") for line in derive_pages([pages], out, True, workers=1).differences] == [
        "Gone: left over, no page documents it"
    ]
    assert derive(pages, out, prune=True).orphans == ["Gone"]
    assert not (out / "Gone").exists()
    assert derive(pages, out).orphans == []


def test_a_page_alone_removes_nothing(pages: Path, out: Path) -> None:
    derive(pages, out)
    report = derive_pages([pages / "a.md"], out, prune=True, workers=1)
    assert (report.errors, report.orphans) == ([], [])
    assert len(load(out).operations) == 4


def test_lines_stand_beside_the_facts(pages: Path, out: Path) -> None:
    derive(pages, out)
    facts = {path: path.read_text() for path in out.rglob("*.json") if path.name not in ("lines.json", "index.json")}
    (pages / "person.md").write_text(person().replace("# GET Person", "\n\n# GET Person"))
    derive(pages, out)
    changed = [path.name for path, text in facts.items() if path.read_text() != text]
    assert changed == ["Person.lines.json"]


def test_what_is_assumed_is_listed(pages: Path, out: Path) -> None:
    text = page(request="## Request Body: any\n\nSomething.", statuses="| 204 | No |", method="POST /api/v1/A/{id}")
    (pages / "open.md").write_text(text)
    derive(pages, out)
    report = (out / "assumptions.md").read_text()
    assert "| open.md | 22 | the request body has neither table nor sample | any content |" in report
    assert "the placeholder {id} has no row" in report


def test_a_row_that_a_shared_type_loses_breaks_its_clients(pages: Path, out: Path, tmp_path: Path) -> None:
    derive(pages, out)
    for path in pages.glob("*.md"):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith("| Name |")))
    derive(pages, tmp_path / "new")
    changes = contract_diff(load(out), load(tmp_path / "new"))
    gone = {each.message for each in changes if each.effect is Effect.BREAKING}
    assert gone == {"Name is gone", "Company/Name is gone"}
