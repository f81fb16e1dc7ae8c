"""The state of one requirement while it is tried, and what a repetition of it sends again."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.client.exchange import Request
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import RequirementFailed

MemoKey = tuple[str, Request, int]


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
        self.missing = ""
        """What the run was not given, so that the requirement is skipped: ``no session was given``."""
        self.numbers: set[int] = set()
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

    def begin(self, draws: str) -> None:
        """Start an attempt; with the same draws it gets the same answers."""
        self.draws = draws
        self.asked = {}
        self.relations = 0

    def repetition(self, answers: Iterable[Answer]) -> Trial:
        """A trial that repeats the attempt and sends the requests of ``answers`` again; its checks start at 0."""
        other = Trial(self.id)
        other.draws, other.memo, other.held, other.numbers = self.draws, self.memo, self.held, self.numbers
        other.resend = frozenset(answer.request for answer in answers)
        return other
