"""Tries one requirement on one operation: draws, runs, shrinks, and says what became of it.

Hypothesis searches and shrinks; this module turns what a trial raised into a status. Nothing counts as passed
without a check that was made.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, reject, seed, settings
from hypothesis.errors import FlakyFailure, HypothesisException, Unsatisfiable

from conformance.suite.answer import Answer
from conformance.suite.ask import Ask, ShrinkBudgetUsedUp
from conformance.suite.curl import curl
from conformance.suite.outcome import Broken, NotApplicable, Undecided, cut
from conformance.suite.requirement import Requirement
from conformance.suite.result import Finding, Level, Place, RequirementResult, Status
from conformance.suite.shell_secrets import Secrets
from conformance.suite.trial import Trial
from conformance.target.limits import AskedToWait, BudgetUsedUp, TargetGone

_FINDINGS = 4
"""So many of one requirement at most, where it judges every exchange."""


_SMALLER = 200
"""So many draws at most to make a failure smaller: Hypothesis would go on for minutes, though it may send no more."""


class _SmallEnough(BaseException):
    """Ends Hypothesis' search, which takes an Exception for another failure."""


class _Ended(Exception):
    """Carries how the trial ended out of the search."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def run(requirement: Requirement, ask: Ask) -> RequirementResult:
    """Try ``requirement`` with ``ask``; never raises but for KeyboardInterrupt and its like."""
    place = requirement.source.locate(ask.operation)
    if place is None:
        reason = f"the page has no {requirement.source.section}"
        return _result(
            requirement,
            ask,
            Trial(requirement.id),
            Place(page="", section=requirement.source.section),
            Status.SKIPPED,
            reason,
        )
    trial = ask.trial = Trial(requirement.id)
    clock = time.perf_counter()
    broken: Broken | None = None
    status, reason = Status.PASSED, ""
    try:
        _try(requirement, ask)
    except Broken as failure:
        broken = failure
    except _Ended as ended:
        status, reason = ended.status, ended.reason
    except (BudgetUsedUp, AskedToWait, TargetGone) as stop:
        status, reason = Status.INCONCLUSIVE, str(stop)
    except Exception as error:
        # A trial that cannot cope with an answer decides nothing; what was measured elsewhere must not be lost.
        if os.environ.get("CONFORMANCE_DEBUG"):
            raise
        status, reason = (Status.INCONCLUSIVE, f"the suite could not judge what came ({type(error).__name__}: {error})")
    status, reason = _status(requirement, trial, broken, status, reason)
    findings = _findings(requirement, trial, broken, ask)
    seconds = round(time.perf_counter() - clock, 4)
    return _result(requirement, ask, trial, place, status, reason, findings, seconds)


def _try(requirement: Requirement, ask: Ask) -> None:
    if requirement.passive:
        _judge_all(requirement, ask)
    elif requirement.draws:
        _search(requirement, ask)
    else:
        ask.trial.begin("")
        _guard(requirement.body, ask)


def _guard(body: Callable[..., None], ask: Ask, /, **draws: Any) -> None:
    """Run a body once; NotApplicable ends the requirement, Undecided only this trial."""
    try:
        body(ask, **draws)
    except NotApplicable as error:
        raise _Ended(Status.SKIPPED, str(error)) from None
    except Undecided as error:
        ask.trial.undecided.append(str(error))


def _search(requirement: Requirement, ask: Ask) -> None:
    trial = ask.trial
    try:
        strategies = {name: draw(ask) for name, draw in requirement.draws.items()}
    except NotApplicable as error:
        raise _Ended(Status.SKIPPED, str(error)) from None
    except Undecided as error:
        raise _Ended(Status.INCONCLUSIVE, str(error)) from None
    last: list[Broken] = []
    stopped: list[Exception] = []
    left = _SMALLER

    def once(**draws: Any) -> None:
        nonlocal left
        left -= bool(last)
        if not left:
            raise _SmallEnough
        trial.begin(repr(sorted(draws.items())))
        try:
            _guard(requirement.body, ask, **draws)
        except Broken as failure:
            if not last:
                trial.shrink_budget = ask.profile.shrinks
            last[:] = [failure]
            raise
        except ShrinkBudgetUsedUp:
            reject()
        except (BudgetUsedUp, AskedToWait, TargetGone) as stop:
            stopped.append(stop)
            raise

    search = settings(
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
        seed(ask.seed)(search)()
    except _SmallEnough:
        raise last[0] from None
    except (FlakyFailure, Unsatisfiable, HypothesisException):
        # What ends the run ends it only once, which Hypothesis takes for a whim of the test.
        for known in (*last, *stopped):
            raise known from None
        raise


def _judge_all(requirement: Requirement, ask: Ask) -> None:
    ask.trial.begin("")
    ask.plain()
    worst: dict[tuple[str, str], Broken] = {}
    for answer in ask.answers:
        checks = ask.trial.checks
        try:
            _guard(requirement.body, ask, answer=answer)
        except Broken as failure:
            # Failures of the server in different places have causes of their own, and are one finding each.
            key = (failure.message, "" if answer.accepted else answer.exchange.requirement)
            if key not in worst or _size(failure.answers[-1]) < _size(worst[key].answers[-1]):
                worst[key] = failure
        if ask.trial.checks > checks:
            ask.trial.numbers.add(answer.exchange.number)
    if worst:
        first, *others = sorted(worst.values(), key=lambda failure: _size(failure.answers[-1]))
        ask.trial.more = [_with_what_came_before(requirement, ask, each) for each in others[: _FINDINGS - 1]]
        raise _with_what_came_before(requirement, ask, first)


def _with_what_came_before(requirement: Requirement, ask: Ask, failure: Broken) -> Broken:
    """The failure, shown together with the request before where its own request alone does not show it again."""
    blamed = failure.answers[-1]
    before = next((a for a in ask.answers if a.exchange.number == blamed.exchange.number - 1), None)
    if blamed.wire is not None or blamed.exchange.batch is not None or before is None or before.wire is not None:
        return failure
    if _breaks(requirement, ask, [blamed]) is None:
        return _breaks(requirement, ask, [before, blamed]) or failure
    return failure


def _breaks(requirement: Requirement, ask: Ask, answers: Sequence[Answer]) -> Broken | None:
    """Send the requests of these answers again, in their order, and judge the last."""
    came = [ask.again(answer) for answer in answers]
    try:
        _guard(requirement.body, ask, answer=came[-1])
    except Broken as failure:
        return failure.with_answers_before_last(came[:-1])
    return None


def _size(answer: Answer) -> tuple[bool, int]:
    # One that was sent alone can be sent again alone.
    return answer.exchange.batch is not None, len(answer.exchange.request.body) + len(answer.body)


def _status(
    requirement: Requirement, trial: Trial, broken: Broken | None, status: Status, reason: str
) -> tuple[Status, str]:
    if broken is not None and requirement.level is Level.MAY:
        return Status.OBSERVED, broken.message
    if broken is not None:
        return (Status.FAILED if requirement.level is Level.MUST else Status.WARNING), broken.message
    if status is not Status.PASSED:
        return status, reason
    if trial.incomplete:
        return Status.INCONCLUSIVE, "; ".join(dict.fromkeys(trial.incomplete))
    if not trial.checks:
        missing = "; ".join(dict.fromkeys(trial.undecided)) or "the target's data gave nothing to compare"
        return Status.INCONCLUSIVE, missing
    if requirement.level is Level.MAY:
        return Status.OBSERVED, "; ".join(dict.fromkeys(trial.observations))
    if trial.warnings:
        return Status.WARNING, trial.warnings[0].message
    return Status.PASSED, "; ".join(dict.fromkeys(trial.observations))


def _findings(requirement: Requirement, trial: Trial, broken: Broken | None, ask: Ask) -> tuple[Finding, ...]:
    if requirement.level is Level.MAY:
        return ()
    found = [] if broken is None else [(requirement.level, broken)]
    found += [(requirement.level, failure) for failure in trial.more]
    # Forty warnings of one kind are one finding.
    found += [(Level.SHOULD, w) for w in {w.message: w for w in reversed(trial.warnings)}.values()]
    return tuple(
        _finding(f"{requirement.id}-{ask.operation.id}-{index}", failure, level, ask)
        for index, (level, failure) in enumerate(found, start=1)
    )


def _finding(name: str, failure: Broken, level: Level, ask: Ask) -> Finding:
    redact = ask.target.redactor.line
    senders = {answer.exchange.requirement for answer in failure.answers}
    exchanges = list({answer.exchange.number: answer.exchange for answer in failure.answers}.values())
    secrets = Secrets(ask.target.credentials, ask.target.app_token, ask.target.redactor)
    return Finding(
        id=name,
        message=cut(redact(failure.message)),
        expected=cut(redact(failure.expected)),
        actual=cut(redact(failure.actual)),
        exchanges=tuple(exchange.number for exchange in exchanges),
        curl=curl(exchanges, secrets) if exchanges else "",
        together=any(exchange.batch is not None for exchange in exchanges),
        asked_by=tuple(sorted(senders - {"", ask.trial.id})),
        level=level,
    )


def _result(
    requirement: Requirement,
    ask: Ask,
    trial: Trial,
    place: Place,
    status: Status,
    reason: str,
    findings: tuple[Finding, ...] = (),
    seconds: float = 0.0,
) -> RequirementResult:
    return RequirementResult(
        id=requirement.id,
        operation=ask.operation.id,
        level=requirement.level,
        title=requirement.title,
        chapter=requirement.chapter,
        source=place,
        status=status,
        reason=cut(ask.target.redactor.line(reason)),
        exchanges=len(trial.numbers),
        checks=trial.checks,
        seconds=seconds,
        findings=findings,
    )
