"""The state of one requirement while it is tried, and what a repetition of it sends again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from conformance.client.exchange import Intent, Request
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import RequirementFailed

MemoKey = tuple[str, Request, int]

LONGEST_DRAWS = 64 * 1024
"""Characters of JSON up to which the draws of an attempt are kept to be recorded."""


class ShrinkBudgetUsedUp(Exception):
    """A failure is found, and no more requests may be sent to shrink it."""


class AttemptLog(msgspec.Struct, kw_only=True):
    """What is recorded of one attempt: its draws, and the exchanges that it used."""

    draws: str | None = None
    """The drawn values by parameter, as a JSON object; None for what was asked before the first attempt."""
    exact: bool = True
    """Whether ``draws`` is enough to make the same attempt again."""
    repeats: int | None = None
    """The position of the attempt that it repeats."""
    uses: dict[tuple[int, str, Intent], None] = {}
    """Number of the exchange, purpose and intent, in the order of their use."""


class Trial:
    """One requirement while it is tried: its checks, warnings and observations, and the answers it got.

    ``resend`` is None while the requirement is tried. In a repetition, which confirms a failure, ``resend`` has the
    requests that are sent again; all others are answered from memory.
    """

    def __init__(self, requirement_id: str) -> None:
        self.id = requirement_id
        self.draws = ""
        self.checks = 0
        self.warnings: list[RequirementFailed] = []
        self.observations: list[str] = []
        self.inconclusive: list[str] = []
        self.inconclusive_parts: list[str] = []
        self.redacted = ""
        """The redacted value that it met first; empty if it met none."""
        self.missing = ""
        """What the run was not given, so that the requirement is skipped: ``no session was given``."""
        self.numbers: set[int] = set()
        self.log: list[AttemptLog] = [AttemptLog()]
        """Its attempts and their repetitions, in order; the first entry is what was asked before them."""
        self.shrink_budget: int | None = None
        self.memo: dict[MemoKey, Answer] = {}
        self.asked: dict[Request, int] = {}
        self.relations = 0
        """How many relations the current attempt has compared."""
        self.held: set[tuple[str, int]] = set()
        """The relations that held, by draws and position."""
        self.resend: frozenset[Request] | None = None
        self.bypass = False
        """Whether every request is sent, even if its answer is in memory."""
        self.resent: dict[MemoKey, Answer] = {}

    def begin(self, draws: Mapping[str, Any] | None = None) -> None:
        """Start an attempt; with the same draws it gets the same answers."""
        self.draws = repr(sorted(draws.items())) if draws else ""
        text, exact = draws_as_json(draws or {})
        repeats = None
        if self.resend is not None:
            equal = [place for place, each in enumerate(self.log) if each.draws == text and each.repeats is None]
            repeats = equal[-1] if equal else None
        self.log.append(AttemptLog(draws=text, exact=exact, repeats=repeats))
        self.asked = {}
        self.relations = 0

    def begin_step(self) -> None:
        """Start a step of discovery: what is asked from now on is what its facts are learned from."""
        self.log.append(AttemptLog())

    def use(self, number: int, purpose: str, intent: Intent) -> None:
        """Record that the current attempt used this exchange."""
        self.numbers.add(number)
        self.log[-1].uses[number, purpose, intent] = None

    def spend_shrink_budget(self) -> None:
        """Another request is sent; raises ShrinkBudgetUsedUp."""
        if self.shrink_budget is not None:
            if self.shrink_budget <= 0:
                raise ShrinkBudgetUsedUp
            self.shrink_budget -= 1

    def repetition(self, answers: Iterable[Answer]) -> Trial:
        """A trial that repeats the attempt and sends the requests of ``answers`` again; its checks start at 0."""
        other = Trial(self.id)
        other.draws, other.memo, other.held, other.numbers = self.draws, self.memo, self.held, self.numbers
        other.log = self.log
        other.resend = frozenset(answer.request for answer in answers)
        return other


def draws_as_json(draws: Mapping[str, Any]) -> tuple[str, bool]:
    """The drawn values as a JSON object, and whether it is enough to have them again.

    It is, for plain data: null, booleans, numbers, texts, arrays (tuples too) and objects. Of anything else it has
    the ``repr``, and of what is longer than ``LONGEST_DRAWS`` only the names.
    """
    if not draws:
        return "{}", True
    exact = True
    try:
        text = json.dumps(draws, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        exact = False
        text = json.dumps({name: repr(value) for name, value in draws.items()}, separators=(",", ":"))
    if len(text) > LONGEST_DRAWS:
        exact = False
        text = json.dumps(dict.fromkeys(draws), separators=(",", ":"))
    return text, exact
