"""Every requirement has a fault that makes it fail, and only what truly depends on that fault fails beside it."""

from __future__ import annotations

import pytest

from conformance.engine.requirement import Level, Requirement
from conformance.engine.result import Status
from conformance.reference import FAULTS
from conformance.reporting.verdict import Verdict, decide
from conformance.requirements import load_requirements
from support.fault_effects import DEPENDENTS, exact
from support.suite_runner import correct, run_reference

REQUIREMENTS = load_requirements()
BREAKS: dict[str, Requirement] = {fault: r for r in REQUIREMENTS.values() for fault in r.faults}
# The first fault that is named in each chapter.
OF_EACH_CHAPTER = {r.faults[0] for r in {r.chapter: r for r in reversed(REQUIREMENTS.values())}.values()}
# Whether requests at the same time meet is chance: such a fault may end as unstable, which is not green.
MAY_BE_UNSTABLE = {"parallel-mix-up"}
# What the catalogue calls a warning within a MUST: null for an empty result, a date-time without an offset, 3.0.
ONLY_WARN = {"null-for-empty", "offset-missing", "count-as-float"}
FINE = {Status.PASSED, Status.OBSERVED, Status.SKIPPED}


def installation_of(fault: str) -> str:
    return "online" if fault == "app-token-refused" else "onsite"


def test_every_requirement_has_a_fault_and_every_fault_a_requirement() -> None:
    assert [r.id for r in REQUIREMENTS.values() if not r.faults and r.level is not Level.MAY] == []
    assert BREAKS.keys() == FAULTS.keys()
    assert sum(len(r.faults) for r in REQUIREMENTS.values()) == len(BREAKS), "a fault is named twice"


def test_the_correct_server_conforms() -> None:
    results = correct().results
    assert results.verdict is Verdict.CONFORMANT, results.reason
    open_ = [r.id for r in results.requirements if r.status not in FINE]
    assert open_ == []
    skipped = [r.id for r in results.requirements if r.status is Status.SKIPPED]
    assert skipped == ["APP-01"]
    seen = [r.id for r in results.requirements if r.status is Status.OBSERVED]
    assert seen == [r.id for r in REQUIREMENTS.values() if r.level is Level.MAY]


def test_the_correct_online_server_conforms() -> None:
    results = correct("online").results
    assert results.verdict is Verdict.CONFORMANT, results.reason
    assert [r.id for r in results.requirements if r.status is Status.SKIPPED] == ["APP-02"]


@pytest.mark.slow(reason="a run of the suite for each fault")
@pytest.mark.parametrize(
    "fault", [pytest.param(each, marks=pytest.mark.ci if each in OF_EACH_CHAPTER else ()) for each in FAULTS]
)
def test_the_fault_is_found_and_nothing_else_blamed(fault: str) -> None:
    named = BREAKS[fault]
    outcome = run_reference([fault], installation=installation_of(fault))
    assert fault in outcome.triggered, "the fault was never reached"
    result = outcome.by_id[named.id]
    before = correct(installation_of(fault)).by_id
    requirements = outcome.results.requirements
    if fault in MAY_BE_UNSTABLE and result.unstable:
        assert outcome.results.verdict is not Verdict.CONFORMANT
    elif named.level is Level.MAY:
        assert result.status is Status.OBSERVED
        assert result.reason != before[named.id].reason, "the observation does not show the fault"
        assert outcome.results.verdict is Verdict.CONFORMANT
    elif named.level is Level.MUST and fault not in ONLY_WARN:
        assert result.status is Status.FAILED, f"{result.status}: {result.reason}"
        assert outcome.results.verdict is Verdict.NON_CONFORMANT
    else:
        assert result.status is Status.WARNING, f"{result.status}: {result.reason}"
        assert decide(requirements, strict=True)[0] is Verdict.NON_CONFORMANT
    if named.level is not Level.MAY:
        finding = result.findings[0]
        assert finding.message
        assert finding.exchanges
        assert "curl -i -g -X " in finding.curl
    blamed = {r.id for r in requirements if r.status not in FINE and before[r.id].status in FINE} - {named.id}
    assert exact(fault, blamed) == DEPENDENTS.get(fault, set()), "exactly what depends on this fault fails beside it"
