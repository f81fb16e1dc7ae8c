"""How much of what the pages document a run tried, and which options left something out."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.engine.result import RequirementResult, Status
from conformance.reporting.record import RunRecord
from conformance.reporting.verdict import Scope


def scope_of(record: RunRecord, results: Sequence[RequirementResult]) -> Scope:
    """The scope of a run with these results."""
    reasons = _reasons(record)
    tried = {(result.id, result.operation) for result in results if was_tried(result)}
    called = {operation for _, operation in tried}
    return Scope(
        complete=not reasons,
        tried=len({id for id, _ in tried}),
        of=len(record.catalogue),
        reasons=tuple(reasons),
        operations_tried=len(called),
        operations_of=record.selection.documented,
        not_called=tuple(record.selection.left_out),
    )


def was_tried(result: RequirementResult) -> bool:
    """Whether anything was done for it: what does not apply was not tried, nor what came after the end of the run."""
    if result.status is Status.INCONCLUSIVE:
        return bool(result.exchanges or result.checks)
    return result.status is not Status.SKIPPED


def _reasons(record: RunRecord) -> list[str]:
    selection = record.selection
    reasons = list(selection.reasons)
    if not reasons and len(record.cases) < len(record.catalogue) * selection.operations:
        reasons.append(f"{len(record.cases)} tests were selected")
    return list(dict.fromkeys([*reasons, *record.limits_reached]))
