"""From the record of a run and its results to what the reports are made of: a pure function, with no run and no clock.

So the same reports can be made again, at any time and place.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from conformance.engine.baseline.application import BaselineReport, apply_baseline
from conformance.engine.result import RequirementResult, Status
from conformance.reporting.record import RunRecord
from conformance.reporting.results import FORMAT, Discovered, Results
from conformance.reporting.scope import scope_of
from conformance.reporting.verdict import Verdict, decide, with_baseline

_INTERRUPTED = "the run was interrupted"
NOT_ENDED = "the run did not end (it was killed, or is still going on)"


def assemble(record: RunRecord, results: Iterable[RequirementResult]) -> Results:
    """The results of a run. ``results`` are without secrets and with their commands; what has none is inconclusive."""
    baseline, requirements = _with_baseline(record, complete(record, results))
    scope = scope_of(record, requirements)
    if record.error:
        verdict, reason = Verdict.INCONCLUSIVE, record.error
    else:
        verdict, reason = decide(
            requirements, strict=record.run.strict, scope=scope, stopped=_cut_short(record), notes=record.notes
        )
    if baseline is not None:
        verdict, reason = with_baseline(verdict, reason, baseline)
    return Results(
        format=FORMAT,
        suite=record.suite,
        target=record.target,
        run=record.run,
        verdict=verdict,
        reason=reason,
        requirements=requirements,
        scope=scope,
        baseline=baseline,
        learned=_learned(record, requirements),
    )


def complete(record: RunRecord, results: Iterable[RequirementResult]) -> list[RequirementResult]:
    """The results in the order of the catalogue; what was expected and has none is inconclusive.

    A run that ended early is never green.
    """
    why = why_not_tried(record)
    known = {each.id: each for each in record.catalogue}
    order = {id: position for position, id in enumerate(known)}
    found = {(result.id, result.operation): result for result in results}
    for case in record.cases:
        at = case.requirement, case.operation
        result = found.get(at)
        if result is None:
            about = known[case.requirement]
            result = found[at] = RequirementResult(
                id=case.requirement,
                operation=case.operation,
                level=about.level,
                title=about.title,
                chapter=about.chapter,
                source=case.source,
                status=Status.INCONCLUSIVE,
                reason=why,
            )
        if case.source_changed and not result.source_changed:
            found[at] = msgspec.structs.replace(result, source_changed=True)
    return sorted(found.values(), key=lambda result: (order.get(result.id, len(order)), result.operation))


def why_not_tried(record: RunRecord) -> str:
    """Why what has no result was not tried."""
    if record.error:
        return record.error
    if record.finished is None:
        return f"{NOT_ENDED}, and it had no result"
    if record.run.interrupted:
        return f"{_INTERRUPTED} before it was tried"
    ends = record.limits_reached
    return record.run.stopped or (f"{', '.join(ends)} was reached before it was tried" if ends else "it was not tried")


def _cut_short(record: RunRecord) -> str:
    run = record.run
    parts = [NOT_ENDED if run.unfinished else "", _INTERRUPTED if run.interrupted else "", run.stopped]
    return "; ".join(filter(None, parts))


def _with_baseline(
    record: RunRecord, results: Sequence[RequirementResult]
) -> tuple[BaselineReport | None, tuple[RequirementResult, ...]]:
    """The baseline's report and the results with what it lists, if there is one."""
    given = record.baseline
    if given is None:
        return None, tuple(results)
    return apply_baseline(
        given.entries,
        results,
        datetime.datetime.fromisoformat(record.run.started).date(),
        file=given.file,
        every=[each.id for each in record.catalogue],
        narrowed=given.narrowed,
        strict=record.run.strict,
        lenient=given.lenient,
        accept_known=given.accept_known,
    )


def _learned(record: RunRecord, results: Sequence[RequirementResult]) -> tuple[Discovered, ...]:
    """How the target was reached, which instances of it answered, what was not called, and what discovery found."""
    found = [Discovered(operation="", name="proxy", value=record.proxy)] if record.proxy else []
    findings = Counter(name for result in results for finding in result.findings for name in finding.instances)
    found += [
        Discovered(operation="", name=f"instance {name}", value=f"{count} answers, {findings[name]} findings")
        for name, count in sorted(record.instances.items())
    ]
    found += [
        Discovered(operation=operation, name="not called", value=f"{operation} {why}", found=False)
        for operation, why in record.selection.left_out.items()
    ]
    return (*found, *record.learned)
