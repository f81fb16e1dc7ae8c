"""How a trial ends when it does not simply pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.comparison.answer import Answer


class RequirementFailed(AssertionError):
    """The requirement does not hold; says what was expected, what came, and which answers show it.

    The last of ``answers`` is the one to blame; the ones before it are what it was held against.
    """

    def __init__(self, message: str, *, expected: Any, actual: Any, answers: Sequence[Answer]) -> None:
        super().__init__(message)
        self.message = message
        self.expected = describe(expected)
        self.actual = describe(actual)
        self.answers = tuple(answers)
        self.is_sequence = False
        """Whether what was sent right before the last one is a part of what shows it."""

    def with_answers_before_last(self, others: Sequence[Answer]) -> RequirementFailed:
        """The same, shown by these answers too, which came right before; the one to blame stays the last."""
        self.is_sequence = self.is_sequence or bool(others)
        self.answers = (*self.answers[:-1], *others, *self.answers[-1:])
        return self


class RestartRequirement(Exception):
    """What was sent last proves nothing (the credentials had lapsed, and are renewed): the requirement is tried again
    from its beginning."""


class Inconclusive(Exception):
    """It applies, but the target's data or configuration does not let it be decided; says what is missing."""


class AnswerTooLarge(Inconclusive):
    """A response is larger than is read, in bytes (``--max-body``) or in values: whatever needs it stays open."""


class NotApplicable(Exception):
    """It does not apply to this operation or installation; says why."""


def describe(value: Any) -> str:
    """A value for a person to read: text as it is, anything else as JSON-like text.

    It is truncated only after the secrets are out of it, because half of one would not be found.
    """
    return value if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)
