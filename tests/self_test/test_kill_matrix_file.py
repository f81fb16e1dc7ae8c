"""The kill matrix in ``kill_matrix.json`` and ``kill_matrix.md``: complete, consistent, and nothing in it unexplained."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from conformance.reference import FAULTS
from conformance.requirements import load_requirements
from support.fault_effects import BY_CHANCE, DEPENDENTS, exact
from support.kill_runs import NAMED, is_found

HERE = Path(__file__).parent
MATRIX = json.loads((HERE / "kill_matrix.json").read_text())


def test_it_has_every_fault_and_requirement() -> None:
    assert list(MATRIX) == list(FAULTS)
    shown = {id for changed in MATRIX.values() for ids in changed["standard"].values() for id in ids}
    assert {id for id, each in load_requirements().items() if each.faults} == shown


def test_the_page_is_what_the_data_gives() -> None:
    spec = importlib.util.spec_from_file_location("kill_matrix", HERE.parent / "benchmarks" / "kill_matrix.py")
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    assert (HERE / "kill_matrix.md").read_text() == benchmark.markdown(MATRIX)


@pytest.mark.parametrize("profile", ["standard", "certify"])
def test_every_fault_is_found(profile: str) -> None:
    assert [fault for fault, changed in MATRIX.items() if not is_found(fault, changed[profile])] == []


def test_what_else_is_blamed_is_listed_and_nothing_more() -> None:
    """An entry that no run needs any more is an error, like one that is missing."""
    blamed = {
        fault: exact(fault, {id for word, ids in changed["standard"].items() if word != "observed" for id in ids})
        - {NAMED[fault]}
        for fault, changed in MATRIX.items()
    }
    assert {fault: ids for fault, ids in blamed.items() if ids} == DEPENDENTS


def test_chance_is_named_of_known_faults_and_requirements() -> None:
    assert BY_CHANCE.keys() <= FAULTS.keys()
    assert {id for id, _ in BY_CHANCE.values()} <= load_requirements().keys()
