"""The attempts of a requirement: one, or one for each draw of Hypothesis, which also shrinks a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, Verbosity, given, reject, seed, settings
from hypothesis.errors import FlakyFailure, HypothesisException, Unsatisfiable

from conformance.client.limits import AskedToWait, BudgetUsedUp, TargetStopped
from conformance.comparison.outcomes import (
    CannotBeJudged,
    Inconclusive,
    NotApplicable,
    RequirementFailed,
    RestartRequirement,
)
from conformance.engine.hypothesis_home import without_local_constants
from conformance.engine.probe import Probe
from conformance.engine.requirement import Requirement
from conformance.engine.result import Status
from conformance.engine.trial import ShrinkBudgetUsedUp

STOPS = (BudgetUsedUp, AskedToWait, TargetStopped)
"""Exceptions that end a run: nothing more is sent, and the current requirement is inconclusive."""
MAX_SHRINK_CALLS = 200
"""The maximum number of draws to shrink a failure. Without it, Hypothesis continues for minutes although no more
requests may be sent."""


class StopShrinking(BaseException):
    """Ends Hypothesis' search. It is not an Exception, because Hypothesis would treat it as another failure."""


class Ended(Exception):
    """Ends the trial with a status and a reason."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Attempt(msgspec.Struct, frozen=True):
    """The result of a search: the smallest failure, if any. ``again`` repeats its attempt."""

    again: Callable[[], None]
    failure: RequirementFailed | None = None


def simple(requirement: Requirement, ask: Probe) -> Attempt:
    """Make the one attempt of a requirement that draws nothing. Raises Ended if it does not apply."""

    def again() -> None:
        ask.trial.begin()
        requirement.body(ask)

    try:
        ask.trial.begin()
        guard(requirement.body, ask)
    except RequirementFailed as failure:
        return Attempt(again, failure)
    return Attempt(again)


def guard(body: Callable[..., None], ask: Probe, /, **draws: Any) -> None:
    """Call ``body`` once. NotApplicable ends the requirement (raises Ended); Inconclusive only ends this attempt."""
    try:
        body(ask, **draws)
    except NotApplicable as error:
        raise Ended(Status.SKIPPED, str(error)) from None
    except CannotBeJudged as error:
        # Checks of other attempts must not hide that this attempt could not be judged.
        ask.trial.inconclusive_parts.append(str(error))
    except Inconclusive as error:
        ask.trial.inconclusive.append(str(error))


def search(requirement: Requirement, ask: Probe) -> Attempt:
    """Make an attempt for each draw, and shrink the first failure.

    Raises Ended, RestartRequirement, or one of STOPS.
    """
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
        trial.begin(draws)
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
            # An attempt that warned is the one to confirm.
            drawn.clear()
            drawn.update(draws)

    def again() -> None:
        ask.trial.begin(drawn)
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
        # With one seed, requirements with the same strategy draw the same values and share the answers.
        with without_local_constants():
            seed(ask.seed)(drawing)()
    except StopShrinking:
        pass
    except (RequirementFailed, *STOPS, RestartRequirement, FlakyFailure, Unsatisfiable, HypothesisException):
        # A stop is raised only once, which Hypothesis reports as a flaky failure.
        if stopped:
            raise stopped[0] from None
        if not last:
            raise
    finally:
        trial.shrink_budget = None
    return Attempt(again, last[0] if last else None)
