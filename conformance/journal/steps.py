"""What is recorded of a trial and of discovery beside the exchanges: attempts, and facts with where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from conformance.journal.rows import text_value


class Use(NamedTuple):
    """An exchange, as an attempt used it: what it was for, for people and for the requirements."""

    exchange: int
    purpose: str
    intent: str


class RecordedAttempt(NamedTuple):
    """One call of a requirement's function."""

    place: int
    """Its number in the trial, from 1; 0 is what was asked before the first call."""
    draws: str | None = None
    """JSON: an object with the value of each parameter that Hypothesis drew; None for place 0."""
    exact: bool = True
    """Whether ``draws`` is enough to call the function again."""
    repeats: int | None = None
    """The place of the attempt that it repeats to confirm a failure."""
    uses: Sequence[Use] = ()


class LearnedFact(NamedTuple):
    """A line that discovery wrote, with the exchanges from which it was learned."""

    name: str
    value: str
    found: bool
    exchanges: Sequence[int]


def attempt_rows(attempts: Sequence[RecordedAttempt]) -> Iterator[tuple[Any, ...]]:
    """The rows of ``attempts``, without the trial."""
    for each in attempts:
        draws = None if each.draws is None else text_value(each.draws)
        yield each.place, each.repeats, draws, int(each.exact)


def use_rows(attempts: Sequence[RecordedAttempt]) -> Iterator[tuple[Any, ...]]:
    """The rows of ``trial_exchanges``, without trial and place."""
    for each in attempts:
        for number, purpose, intent in each.uses:
            yield each.place, number, text_value(purpose), intent
