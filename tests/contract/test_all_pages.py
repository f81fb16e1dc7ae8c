"""The vendor's pages, all dialects: they compile, nothing on them is dropped, and what is derived fits their samples."""

from __future__ import annotations

import filecmp
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.contract.change import Effect
from conformance.contract.contract_diff import contract_diff
from conformance.contract.folder import load, load_parts
from conformance.contract.model import Contract, OperationContract
from conformance.contract.openapi import documents
from conformance.pages.compile import derive_pages
from conformance.pages.lint.rule import Finding
from conformance.pages.lint.run import lint
from conformance.strategies.bodies import allowed_bodies
from support.documentation import DIALECTS, needs_dialects
from support.mutations import violations

pytestmark = [
    needs_dialects,
    pytest.mark.ci,
    pytest.mark.slow(reason="a thousand pages"),
    pytest.mark.xdist_group("all pages"),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A contract folder for each dialect."""
    found = []
    for pages in DIALECTS:
        folder = tmp_path_factory.mktemp(pages.name)
        report = derive_pages([pages], folder, workers=1)
        assert report.errors == []
        found.append(folder)
    return found


@pytest.fixture(scope="module")
def contracts(folders: list[Path]) -> list[Contract]:
    return [load(folder) for folder in folders]


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    report = lint(DIALECTS, workers=1)
    assert report.errors == []
    return report.findings


def pages_of(dialect: Path) -> list[Path]:
    return [page for page in sorted(dialect.rglob("*.md")) if "samples" not in page.relative_to(dialect).parts]


def test_each_page_is_an_operation(contracts: list[Contract]) -> None:
    for dialect, contract in zip(DIALECTS, contracts, strict=True):
        pages = pages_of(dialect)
        assert len(pages) == len(contract.operations) > 0
        assert {each.operation.page for each in contract.operations} == {page.name for page in pages}


# Counted on the raw lines, by other means than the parser's.
_HEADS = {
    "path": re.compile(r"\|\s*Path Part\s*\|", re.IGNORECASE),
    "query": re.compile(r"\|\s*Parameter Name\s*\|\s*Type\s*\|", re.IGNORECASE),
    "headers": re.compile(r"\|\s*Parameter Name\s*\|\s*Description\s*\|", re.IGNORECASE),
    "statuses": re.compile(r"\|\s*Response\s*\|", re.IGNORECASE),
    "properties": re.compile(r"\|\s*Property Name\s*\|", re.IGNORECASE),
}


def rows_on(page: Path) -> dict[str, list[str]]:
    """The first cells of the tables on a page, by kind of table."""
    found: dict[str, list[str]] = {kind: [] for kind in _HEADS}
    kind, fenced = "", False
    lines = page.read_text(encoding="utf-8-sig").splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("```"):
            fenced = not fenced
        is_head = following.startswith("|-")
        head = next((kind for kind, pattern in _HEADS.items() if is_head and pattern.match(line)), "")
        if fenced or not line.startswith("|"):
            kind = ""
        elif head:
            kind = head
        elif kind and not re.fullmatch(r"[|\s:-]+", line):
            found[kind].append(line.split("|")[1].strip())
    return found


def test_every_row_is_a_fact(contracts: list[Contract]) -> None:
    total: Counter[str] = Counter()
    for dialect, contract in zip(DIALECTS, contracts, strict=True):
        by_page = {each.operation.page: each for each in contract.operations}
        for page in pages_of(dialect):
            each = by_page[page.name]
            operation = each.operation
            bodies = [body.properties if body else () for body in (operation.request, operation.response)]
            facts = {
                "path": operation.path_parameters,
                "query": operation.query,
                "headers": operation.headers,
                "statuses": operation.statuses,
                "properties": (*bodies[0], *bodies[1]),
            }
            for kind, names in rows_on(page).items():
                assert [fact.name for fact in facts[kind]] == names, f"{page}: {kind}"
                total[kind] += len(names)
            for schema, rows in zip((each.request, each.response), bodies, strict=True):
                names = [row.name for row in rows]
                if names:
                    assert schema is not None
                    assert set(names) <= set(schema.get("items", schema)["properties"]), page
    assert all(total[kind] > 400 for kind in _HEADS), total


def test_every_media_type_and_placeholder_is_a_fact(contracts: list[Contract]) -> None:
    for dialect, contract in zip(DIALECTS, contracts, strict=True):
        by_page = {each.operation.page: each.operation for each in contract.operations}
        for page in pages_of(dialect):
            operation = by_page[page.name]
            for header, facts in (("Content-Type", operation.request_types), ("Accept", operation.response_types)):
                line = re.search(rf"^\| {header} +\|(.*)$", page.read_text(), re.MULTILINE)
                named = re.findall(r"`([^`]+)`", line[1]) if line else []
                assert [fact.name for fact in facts] == list(dict.fromkeys(named)), page
            placeholders = re.findall(r"\{([^}]+)\}", operation.path)
            assert sorted(row.name for row in operation.path_parameters) == sorted(placeholders), page


def test_samples_fit_but_for_those_that_the_linter_names(contracts: list[Contract], findings: list[Finding]) -> None:
    named = {
        Path(each.path).name for each in findings if each.rule in ("sample-type", "sample-date", "type-contradicted")
    }
    checked, not_named = 0, []
    for contract in contracts:
        for each in contract.operations:
            operation = each.operation
            pairs = ((each.request, operation.sample_request), (each.response, operation.sample_response))
            for schema, sample in pairs:
                if schema is None or sample is None or sample.body is None:
                    continue
                checked += 1
                validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
                if not validator.is_valid(sample.body) and operation.page not in named:
                    not_named.append((operation.page, next(iter(validator.iter_errors(sample.body))).message[:200]))
    assert checked > 1000
    assert not_named == []


def test_the_linter_finds_what_is_known_to_be_there(findings: list[Finding]) -> None:
    counted = Counter(each.rule for each in findings)
    expected = {
        "prose-percent",
        "prose-condition",
        "type-doubtful",
        "type-without-content",
        "route-twice",
        "sample-header",
        "no-success-status",
        "select-example",
        "title-method-short",
        "title-placeholder",
        "include-missing",
        "media-types-empty",
        "sample-type",
        "body-undescribed",
    }
    assert expected <= set(counted)
    assert all(each.line > 0 or each.rule.startswith("sample-") for each in findings)
    assert all(each.assumed for each in findings)


def test_several_processes_and_another_run_give_the_same(folders: list[Path], tmp_path: Path) -> None:
    again = tmp_path / "again"
    derive_pages([DIALECTS[0]], again, workers=2)
    same(folders[0], again)
    second = derive_pages([DIALECTS[0]], again, workers=2)
    assert (second.written, second.unchanged) == ([], len(load(again).operations))


def same(left: Path, right: Path) -> None:
    names = sorted(path.relative_to(left) for path in left.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(right) for path in right.rglob("*") if path.is_file())
    _, different, unreadable = filecmp.cmpfiles(left, right, [str(name) for name in names], shallow=False)
    assert (different, unreadable) == ([], [])


def test_one_version_derived_over_another_is_what_it_is_alone(folders: list[Path], tmp_path: Path) -> None:
    for dialect in (DIALECTS[0], DIALECTS[1]):
        derive_pages([dialect], tmp_path, workers=1, prune=True)
    same(folders[1], tmp_path)


def spread(contracts: list[Contract]) -> list[OperationContract]:
    """Some operations of each dialect, evenly chosen, whatever their number."""
    return [each for contract in contracts for each in contract.operations[:: max(1, len(contract.operations) // 25)]]


@pytest.mark.parametrize("role", ["request", "response"])
def test_values_validate_and_mutations_do_not(contracts: list[Contract], role: str) -> None:
    violated: Counter[str] = Counter()
    for each in spread(contracts):
        schema = getattr(each, role)
        if schema is None:
            continue
        violated += _check(each, schema)
    expected = {"type", "minimum", "maximum"} | ({"required"} if role == "response" else set())
    assert expected <= set(violated)


def _check(contract: OperationContract, schema: dict[str, Any]) -> Counter[str]:
    """Draw values of a schema; give how often each keyword was violated."""
    validator = jsonschema_rs.Draft202012Validator(schema)
    counted: Counter[str] = Counter()

    @settings(max_examples=3, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(allowed_bodies(msgspec.structs.replace(contract, request=schema)))
    def check(value: Any) -> None:
        assert validator.is_valid(value)
        for keyword, wrong in violations(schema, value):
            counted[keyword] += 1
            assert not validator.is_valid(wrong), (contract.operation.id, keyword, wrong)

    check()
    return counted


def test_openapi_documents_are_valid_and_load(folders: list[Path]) -> None:
    for folder, whole in zip(folders, (False, False, True), strict=True):
        contracts, components, digest = load_parts(folder)
        assert sum(len(each) for each in _operations(documents(contracts, components, digest))) == len(contracts)
        # Validating the largest document takes a minute; every tenth operation has every form.
        some = contracts if whole else contracts[::10]
        for document in documents(some, components, digest):
            errors = [str(error)[:300] for error in OpenAPIV31SpecValidator(document).iter_errors()]
            assert errors == []


def test_schemathesis_loads_every_operation(folders: list[Path]) -> None:
    for folder in folders:
        contracts, components, digest = load_parts(folder)
        found = []
        for document in documents(contracts, components, digest):
            schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document)))
            found += [operation.ok().definition.raw["operationId"] for operation in schema.get_all_operations()]
        assert sorted(found) == sorted(each.operation.id for each in contracts)


def _operations(found: list[dict[str, Any]]) -> list[list[str]]:
    return [
        [each["operationId"] for path in document["paths"].values() for each in path.values()] for document in found
    ]


def test_two_versions_differ_as_they_do(contracts: list[Contract]) -> None:
    changes = contract_diff(contracts[0], contracts[1])
    counted = Counter(each.effect for each in changes)
    assert all(counted[effect] > 0 for effect in Effect)
    gone = [each.message for each in changes if each.effect is Effect.BREAKING]
    assert "[]/UserGroupIds is gone" in gone
    assert contract_diff(contracts[0], contracts[0]) == []
