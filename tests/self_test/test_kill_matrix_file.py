"""The kill matrix that stands beside the tests is the one that the suite gives."""

from __future__ import annotations

import functools
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from conformance.engine.run import load_requirements
from conformance.reference import FAULTS
from support.kill_runs import KillRun, is_found, row, run_fault

HERE = Path(__file__).parent
MATRIX = json.loads((HERE / "kill_matrix.json").read_text())
# Every thirty-second fault, whatever their number; the whole is checked by the command.
SAMPLE = list(FAULTS)[::32]


@functools.cache
def command() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kill_matrix", HERE.parent / "benchmarks" / "kill_matrix.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kill_matrix"] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def clean() -> KillRun:
    return run_fault("")


def test_it_has_every_fault_and_requirement() -> None:
    assert list(MATRIX) == list(FAULTS)
    named = {id for changed in MATRIX.values() for ids in changed["standard"].values() for id in ids}
    assert {id for id, each in load_requirements().items() if each.faults} <= named | {"APP-01"}


def test_the_page_is_what_the_data_gives() -> None:
    assert (HERE / "kill_matrix.md").read_text() == command().markdown(MATRIX)


@pytest.mark.parametrize(("profile", "share"), [("standard", 0.95), ("certify", 1.0)])
def test_what_a_profile_has_to_find(profile: str, share: float) -> None:
    found = [is_found(fault, changed[profile]) for fault, changed in MATRIX.items()]
    assert sum(found) >= share * len(found)


@pytest.mark.slow(reason="a run of the suite for each row")
@pytest.mark.parametrize("fault", SAMPLE)
def test_a_row_is_current(fault: str) -> None:
    run = run_fault(fault)
    assert run.reached
    assert row(run, clean()) == MATRIX[fault]["standard"]
