"""Tries one requirement on one operation: draws, runs, shrinks, and says what became of it.

Hypothesis searches and shrinks; this module turns what a trial raised into a status. Nothing counts as passed
without a check that was made.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, Verbosity, given, reject, seed, settings
from hypothesis.errors import FlakyFailure, HypothesisException, Unsatisfiable

from conformance.suite.answer import Answer
from conformance.suite.ask import Ask, ShrinkBudgetUsedUp
from conformance.suite.confirmation import WARNINGS, Confirmed, confirm, confirm_seen, confirm_warnings
from conformance.suite.curl import curl
from conformance.suite.outcome import Broken, NotApplicable, StartAgain, Undecided, cut
from conformance.suite.requirement import Requirement
from conformance.suite.result import Finding, Level, Place, RequirementResult, Status
from conformance.suite.shell_secrets import Secrets
from conformance.suite.trial import Trial
from conformance.target.limits import AskedToWait, BudgetUsedUp, TargetStopped

STOPS = (BudgetUsedUp, AskedToWait, TargetStopped)
"""What ends a run: nothing more is sent, and what was being tried is not decided."""
MAX_FINDINGS = 4
"""Findings of one requirement that judges every exchange, at most."""
MAX_SHRINKS = 200
"""Draws to make a failure smaller, at most: Hypothesis would go on for minutes, although it may send no more."""
_STARTS = 3


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
    clock = time.perf_counter()
    for _ in range(_STARTS):
        trial = ask.trial = Trial(requirement.id)
        ask.controls.begin()
        try:
            ended = _tried(requirement, ask)
            break
        except StartAgain:
            ended = _Outcome(Status.INCONCLUSIVE, "the credentials lapsed again and again while it was tried")
    seconds = round(time.perf_counter() - clock, 4)
    return _result(
        requirement, ask, trial, place, ended.status, ended.reason, ended.findings, seconds, unstable=ended.unstable
    )


class _Outcome(msgspec.Struct, frozen=True):
    status: Status
    reason: str
    findings: tuple[Finding, ...] = ()
    unstable: bool = False


def _tried(requirement: Requirement, ask: Ask) -> _Outcome:
    """Try it once from its beginning; raises StartAgain where what was sent last proves nothing."""
    trial = ask.trial
    confirmed: list[Confirmed] = []
    status, reason = Status.PASSED, ""
    try:
        confirmed = _try(requirement, ask)
        ask.controls.verify()
    except _Ended as ended:
        status, reason = ended.status, ended.reason
    except Undecided as error:
        status, reason = Status.INCONCLUSIVE, str(error)
    except STOPS as stop:
        confirmed, status, reason = [], Status.INCONCLUSIVE, str(stop)
        trial.warnings = []
    except StartAgain:
        raise
    except Exception as error:
        # A trial that cannot cope with an answer decides nothing; what was measured elsewhere must not be lost.
        if os.environ.get("CONFORMANCE_DEBUG"):
            raise
        status, reason = (Status.INCONCLUSIVE, f"the suite could not judge what came ({type(error).__name__}: {error})")
    unstable = [each for each in confirmed if not each.is_stable]
    stable = [each for each in confirmed if each.is_stable]
    broken = stable[0] if stable else None
    status, reason = _status(requirement, trial, broken.failure if broken else None, status, reason)
    is_unstable = bool(unstable) and status not in (Status.FAILED, Status.WARNING, Status.OBSERVED)
    if is_unstable:
        status, reason = Status.INCONCLUSIVE, _unstable(unstable[0])
    findings = _findings(requirement, trial, stable if not is_unstable else unstable, ask)
    return _Outcome(status, reason, findings, is_unstable)


def _unstable(seen: Confirmed) -> str:
    return f"unstable: {seen.failure.message} (seen again in {seen.reproduced} of {seen.repetitions} repetitions)"


def _try(requirement: Requirement, ask: Ask) -> list[Confirmed]:
    """Try a requirement and confirm what fails; gives what was seen, the worst first."""
    if requirement.passive:
        return _judge_all(requirement, ask)
    attempt = _search(requirement, ask) if requirement.draws else _simple(requirement, ask)
    if attempt.failure is not None and requirement.level is Level.MAY:
        return [Confirmed(attempt.failure)]
    if attempt.failure is not None:
        return [confirm(ask, attempt.failure, attempt.again)]
    gone = confirm_warnings(ask, attempt.again)
    return [Confirmed(warning, WARNINGS, 0) for warning in gone]


class _Attempt(msgspec.Struct, frozen=True):
    """How the search ended: the smallest failure, if any, and how to make its attempt again."""

    again: Callable[[], None]
    failure: Broken | None = None


def _simple(requirement: Requirement, ask: Ask) -> _Attempt:
    def again() -> None:
        ask.trial.begin("")
        requirement.body(ask)

    try:
        ask.trial.begin("")
        _guard(requirement.body, ask)
    except Broken as failure:
        return _Attempt(again, failure)
    return _Attempt(again)


def _guard(body: Callable[..., None], ask: Ask, /, **draws: Any) -> None:
    """Run a body once; NotApplicable ends the requirement, Undecided only this trial."""
    try:
        body(ask, **draws)
    except NotApplicable as error:
        raise _Ended(Status.SKIPPED, str(error)) from None
    except Undecided as error:
        ask.trial.undecided.append(str(error))


def _search(requirement: Requirement, ask: Ask) -> _Attempt:
    trial = ask.trial
    try:
        strategies = {name: draw(ask) for name, draw in requirement.draws.items()}
    except NotApplicable as error:
        raise _Ended(Status.SKIPPED, str(error)) from None
    last: list[Broken] = []
    stopped: list[Exception] = []
    drawn: dict[str, Any] = {}
    left = MAX_SHRINKS

    def once(**draws: Any) -> None:
        nonlocal left
        left -= bool(last)
        if not left:
            raise _SmallEnough
        trial.begin(repr(sorted(draws.items())))
        warnings = len(trial.warnings)
        try:
            _guard(requirement.body, ask, **draws)
        except Broken as failure:
            if not last:
                trial.shrink_budget = ask.profile.shrinks
            last[:] = [failure]
            drawn.clear()
            drawn.update(draws)
            raise
        except ShrinkBudgetUsedUp:
            reject()
        except (*STOPS, StartAgain) as stop:
            stopped.append(stop)
            raise
        if not drawn or len(trial.warnings) > warnings:
            # What warned is what is worth another look.
            drawn.clear()
            drawn.update(draws)

    def again() -> None:
        ask.trial.begin(repr(sorted(drawn.items())))
        requirement.body(ask, **drawn)

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
        pass
    except (Broken, *STOPS, StartAgain, FlakyFailure, Unsatisfiable, HypothesisException):
        # What stops the run stops it only once, which Hypothesis reports as flaky.
        if stopped:
            raise stopped[0] from None
        if not last:
            raise
    finally:
        trial.shrink_budget = None
    return _Attempt(again, last[0] if last else None)


def _judge_all(requirement: Requirement, ask: Ask) -> list[Confirmed]:
    trial = ask.trial
    trial.begin("")
    ask.plain()
    worst: dict[tuple[str, str], Broken] = {}
    for answer in ask.answers:
        if answer.disturbed and not requirement.judges_disturbed:
            continue
        checks = trial.checks
        try:
            _guard(requirement.body, ask, answer=answer)
        except Broken as failure:
            # Failures of the server in different places have causes of their own, and are one finding each.
            key = (failure.message, "" if answer.accepted else answer.exchange.requirement)
            if key not in worst or _size(failure.answers[-1]) < _size(worst[key].answers[-1]):
                worst[key] = failure
        if trial.checks > checks:
            trial.numbers.add(answer.exchange.number)
    broken = sorted(worst.values(), key=lambda failure: _size(failure.answers[-1]))[:MAX_FINDINGS]
    if requirement.level is Level.MAY:
        return [Confirmed(each) for each in broken]
    confirmed = [confirm_seen(ask, each, partial(_breaks, requirement, ask)) for each in broken]
    # Those that were seen again come first: one that was not must not hide them.
    return sorted(confirmed, key=lambda each: not each.is_stable)


def _breaks(requirement: Requirement, ask: Ask, answer: Answer) -> Broken | None:
    """How the requirement breaks for one more answer, if it does; it leaves no trace in the score."""
    whole = ask.trial
    ask.trial = Trial(whole.id)
    try:
        requirement.body(ask, answer=answer)
    except Broken as failure:
        return failure
    except Undecided:
        return None
    finally:
        ask.trial = whole
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


def _findings(requirement: Requirement, trial: Trial, confirmed: Sequence[Confirmed], ask: Ask) -> tuple[Finding, ...]:
    if requirement.level is Level.MAY:
        return ()
    found = [(requirement.level, each) for each in confirmed]
    # Forty warnings of one kind are one finding.
    warnings = {warning.message: warning for warning in reversed(trial.warnings)}
    repetitions = 0 if requirement.passive else min(WARNINGS, ask.confirm)
    found += [(Level.SHOULD, Confirmed(warning, repetitions, repetitions)) for warning in warnings.values()]
    return tuple(
        _finding(f"{requirement.id}-{ask.operation.id}-{index}", each, level, ask)
        for index, (level, each) in enumerate(found, start=1)
    )


def _finding(name: str, confirmed: Confirmed, level: Level, ask: Ask) -> Finding:
    failure = confirmed.failure
    redact = ask.target.redactor.line
    senders = {answer.exchange.requirement for answer in failure.answers}
    answers = list({answer.exchange.number: answer for answer in failure.answers}.values())
    exchanges = [answer.exchange for answer in answers]
    secrets = Secrets(ask.target.credentials, ask.target.app_token, ask.target.redactor)
    return Finding(
        id=name,
        message=cut(redact(failure.message)),
        expected=cut(redact(failure.expected)),
        actual=cut(redact(failure.actual)),
        exchanges=tuple(exchange.number for exchange in exchanges),
        roles=tuple(answer.role for answer in answers),
        repetitions=confirmed.repetitions,
        reproduced=confirmed.reproduced,
        curl=curl(exchanges, secrets, [answer.role for answer in answers]) if exchanges else "",
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
    *,
    unstable: bool = False,
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
        unstable=unstable,
    )
