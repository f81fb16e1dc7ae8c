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

    STILL = "still so"
    GONE = "gone"
    DIFFERENT = "different"
    INCONCLUSIVE = "undecided"

    @property
    def exit_status(self) -> ExitCode:
        """1 still so, 0 gone, 3 different or undecided."""
        return {ReplayOutcome.STILL: ExitCode.FAILURE, ReplayOutcome.GONE: ExitCode.SUCCESS}.get(
            self, ExitCode.INCONCLUSIVE
        )


class ReplayResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it, and the requirement's new result; ``finding`` is the new one, where there is one."""

    again: ReplayOutcome
    result: RequirementResult
    finding: Finding | None


def replay(run: Run, requirement: str, operation: str, finding: Finding) -> ReplayResult:
    """Learn the target and try the session's requirements; judge what became of ``finding``.

    The session holds the finding's requirement and, where that one judges what others send, those others.
    """
    run.allow_partial_evidence = True
    # The finding is tried several times, each time with all that it rests on; --max-requests still holds.
    run.target.quotas.clear()
    run.discover()
    # What only shows where requests meet may need more than one try.
    for _ in range(_TRIES if finding.together else 1):
        run.results.clear()
        run.execute_expected()
        result = next(each for each in run.results if (each.id, each.operation) == (requirement, operation))
        (result,) = with_commands(run, [result])
        replayed = judge(finding, result)
        if replayed.again is not ReplayOutcome.GONE:
            break
    return replayed


def judge(finding: Finding, result: RequirementResult) -> ReplayResult:
    """What became of a finding, by the new result of its requirement."""
    same = next((each for each in result.findings if _alike(each, finding)), None)
    if same is not None:
        return ReplayResult(again=ReplayOutcome.STILL, result=result, finding=same)
    if result.findings:
        return ReplayResult(again=ReplayOutcome.DIFFERENT, result=result, finding=result.findings[0])
    gone = result.status in (Status.PASSED, Status.OBSERVED)
    return ReplayResult(again=ReplayOutcome.GONE if gone else ReplayOutcome.INCONCLUSIVE, result=result, finding=None)


def _alike(one: Finding, other: Finding) -> bool:
    return one.message == other.message or (one.together and other.together)
