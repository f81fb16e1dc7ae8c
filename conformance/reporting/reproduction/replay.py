"""A finding tried again: its requirement, with the same seed, profile and configuration."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from conformance.core.exit_code import ExitCode
from conformance.engine.result import Finding, RequirementResult, Status
from conformance.engine.run import Run
from conformance.reporting.reproduction.commands import with_commands

_TRIES = 5


class ReplayOutcome(StrEnum):
    """What became of a finding."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not reproduced"
    CHANGED = "changed"
    """The requirement fails in another way."""
    INCONCLUSIVE = "inconclusive"

    @property
    def exit_status(self) -> ExitCode:
        """What the command ends with."""
        decided = {ReplayOutcome.REPRODUCED: ExitCode.FAILURE, ReplayOutcome.NOT_REPRODUCED: ExitCode.SUCCESS}
        return decided.get(self, ExitCode.INCONCLUSIVE)


class ReplayResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it, and the requirement's new result; ``finding`` is the new one, if there is one."""

    outcome: ReplayOutcome
    result: RequirementResult
    finding: Finding | None


def replay(run: Run, requirement: str, operation: str, finding: Finding) -> ReplayResult:
    """Learn the target and try the session's requirements; compare the result with ``finding``.

    The session holds the finding's requirement and, if that one checks what others send, those others.
    """
    run.allow_partial_evidence = True
    # The finding is tried several times, each time with all that it needs; --max-requests still applies.
    run.target.quotas.clear()
    run.discover()
    # What only shows when requests meet may need more than one try.
    for _ in range(_TRIES if finding.together else 1):
        run.results.clear()
        run.execute_expected()
        result = next(each for each in run.results if (each.id, each.operation) == (requirement, operation))
        (result,) = with_commands(run, [result])
        replayed = compare(finding, result)
        if replayed.outcome is not ReplayOutcome.NOT_REPRODUCED:
            break
    return replayed


def compare(finding: Finding, result: RequirementResult) -> ReplayResult:
    """What became of a finding, by the new result of its requirement."""
    same = next((each for each in result.findings if _is_same(each, finding)), None)
    if same is not None:
        return ReplayResult(outcome=ReplayOutcome.REPRODUCED, result=result, finding=same)
    if result.findings:
        return ReplayResult(outcome=ReplayOutcome.CHANGED, result=result, finding=result.findings[0])
    holds = result.status in (Status.PASSED, Status.OBSERVED)
    outcome = ReplayOutcome.NOT_REPRODUCED if holds else ReplayOutcome.INCONCLUSIVE
    return ReplayResult(outcome=outcome, result=result, finding=None)


def _is_same(one: Finding, other: Finding) -> bool:
    return one.message == other.message or (one.together and other.together)
