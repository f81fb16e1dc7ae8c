"""One attempt of a requirement after the other: once, or for what Hypothesis draws, down to the smallest failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, Verbosity, given, reject, seed, settings
from hypothesis.errors import FlakyFailure, HypothesisException, Unsatisfiable

from conformance.client.limits import AskedToWait, BudgetUsedUp, TargetStopped
from conformance.comparison.outcomes import (
    AnswerTooLarge,
    Inconclusive,
    NotApplicable,
    RequirementFailed,
    RestartRequirement,
)
from conformance.engine.hypothesis_home import without_local_constants
from conformance.engine.probe import Probe, ShrinkBudgetUsedUp
from conformance.engine.requirement import Requirement
from conformance.engine.result import Status

STOPS = (BudgetUsedUp, AskedToWait, TargetStopped)
"""What ends a run: nothing more is sent, and what was being tried is not decided."""
MAX_SHRINK_CALLS = 200
"""Draws to make a failure smaller, at most: Hypothesis would go on for minutes, although it may send no more."""


class StopShrinking(BaseException):
    """Ends Hypothesis' search, which takes an Exception for another failure."""


class Ended(Exception):
    """Carries how the trial ended out of the search."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Attempt(msgspec.Struct, frozen=True):
    """How the search ended: the smallest failure, if any, and how to make its attempt again."""

    again: Callable[[], None]
    failure: RequirementFailed | None = None


def simple(requirement: Requirement, ask: Probe) -> Attempt:
    """Make the one attempt of a requirement that draws nothing; raises Ended where it does not apply."""

    def again() -> None:
        ask.trial.begin("")
        requirement.body(ask)

    try:
        ask.trial.begin("")
        guard(requirement.body, ask)
    except RequirementFailed as failure:
        return Attempt(again, failure)
    return Attempt(again)


def guard(body: Callable[..., None], ask: Probe, /, **draws: Any) -> None:
    """Run a body once; NotApplicable ends the requirement, Undecided only this trial."""
    try:
        body(ask, **draws)
    except NotApplicable as error:
        raise Ended(Status.SKIPPED, str(error)) from None
    except AnswerTooLarge as error:
        # Other attempts may have made checks; that one could not be made must show.
        ask.trial.inconclusive_parts.append(str(error))
    except Inconclusive as error:
        ask.trial.inconclusive.append(str(error))


def search(requirement: Requirement, ask: Probe) -> Attempt:
    """Make an attempt for each draw, and make the first failure smaller; raises Ended, or what ends the run."""
    trial = ask.trial
    try:
        strategies = {name: draw(ask) for name, draw in requirement.draws.items()}
    except NotApplicable as error:
        raise Ended(Status.SKIPPED, str(error)) from None
    last: list[RequirementFailed] = []
    stopped: list[Exception] = []
    drawn: dict[str, Any] = {}
    left = MAX_SHRINK_CALLS

    def once(**draws: Any) -> None:
        nonlocal left
        left -= bool(last)
        if not left:
            raise StopShrinking
        trial.begin(repr(sorted(draws.items())))
        warnings = len(trial.warnings)
        try:
            guard(requirement.body, ask, **draws)
        except RequirementFailed as failure:
            if not last:
                trial.shrink_budget = ask.profile.shrinks
            last[:] = [failure]
            drawn.clear()
            drawn.update(draws)
            raise
        except ShrinkBudgetUsedUp:
            reject()
        except (*STOPS, RestartRequirement) as stop:
            stopped.append(stop)
            raise
        if not drawn or len(trial.warnings) > warnings:
            # What warned is what is worth another look.
            drawn.clear()
            drawn.update(draws)

    def again() -> None:
        ask.trial.begin(repr(sorted(drawn.items())))
        requirement.body(ask, **drawn)

    drawing = settings(
        max_examples=ask.profile.examples,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if ask.profile.shrinks else (Phase.generate,),
    )(given(**strategies)(once))
    try:
        # One seed for all: requirements that draw from the same strategy draw the same, and share the answers.
        with without_local_constants():
            seed(ask.seed)(drawing)()
    except StopShrinking:
        pass
    except (RequirementFailed, *STOPS, RestartRequirement, FlakyFailure, Unsatisfiable, HypothesisException):
        # What stops the run stops it only once, which Hypothesis reports as flaky.
        if stopped:
            raise stopped[0] from None
        if not last:
            raise
    finally:
        trial.shrink_budget = None
    return Attempt(again, last[0] if last else None)
