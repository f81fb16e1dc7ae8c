"""Requirements that judge every exchange of the run, whichever requirement sent it."""

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
"""Findings of one requirement at most."""


def check_all_exchanges(requirement: Requirement, ask: Probe) -> list[Confirmed]:
    """Judge each answer and confirm the worst failure of each kind; gives what was seen, the stable ones first."""
    trial = ask.trial
    trial.begin("")
    ask.baseline()
    worst: dict[tuple[str, str], RequirementFailed] = {}
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
            # Failures of the server in different places have causes of their own, and are one finding each.
            key = (failure.message, "" if answer.is_success else answer.exchange.requirement)
            if key not in worst or _size(failure.answers[-1]) < _size(worst[key].answers[-1]):
                worst[key] = failure
        if trial.checks > checks:
            trial.numbers.add(answer.exchange.number)
    broken = sorted(worst.values(), key=lambda failure: _size(failure.answers[-1]))[:MAX_FINDINGS]
    if requirement.level is Level.MAY:
        return [Confirmed(each) for each in broken]
    confirmed = [confirm_seen(ask, each, partial(_find_failure, requirement, ask)) for each in broken]
    # Those that were seen again come first: one that was not must not hide them.
    return sorted(confirmed, key=lambda each: not each.is_stable)


def _find_failure(requirement: Requirement, ask: Probe, answer: Answer) -> RequirementFailed | None:
    """How the requirement breaks for one more answer, if it does; it leaves no trace in the score."""
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
    # One that was sent alone can be sent again alone.
    return answer.exchange.batch is not None, len(answer.exchange.request.body) + (
        answer.response.body_size if answer.response else 0
    )
