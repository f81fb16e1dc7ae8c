"""A finding tried again: its requirement, with the same seed, profile and configuration."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from conformance.engine.result import Finding, RequirementResult, Status
from conformance.engine.run import Session

_TRIES = 5


class Again(StrEnum):
    """What became of a finding."""

    STILL = "still so"
    GONE = "gone"
    DIFFERENT = "different"
    UNDECIDED = "undecided"

    @property
    def exit_status(self) -> int:
        """1 still so, 0 gone, 3 different or undecided."""
        return {Again.STILL: 1, Again.GONE: 0}.get(self, 3)


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it, and the requirement's new result; ``finding`` is the new one, where there is one."""

    again: Again
    result: RequirementResult
    finding: Finding | None


def replay(session: Session, requirement: str, operation: str, finding: Finding) -> Replayed:
    """Learn the target and try the session's requirements; judge what became of ``finding``.

    The session holds the finding's requirement and, where that one judges what others send, those others.
    """
    session.judges_parts = True
    # The finding is tried several times, each time with all that it rests on; --max-requests still holds.
    session.target.quotas.clear()
    session.learn()
    # What only shows where requests meet may need more than one try.
    for _ in range(_TRIES if finding.together else 1):
        session.results.clear()
        for each, name in session.expected:
            session.settle(each, session.asks[name])
        result = next(each for each in session.results if (each.id, each.operation) == (requirement, operation))
        replayed = judge(finding, result)
        if replayed.again is not Again.GONE:
            break
    return replayed


def judge(finding: Finding, result: RequirementResult) -> Replayed:
    """What became of a finding, by the new result of its requirement."""
    same = next((each for each in result.findings if _alike(each, finding)), None)
    if same is not None:
        return Replayed(again=Again.STILL, result=result, finding=same)
    if result.findings:
        return Replayed(again=Again.DIFFERENT, result=result, finding=result.findings[0])
    gone = result.status in (Status.PASSED, Status.OBSERVED)
    return Replayed(again=Again.GONE if gone else Again.UNDECIDED, result=result, finding=None)


def _alike(one: Finding, other: Finding) -> bool:
    return one.message == other.message or (one.together and other.together)
