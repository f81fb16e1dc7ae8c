"""Which requirements an operation still waits for: once it has all results, its answers are not needed any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from conformance.engine.requirement import Requirement


class Waiting:
    """The expected requirements without a result, of the operations that are being tried."""

    def __init__(self, expected: Sequence[tuple[Requirement, str]]) -> None:
        self._expected: dict[str, list[Requirement]] = defaultdict(list)
        for requirement, operation in expected:
            self._expected[operation].append(requirement)
        self._left: dict[str, dict[str, Requirement]] = {}

    def begin(self, requirement: Requirement, operation: str) -> None:
        """A requirement is tried; after the last one of the operation all of them are waited for again."""
        if not self._left.get(operation):
            self._left[operation] = {each.id: each for each in (*self._expected[operation], requirement)}

    def end(self, requirement: Requirement, operation: str) -> bool:
        """It has its result; gives whether the operation has all of them."""
        self._left[operation].pop(requirement.id, None)
        return not self._left[operation]

    def senders(self, operation: str) -> int:
        """How many requirements that send requests have no result."""
        return sum(not each.observes_all for each in self._left[operation].values())
