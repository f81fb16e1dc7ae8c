"""The score that a requirement keeps while it is tried: checks, warnings, observations, and what stays open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive, NotApplicable, RequirementFailed
from conformance.engine.profile import Profile
from conformance.engine.trial import Trial

T = TypeVar("T")


class Score:
    """What a requirement says of the answers that it got; ``trial`` keeps it."""

    trial: Trial
    profile: Profile

    def limit_in_smoke(self, items: Iterable[T], in_smoke: int) -> list[T]:
        """All of the items, or only the first ones where the profile wants as few requests as will do."""
        listed = list(items)
        return listed[:in_smoke] if self.profile.smoke_only else listed

    # -- the score ----------------------------------------------------------------------------------------------

    def check(self, holds: bool, message: str, *, expected: Any, actual: Any, of: Sequence[Answer]) -> None:
        """One comparison. It counts as evidence where it holds, and raises Broken where it does not."""
        self.trial.checks += 1
        if not holds:
            raise RequirementFailed(message, expected=expected, actual=actual, answers=of)

    def warn_unless(self, holds: bool, message: str, *, expected: Any, actual: Any, of: Sequence[Answer]) -> None:
        """A comparison that can only warn, whatever the requirement's level."""
        self.trial.checks += 1
        if not holds:
            self.trial.warnings.append(RequirementFailed(message, expected=expected, actual=actual, answers=of))

    def observe(self, text: str) -> None:
        """Record what the target does where the page leaves it open."""
        self.trial.checks += 1
        self.trial.observations.append(text)

    def leave_inconclusive(self, reason: str) -> None:
        """A part of the requirement stays open, so that it cannot pass, whatever its other parts show."""
        self.trial.inconclusive_parts.append(reason)

    def not_given(self, missing: str, option: str) -> NotApplicable:
        """What to raise where the run was not given what this takes: the verdict's sentence names it.

        ``missing`` is a clause that stands alone (``no session was given``), ``option`` says how to give it.
        """
        self.trial.missing = missing
        return NotApplicable(f"{missing} ({option})")

    def require_success(self, *answers: Answer) -> None:
        """Go on only if these were served; otherwise nothing can be said here (another requirement says why)."""
        for answer in answers:
            if not answer.is_success:
                raise Inconclusive(f"the request that is needed here ({answer.purpose}) got {answer.outcome}")
