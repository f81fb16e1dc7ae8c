"""Tries one requirement on one operation and makes its result.

Hypothesis searches and shrinks; this module turns the outcome of a trial into a status. A requirement passes only if
it made at least one check.
"""

from __future__ import annotations

import os
import time

import msgspec

from conformance.comparison.outcomes import Inconclusive, RequirementFailed, RestartRequirement
from conformance.core.text import truncate
from conformance.engine.attempts import STOPS, Ended, search, simple
from conformance.engine.confirmation import WARNINGS, Confirmed, confirm, confirm_warnings
from conformance.engine.findings import findings_of
from conformance.engine.probe import Probe
from conformance.engine.requirement import Requirement
from conformance.engine.result import Finding, Level, Place, RequirementResult, Status
from conformance.engine.run_wide import check_all_exchanges
from conformance.engine.trial import Trial

_MAX_STARTS = 3


def run_trial(requirement: Requirement, ask: Probe) -> RequirementResult:
    """Try ``requirement`` with ``ask``. Raises only exceptions that are not Exception, such as KeyboardInterrupt."""
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
    for _ in range(_MAX_STARTS):
        trial = ask.trial = Trial(requirement.id)
        ask.controls.begin()
        try:
            ended = _try_once(requirement, ask)
            break
        except RestartRequirement:
            ended = _Outcome(Status.INCONCLUSIVE, f"the credentials expired in each of {_MAX_STARTS} attempts")
    seconds = round(time.perf_counter() - clock, 4)
    return _result(
        requirement, ask, trial, place, ended.status, ended.reason, ended.findings, seconds, unstable=ended.unstable
    )


def not_tried(requirement: Requirement, ask: Probe, why: str) -> RequirementResult:
    """The result of a requirement that was not tried; ``why`` is its reason."""
    place = requirement.source.locate(ask.operation) or Place(page="", section=requirement.source.section)
    return _result(requirement, ask, Trial(requirement.id), place, Status.INCONCLUSIVE, why)


class _Outcome(msgspec.Struct, frozen=True):
    status: Status
    reason: str
    findings: tuple[Finding, ...] = ()
    unstable: bool = False


def _try_once(requirement: Requirement, ask: Probe) -> _Outcome:
    """Try it once from its beginning. Raises RestartRequirement if the last answers are not evidence."""
    trial = ask.trial
    confirmed: list[Confirmed] = []
    status, reason = Status.PASSED, ""
    try:
        if requirement.installation not in ("", ask.target.installation):
            kind = "online" if ask.target.installation == "online" else "on-site"
            raise Ended(Status.SKIPPED, str(ask.not_given(f"the installation is {kind}", "--installation")))
        confirmed = _confirmed_failures(requirement, ask)
        ask.controls.verify()
    except Ended as ended:
        status, reason = ended.status, ended.reason
    except Inconclusive as error:
        status, reason = Status.INCONCLUSIVE, str(error)
    except STOPS as stop:
        confirmed, status, reason = [], Status.INCONCLUSIVE, str(stop)
        trial.warnings = []
    except RestartRequirement:
        raise
    except Exception as error:
        # An answer that the requirement cannot process makes it inconclusive; the other results must not be lost.
        if os.environ.get("CONFORMANCE_DEBUG"):
            raise
        status, reason = Status.INCONCLUSIVE, f"the suite could not judge the answer ({type(error).__name__}: {error})"
    unstable = [each for each in confirmed if not each.is_stable]
    stable = [each for each in confirmed if each.is_stable]
    status, reason = _status(requirement, trial, stable[0].failure if stable else None, status, reason)
    is_unstable = bool(unstable) and status not in (Status.FAILED, Status.WARNING, Status.OBSERVED)
    if is_unstable:
        status, reason = Status.INCONCLUSIVE, _unstable(unstable[0])
    findings = findings_of(requirement, trial, stable if not is_unstable else unstable, ask)
    return _Outcome(status, reason, findings, is_unstable)


def _unstable(seen: Confirmed) -> str:
    return f"unstable: {seen.failure.message} (seen again in {seen.reproduced} of {seen.repetitions} repetitions)"


def _confirmed_failures(requirement: Requirement, ask: Probe) -> list[Confirmed]:
    """Try a requirement and confirm its failure or its warnings.

    Returns the failures, stable ones first, and the warnings that were not seen again. Raises Ended, Inconclusive,
    RestartRequirement, or one of STOPS.
    """
    if requirement.observes_all:
        return check_all_exchanges(requirement, ask)
    attempt = search(requirement, ask) if requirement.draws else simple(requirement, ask)
    if attempt.failure is not None and requirement.level is Level.MAY:
        return [Confirmed(attempt.failure)]
    if attempt.failure is not None:
        return [confirm(ask, attempt.failure, attempt.again)]
    not_reproduced = confirm_warnings(ask, attempt.again)
    return [Confirmed(warning, WARNINGS, 0) for warning in not_reproduced]


def _status(
    requirement: Requirement, trial: Trial, failure: RequirementFailed | None, status: Status, reason: str
) -> tuple[Status, str]:
    if failure is not None and requirement.level is Level.MAY:
        return Status.OBSERVED, failure.message
    if failure is not None:
        return (Status.FAILED if requirement.level is Level.MUST else Status.WARNING), failure.message
    if status is not Status.PASSED:
        return status, reason
    if trial.inconclusive_parts:
        return Status.INCONCLUSIVE, "; ".join(dict.fromkeys(trial.inconclusive_parts))
    if not trial.checks:
        missing = "; ".join(dict.fromkeys(trial.inconclusive)) or "the target's data has nothing to compare"
        return Status.INCONCLUSIVE, missing
    if requirement.level is Level.MAY:
        return Status.OBSERVED, "; ".join(dict.fromkeys(trial.observations))
    if trial.warnings:
        return Status.WARNING, trial.warnings[0].message
    return Status.PASSED, "; ".join(dict.fromkeys(trial.observations))


def _result(
    requirement: Requirement,
    ask: Probe,
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
        reason=truncate(ask.target.redactor.line(reason)),
        exchanges=len(trial.numbers),
        checks=trial.checks,
        seconds=seconds,
        findings=findings,
        unstable=unstable,
    )
