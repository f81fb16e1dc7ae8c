"""The exceptions that end a trial which does not pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from conformance.client.secret_names import mark_in

if TYPE_CHECKING:
    from conformance.comparison.answer import Answer


class RequirementFailed(AssertionError):
    """The requirement does not hold. It has the expected and the actual value, and the answers that show it.

    The last of ``answers`` is the one to blame; it was compared with the ones before it.
    """

    def __init__(self, message: str, *, expected: Any, actual: Any, answers: Sequence[Answer]) -> None:
        super().__init__(message)
        self.message = message
        self.expected = describe(expected)
        self.actual = describe(actual)
        self.answers = tuple(answers)
        self.is_sequence = False
        """Whether the failure depends on the request that was sent directly before the last one."""

    def with_answers_before_last(self, others: Sequence[Answer]) -> RequirementFailed:
        """Add answers that directly preceded the one to blame, which stays the last; return self."""
        self.is_sequence = self.is_sequence or bool(others)
        self.answers = (*self.answers[:-1], *others, *self.answers[-1:])
        return self


class RestartRequirement(Exception):
    """The last answers are not evidence, because the credentials had expired. They are renewed, and the requirement is
    tried again from its beginning."""


class Inconclusive(Exception):
    """The requirement applies, but the target's data or configuration is not enough to decide it."""


class CannotBeJudged(Inconclusive):
    """What depends on an answer, or on a value in it, is inconclusive, whatever else a requirement has shown."""


class AnswerTooLarge(CannotBeJudged):
    """A response has more bytes (``--max-body``) or values than the limit."""


class RedactedValue(CannotBeJudged):
    """A secret was taken out of an answer's data: ``value`` is what is left, with the mark that stands for it."""

    def __init__(self, value: str) -> None:
        super().__init__(
            f"the answers hold a secret of the run where data is ({mark_in(value) or value} stands for it), so what is "
            "there is not known; use an account whose secret does not occur in the data"
        )


class NotApplicable(Exception):
    """The requirement does not apply to this operation or installation."""


def describe(value: Any) -> str:
    """A value as text for people: a text stays as it is, other values become JSON-like text.

    It is not truncated here: redaction comes first, because it would not find a truncated secret.
    """
    return value if isinstance(value, str) else _json_like(value)


def _json_like(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)
