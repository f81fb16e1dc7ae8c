"""Run-wide checks: requirements that judge every exchange of the run, also those of other requirements."""

from __future__ import annotations

from functools import partial

from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive, RequirementFailed
from conformance.engine.attempts import guard
from conformance.engine.confirmation import Confirmed, confirm_seen
from conformance.engine.probe import Probe
from conformance.engine.requirement import Requirement
from conformance.engine.result import Level
from conformance.engine.trial import Trial

MAX_FINDINGS = 4
"""The maximum number of findings of one requirement."""


def check_all_exchanges(requirement: Requirement, ask: Probe) -> list[Confirmed]:
    """Judge each answer, and confirm the smallest failure of each kind; return them, the stable ones first."""
    trial = ask.trial
    trial.begin()
    ask.baseline()
    smallest: dict[tuple[str, str], RequirementFailed] = {}
    for answer in ask.answers:
        if answer.disturbed and not requirement.judges_disturbed:
            continue
        if answer.too_large:
            trial.inconclusive_parts.append(answer.too_large)
            continue
        checks = trial.checks
        try:
            guard(requirement.body, ask, answer=answer)
        except RequirementFailed as failure:
            # Errors that the server answers to different requirements have different causes: one finding for each.
            key = (failure.message, "" if answer.is_success else answer.exchange.requirement)
            if key not in smallest or _size(failure.answers[-1]) < _size(smallest[key].answers[-1]):
                smallest[key] = failure
        if trial.checks > checks:
            trial.use(answer.exchange.number, answer.purpose, answer.intent)
    failures = sorted(smallest.values(), key=lambda failure: _size(failure.answers[-1]))[:MAX_FINDINGS]
    if requirement.level is Level.MAY:
        return [Confirmed(each) for each in failures]
    confirmed = [confirm_seen(ask, each, partial(_find_failure, requirement, ask)) for each in failures]
    # An unstable failure must not hide a stable one.
    return sorted(confirmed, key=lambda each: not each.is_stable)


def _find_failure(requirement: Requirement, ask: Probe, answer: Answer) -> RequirementFailed | None:
    """The failure of the requirement for one more answer, or None; the trial's score is not changed."""
    if answer.too_large:
        return None
    whole = ask.trial
    ask.trial = Trial(whole.id)
    try:
        requirement.body(ask, answer=answer)
    except RequirementFailed as failure:
        return failure
    except Inconclusive:
        return None
    finally:
        ask.trial = whole
    return None


def _size(answer: Answer) -> tuple[bool, int]:
    # A request that was not sent in parallel is smaller, because it can be sent again alone.
    return answer.exchange.batch is not None, answer.exchange.request.body_size + (
        answer.response.body_size if answer.response else 0
    )
