"""The checks, warnings and observations of a requirement while it is tried, and what is inconclusive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive, NotApplicable, RedactedValue, RequirementFailed
from conformance.comparison.redacted import redacted_in
from conformance.engine.profile import Profile
from conformance.engine.trial import Trial

T = TypeVar("T")


class Score:
    """Records in ``trial`` what a requirement states about its answers."""

    trial: Trial
    profile: Profile

    def limit_in_smoke(self, items: Iterable[T], in_smoke: int) -> list[T]:
        """All items; in the profile smoke, which sends as few requests as possible, the first ``in_smoke`` of them."""
        listed = list(items)
        return listed[:in_smoke] if self.profile.smoke_only else listed

    def check(self, holds: bool, message: str, *, expected: Any, actual: Any, of: Sequence[Answer]) -> None:
        """Count one check. Raises RequirementFailed with the other arguments if it does not hold.

        The last answer in ``of`` is the one to blame; it was compared with the ones before it. Nothing is decided if a
        secret was taken out of ``expected`` or ``actual`` (see ``is_known``).
        """
        if not self._is_decided(expected, actual, of):
            return
        self.trial.checks += 1
        if not holds:
            raise RequirementFailed(message, expected=expected, actual=actual, answers=of)

    def warn_unless(self, holds: bool, message: str, *, expected: Any, actual: Any, of: Sequence[Answer]) -> None:
        """Count one check, and warn if it does not hold, whatever the requirement's level."""
        if not self._is_decided(expected, actual, of):
            return
        self.trial.checks += 1
        if not holds:
            self.trial.warnings.append(RequirementFailed(message, expected=expected, actual=actual, answers=of))

    def _is_decided(self, expected: Any, actual: Any, of: Sequence[Answer]) -> bool:
        # Most answers hold no secret: long values are not looked through.
        is_simple = not any(isinstance(value, dict | list | tuple) for value in (expected, actual))
        return not (is_simple or any(answer.is_redacted for answer in of)) or self.is_known(expected, actual)

    def is_known(self, *values: Any) -> bool:
        """Whether no secret was taken out of these values of answers; otherwise the requirement cannot pass by them."""
        found = redacted_in(*values)
        if found and not self.trial.redacted:
            self.trial.redacted = found
            self.leave_inconclusive(str(RedactedValue(found)))
        return not found

    def observe(self, text: str) -> None:
        """Record what the target does if the page does not specify it; it counts as a check."""
        self.trial.checks += 1
        self.trial.observations.append(text)

    def leave_inconclusive(self, reason: str) -> None:
        """Record that a part of the requirement is inconclusive, so that the requirement cannot pass."""
        self.trial.inconclusive_parts.append(reason)

    def not_given(self, missing: str, option: str) -> NotApplicable:
        """The exception to raise if the run was not given what the requirement needs; the verdict's sentence names it.

        ``missing`` is a complete clause (``no session was given``); ``option`` is the option that gives it.
        """
        self.trial.missing = missing
        return NotApplicable(f"{missing} ({option})")

    def require_success(self, *answers: Answer) -> None:
        """Raises Inconclusive unless all these answers are successful; another requirement judges that."""
        for answer in answers:
            if not answer.is_success:
                raise Inconclusive(f"the request that is needed here ({answer.purpose}) got {answer.outcome}")
