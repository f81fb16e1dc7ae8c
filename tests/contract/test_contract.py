"""What is derived from the page, and the folder that keeps it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conformance.contract.derive import derive
from conformance.contract.folder import default_schemas, load, page_digest
from conformance.contract.model import OperationContract
from conformance.contract.openapi import relaxed_document
from conformance.contract.write_folder import Derived, check, write
from conformance.core.errors import InputError
from conformance.pages.operation import read_page
from conformance.strategies.bodies import allowed_bodies, forbidden_bodies, is_clearly_invalid

ID = "v1BatchAgent_GetBatchTaskInfosByAssociatesAndState"
SCHEMAS = default_schemas()
PAGE = SCHEMAS / "pages" / f"{ID}.md"
SEED = Path(__file__).parents[3] / "shared" / "docs" / "seed" / f"{ID}.md"
STRING = ["string", "null"]


@pytest.fixture(scope="module")
def contract() -> OperationContract:
    return derive(read_page(PAGE))


def derived(contract: OperationContract) -> Derived:
    return Derived(contract=contract, page_digest=page_digest(PAGE.read_text()))


def test_the_request(contract: OperationContract) -> None:
    assert contract.request is not None
    properties = contract.request["properties"]
    assert properties["State"] == {"type": STRING}
    ids = properties["AssociateIds"]
    assert ids["type"] == ["array", "null"]
    assert ids["items"] == {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
    places = contract.request_source.places["/properties/AssociateIds"]
    assert places["type"].startswith("table:")
    assert places["items"].startswith("sample:")
    assert "required" not in contract.request


def test_objects_come_from_table_and_sample(contract: OperationContract) -> None:
    right = {
        "type": ["object", "null"],
        "properties": {"Mask": {"type": STRING}, "Reason": {"type": STRING}},
        "required": ["Mask", "Reason"],
    }
    properties = contract.properties
    assert properties["TableRight"] == right
    places = contract.response_source.places
    assert places["/items/properties/TableRight"]["type"].startswith("sample:")
    field = properties["FieldProperties"]["additionalProperties"]
    assert field["properties"]["FieldRight"] == right
    assert properties["ParameterObject"] == {"type": ["object", "null"], "additionalProperties": {"type": STRING}}
    assert places["/items/properties/ParameterObject"]["type"].startswith("table:")
    assert places["/items/properties/ParameterObject"]["additionalProperties"].startswith("sample:")


def test_every_line_of_a_source_shows_its_property(contract: OperationContract) -> None:
    lines = PAGE.read_text().splitlines()
    for name in contract.properties:
        place = contract.response_source.places[f"/items/properties/{name}"]["type"]
        kind, _, number = place.partition(":")
        line = lines[int(number) - 1]
        assert line.startswith(f"| {name} |") if kind == "table" else f'"{name}"' in line


def test_all_properties_are_required_of_an_element(contract: OperationContract) -> None:
    assert contract.response is not None
    assert contract.response["type"] == "array"
    assert contract.element["required"] == list(contract.properties)
    assert len(contract.properties) == 23


def test_the_sample_fits_what_is_derived_but_for_what_is_stricter_than_the_validator(
    contract: OperationContract,
) -> None:
    sample = contract.operation.sample_response
    assert sample is not None
    assert contract.response is not None
    Draft202012Validator.check_schema(contract.response)
    assert jsonschema_rs.is_valid(contract.response, sample.body)
    changed = json.loads(json.dumps(sample.body))
    changed[0]["TableRight"] = "Full"
    assert not jsonschema_rs.is_valid(contract.response, changed)


@pytest.mark.skipif(not SEED.is_file(), reason="the vendor's page is not beside this checkout (../shared)")
def test_the_vendors_page_gives_the_same_schemas(contract: OperationContract) -> None:
    theirs = derive(read_page(SEED))
    assert theirs.request == contract.request
    assert theirs.response == contract.response


def test_what_is_kept_is_what_the_page_gives(contract: OperationContract) -> None:
    kept = load(SCHEMAS)
    assert kept.operations == (contract,)
    assert check([derived(contract)], SCHEMAS) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


def edit(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / name
        path.write_text(change(path.read_text()))

    return apply


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: shutil.rmtree(folder), "schemas"),
        (lambda folder: shutil.rmtree(folder / ID), "schemas"),
        (lambda folder: (folder / ID / "response.schema.json").unlink(), "response.schema.json"),
        (edit(f"{ID}/operation.json", lambda text: text[:-20]), "operation.json"),
        (edit(f"{ID}/operation.json", lambda text: text.replace('"method"', '"metod"')), "operation.json"),
        (edit(f"{ID}/response.schema.json", lambda text: text.replace('"array"', '"arr"', 1)), "response.schema.json"),
        (edit(f"pages/{ID}.md", lambda text: text + "\nmore\n"), "conformance derive"),
    ],
    ids=["folder", "empty", "missing", "cut", "field", "schema", "page"],
)
def test_a_folder_that_cannot_be_used(folder: Path, damage: Callable[[Path], None], says: str) -> None:
    damage(folder)
    with pytest.raises(InputError) as error:
        load(folder)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_status == 2


def test_writing_and_reading_back(contract: OperationContract, tmp_path: Path) -> None:
    write([derived(contract)], tmp_path)
    assert load(tmp_path).operations == (contract,)
    assert load(tmp_path).digest == load(SCHEMAS).digest
    (tmp_path / ID / "request.schema.json").write_text("{}")
    assert any("request.schema.json" in line for line in check([derived(contract)], tmp_path))


def test_the_digest_changes_with_a_fact(folder: Path) -> None:
    before = load(folder).digest
    edit(f"{ID}/response.schema.json", lambda text: text.replace('"Mask"', '"Masque"'))(folder)
    assert load(folder).digest != before


@pytest.mark.slow(reason="many bodies that Hypothesis draws")
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_bodies_are_what_they_say(data: st.DataObject) -> None:
    contract = load(SCHEMAS).operations[0]
    assert contract.request is not None
    assert jsonschema_rs.is_valid(contract.request, data.draw(allowed_bodies(contract)))
    wrong = data.draw(forbidden_bodies(contract))
    assert not jsonschema_rs.is_valid(contract.request, wrong)
    assert is_clearly_invalid(wrong, contract.request)


def test_the_openapi_document_has_no_word_of_our_own(contract: OperationContract) -> None:
    text = json.dumps(relaxed_document(contract))
    assert '"$id"' not in text
    assert relaxed_document(contract)["openapi"].startswith("3.1")
