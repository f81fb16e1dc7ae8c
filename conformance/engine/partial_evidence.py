"""Downgrades results if the run ended early or tried only a part, so that none claims more than was tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import msgspec

from conformance.engine.profile import Profile
from conformance.engine.requirement import Requirement
from conformance.engine.result import Gap, RequirementResult, Status


def downgrade_if_ended(result: RequirementResult, why: str) -> RequirementResult:
    """A run-wide check is inconclusive if the run ended early; ``why`` says what ended it, empty if nothing did."""
    return msgspec.structs.replace(result, status=Status.INCONCLUSIVE, reason=why) if why else result


def downgrade_partial_pass(result: RequirementResult, senders: int, tried: int) -> RequirementResult:
    """A run-wide check has not passed if only ``tried`` of the ``senders`` (requirements that send) are tried."""
    if tried >= senders:
        return result
    reason = f"it judges what all requirements send, and only {tried} of {senders} are tried"
    return msgspec.structs.replace(result, status=Status.SKIPPED, reason=reason, gap=Gap.PART)


def downgrade_too_early(result: RequirementResult, waiting: int) -> RequirementResult:
    """A run-wide check has not passed before ``waiting`` requirements that send requests are tried."""
    if not waiting:
        return result
    reason = (
        f"it judges what all requirements send, and it was tried before {waiting} of them; try all of them, in order"
    )
    return msgspec.structs.replace(result, status=Status.INCONCLUSIVE, reason=reason)


def accept_inconclusive(result: RequirementResult, reason: str | None) -> RequirementResult:
    """The configuration may accept, for a reason, that the target's data cannot decide the requirement."""
    if reason is None or result.status is not Status.INCONCLUSIVE or result.unstable:
        return result
    text = f"accepted as inconclusive by the configuration: {reason} ({result.reason})"
    return msgspec.structs.replace(result, status=Status.SKIPPED, reason=text, gap=Gap.ACCEPTED)


def count_senders(every: Collection[Requirement], profile: Profile) -> int:
    """How many requirements of the profile send requests."""
    return sum(not each.observes_all and (each.smoke or not profile.smoke_only) for each in every)


def count_tried_senders(cases: Sequence[tuple[Requirement, str]]) -> Counter[str]:
    """How many requirements that send requests are tried, by operation."""
    return Counter(operation for requirement, operation in cases if not requirement.observes_all)
