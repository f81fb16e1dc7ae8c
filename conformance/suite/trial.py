"""The score of one requirement while it is tried."""

from __future__ import annotations

from conformance.suite.answer import Answer
from conformance.suite.outcome import Broken
from conformance.target.exchange import Request


class Trial:
    """The score of one requirement while it is tried."""

    def __init__(self, requirement_id: str) -> None:
        self.id = requirement_id
        self.draws = ""
        self.checks = 0
        self.more: list[Broken] = []
        self.warnings: list[Broken] = []
        self.observations: list[str] = []
        self.undecided: list[str] = []
        self.incomplete: list[str] = []
        self.numbers: set[int] = set()
        self.shrink_budget: int | None = None
        self.memo: dict[tuple[str, Request, int], Answer] = {}
        self.asked: dict[Request, int] = {}

    def begin(self, draws: str) -> None:
        """A trial starts: the same draws will get the same answers."""
        self.draws = draws
        self.asked = {}
