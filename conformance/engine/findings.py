"""Findings: confirmed failures with the numbers of the exchanges that show them, without secrets."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.core.text import truncate
from conformance.engine.confirmation import WARNINGS, Confirmed
from conformance.engine.probe import Probe
from conformance.engine.requirement import Requirement
from conformance.engine.result import Finding, Level
from conformance.engine.trial import Trial


def findings_of(
    requirement: Requirement, trial: Trial, confirmed: Sequence[Confirmed], ask: Probe
) -> tuple[Finding, ...]:
    """The findings of a trial: the confirmed failures, and the warnings; none for a MAY."""
    if requirement.level is Level.MAY:
        return ()
    found = [(requirement.level, each) for each in confirmed]
    # Forty warnings of one kind are one finding.
    warnings = {warning.message: warning for warning in reversed(trial.warnings)}
    repetitions = 0 if requirement.observes_all else min(WARNINGS, ask.confirm)
    found += [(Level.SHOULD, Confirmed(warning, repetitions, repetitions)) for warning in warnings.values()]
    return tuple(
        _finding(f"{requirement.id}-{ask.operation.id}-{index}", each, level, ask)
        for index, (level, each) in enumerate(found, start=1)
    )


def _finding(name: str, confirmed: Confirmed, level: Level, ask: Probe) -> Finding:
    failure = confirmed.failure
    redact = ask.target.redactor.line
    senders = {answer.exchange.requirement for answer in failure.answers}
    answers = list({answer.exchange.number: answer for answer in failure.answers}.values())
    exchanges = [answer.exchange for answer in answers]
    together = any(exchange.batch is not None for exchange in exchanges)
    return Finding(
        id=name,
        message=truncate(redact(failure.message)),
        expected=truncate(redact(failure.expected)),
        actual=truncate(redact(failure.actual)),
        exchanges=tuple(exchange.number for exchange in exchanges),
        roles=tuple(answer.purpose for answer in answers),
        repetitions=confirmed.repetitions,
        reproduced=confirmed.reproduced,
        sequence=failure.is_sequence and not together,
        together=together,
        asked_by=tuple(sorted(senders - {"", ask.trial.id})),
        instances=tuple(dict.fromkeys(filter(None, map(ask.target.instance, exchanges)))),
        level=level,
    )
