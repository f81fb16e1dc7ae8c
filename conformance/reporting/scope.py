"""How much of what the pages document a session tried, and which options left something out."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.engine.result import RequirementResult, Status
from conformance.engine.run import Run
from conformance.reporting.verdict import Scope
from conformance.requirements import load_requirements


def scope_of(run: Run, results: Sequence[RequirementResult]) -> Scope:
    """The scope of a session that has ended with these results."""
    reasons = _reasons(run)
    tried = {(result.id, result.operation) for result in results if was_tried(result)}
    called = {operation for _, operation in tried}
    return Scope(
        complete=not reasons,
        tried=len({id for id, _ in tried}),
        of=len(load_requirements()),
        reasons=tuple(reasons),
        operations_tried=len(called),
        operations_of=run.documented,
        not_called=tuple(run.left_out),
    )


def was_tried(result: RequirementResult) -> bool:
    """Whether anything was done for it: what does not apply was not tried, nor what came after the end of the run."""
    if result.status is Status.INCONCLUSIVE:
        return bool(result.exchanges or result.checks)
    return result.status is not Status.SKIPPED


def _reasons(run: Run) -> list[str]:
    settings = run.settings
    reasons = [f"--requirement {pattern}" for pattern in settings.requirements]
    reasons += [f"--operation {pattern}" for pattern in settings.operations]
    reasons += [f"--exclude {pattern}" for pattern in settings.exclude]
    if run.profile.smoke_only:
        reasons.append(f"--profile {run.profile.name}")
    reasons += run.selected_by
    if not reasons and len(run.expected) < len(load_requirements()) * len(run.probes):
        reasons.append(f"{len(run.expected)} tests were selected")
    return list(dict.fromkeys([*reasons, *run.limits_reached]))
