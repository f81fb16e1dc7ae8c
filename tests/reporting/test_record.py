"""The record of a run: kept and read again, it gives the results that the run itself gives, with no run and no clock."""

from __future__ import annotations

import msgspec
import pytest

from conformance.engine.config import Config
from conformance.engine.result import RequirementResult, Status
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, serve
from conformance.reporting.assemble import assemble, complete
from conformance.reporting.conclude import results_of
from conformance.reporting.record import RunRecord, record_from_json, record_to_json, take_record
from conformance.reporting.results import Results
from conformance.reporting.verdict import Verdict
from support.suite_runner import contract

ENDED = "the run did not end (it was killed, or is still going on)"


@pytest.fixture(scope="module")
def recorded() -> tuple[RunRecord, RunRecord, Results]:
    """The records of a run at its start and at its end, and its results."""
    with serve(contract(), faults=["select-ignored"]) as server:
        settings = Settings(target=server.url, auth=DEMO_AUTH, seed=1, requirements=("OP-*", "SEL-*"))
        run = Run(settings, Config(time_zones=DEMO_TIME_ZONES))
        try:
            start = take_record(run)
            run.execute_all()
            results = results_of(run)
            end = take_record(run)
        finally:
            run.close()
    ended = msgspec.structs.replace(end, run=results.run)
    return start, ended, results


def read_again(record: RunRecord) -> RunRecord:
    return record_from_json(record_to_json(record))


def test_a_record_is_read_as_it_was_written(recorded: tuple[RunRecord, RunRecord, Results]) -> None:
    for record in recorded[:2]:
        assert read_again(record) == record


def test_a_record_and_results_that_were_kept_give_the_same_results(
    recorded: tuple[RunRecord, RunRecord, Results],
) -> None:
    _, record, results = recorded
    kept = msgspec.json.decode(msgspec.json.encode(results.requirements), type=list[RequirementResult])
    # In whatever order they were finished.
    assert assemble(read_again(record), reversed(kept)) == results


def test_a_run_that_did_not_end_is_never_conformant(recorded: tuple[RunRecord, RunRecord, Results]) -> None:
    start, _, results = recorded
    whole = msgspec.structs.replace(start, selection=msgspec.structs.replace(start.selection, reasons=()))
    whole = msgspec.structs.replace(whole, catalogue=tuple(c for c in start.catalogue if c.id[:3] in ("OP-", "SEL")))
    passed = [msgspec.structs.replace(r, status=Status.PASSED, findings=()) for r in results.requirements]
    found = assemble(whole, passed)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason.startswith(ENDED)
    assert (found.run.unfinished, found.exit_status) == (True, 3)


def test_what_has_no_result_says_that_the_run_did_not_end(recorded: tuple[RunRecord, RunRecord, Results]) -> None:
    start, _, results = recorded
    failed = [result for result in results.requirements if result.status is Status.FAILED]
    found = assemble(start, failed)
    assert failed
    assert ENDED in found.reason
    assert len(found.requirements) == len(start.cases)
    others = [result for result in found.requirements if result not in failed]
    assert {(result.status, result.reason) for result in others} == {
        (Status.INCONCLUSIVE, f"{ENDED}, and it had no result")
    }
    by_id = {result.id: result for result in results.requirements}
    for result in others:
        live = by_id[result.id]
        same = (live.level, live.title, live.chapter, live.source)
        assert (result.level, result.title, result.chapter, result.source) == same


def test_a_run_that_failed_before_it_was_killed_stays_failed(recorded: tuple[RunRecord, RunRecord, Results]) -> None:
    start, _, results = recorded
    whole = msgspec.structs.replace(start, selection=msgspec.structs.replace(start.selection, reasons=()))
    whole = msgspec.structs.replace(whole, catalogue=tuple(c for c in start.catalogue if c.id[:3] in ("OP-", "SEL")))
    found = assemble(whole, results.requirements)
    assert found.verdict is Verdict.NON_CONFORMANT
    assert found.reason.startswith(ENDED)


def test_results_have_the_order_of_the_catalogue(recorded: tuple[RunRecord, RunRecord, Results]) -> None:
    start, _, results = recorded
    order = [each.id for each in start.catalogue]
    ids = [result.id for result in complete(start, reversed(results.requirements))]
    assert ids == sorted(ids, key=order.index)
