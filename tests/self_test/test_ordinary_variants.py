"""Requirements on servers that are right and do it otherwise: the few that a variant once failed, not the whole suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.engine.config import Config
from conformance.engine.result import RequirementResult, Status
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, serve
from support.suite_runner import contract, run_settings


def tried(
    *variants: str, requirements: tuple[str, ...], config: Config | None = None, faults: tuple[str, ...] = ()
) -> dict[str, RequirementResult]:
    """The named requirements on the reference server with these variants, by id."""
    with serve(contract(), variants=variants, faults=faults) as server:
        settings = Settings(
            target=server.url, auth=DEMO_AUTH[:1], seed=1, requirements=requirements, reports=Path("unused")
        )
        results = run_settings(settings, config or Config(time_zones=DEMO_TIME_ZONES))
    return {each.id: each for each in results.requirements}


@pytest.mark.parametrize(
    ("variant", "requirements"),
    [
        ("zero-for-null", ("SEL-04", "SEL-06", "SEL-07", "SEL-09")),
        ("xml-kinds", ("SEL-07", "ACC-02", "LANG-08", "TZ-04")),
        ("xml-keys-as-names", ("ACC-02", "SEL-07")),
        ("property-order", ("LANG-01", "CULT-02")),
        ("null-for-unknown", ("LANG-01", "CULT-01", "CULT-02", "TZ-01", "TZ-03")),
    ],
)
def test_a_right_server_passes(variant: str, requirements: tuple[str, ...]) -> None:
    results = tried(variant, requirements=requirements)
    assert {id: (each.status, each.reason) for id, each in results.items() if each.status is not Status.PASSED} == {}


def test_a_zero_in_place_of_null_is_a_warning_of_one_requirement() -> None:
    results = tried("zero-for-null", requirements=("SEL-03",))
    assert results["SEL-03"].status is Status.WARNING
    assert "is the zero of its type, not null" in results["SEL-03"].reason


@pytest.mark.parametrize("fault", ["select-ignored", "select-drops-elements", "select-reorders"])
def test_a_fault_shows_although_null_is_zero(fault: str) -> None:
    failing = {"select-ignored": "SEL-03"}.get(fault, "SEL-06")
    results = tried("zero-for-null", requirements=(failing,), faults=(fault,))
    assert results[failing].status is Status.FAILED


def test_zones_are_learned_although_the_order_changes() -> None:
    # Without a configuration each code is tried, and one that the server does not know must not seem to convert.
    results = tried("unordered", "one-time-zone", requirements=("TZ-01", "TZ-02"), config=Config())
    for each in results.values():
        assert each.status is Status.INCONCLUSIVE, each.reason
        assert "[time_zones] in conformance.toml" in each.reason
    results = tried("unordered", requirements=("TZ-01", "TZ-02"), config=Config())
    assert {each.status for each in results.values()} == {Status.PASSED}


def test_null_is_not_a_conversion() -> None:
    results = tried("null-for-unknown", "one-time-zone", requirements=("TZ-01",), config=Config())
    assert results["TZ-01"].status is Status.INCONCLUSIVE
    assert "no time-zone code is known that changes a date-time (tried: America/New_York," in results["TZ-01"].reason
