"""Every failure is confirmed before it is reported.

The attempt is repeated: the requests that are part of the failure are sent again, with their control, and all other
requests are answered from memory. Requests that were sent in parallel, or directly after another one, are sent again
in the same way. A failure that is seen in each repetition is reported; otherwise it is unstable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive, RequirementFailed
from conformance.engine.probe import Probe

Attempt = Callable[[], None]
"""Calls the requirement's function once, with the drawn values. Raises RequirementFailed or Inconclusive."""

_OTHERS = 3
"""How many other failures are confirmed in turn if the first one is not seen again."""
WARNINGS = 1
"""How often a warning of a requirement that otherwise holds is sent again."""


class Confirmed(msgspec.Struct, frozen=True):
    """A failure, how often its attempt was repeated, and in how many repetitions it was seen again."""

    failure: RequirementFailed
    repetitions: int = 0
    reproduced: int = 0

    @property
    def is_stable(self) -> bool:
        """Whether every repetition showed it."""
        return self.reproduced == self.repetitions


def confirm(ask: Probe, failure: RequirementFailed, attempt: Attempt) -> Confirmed:
    """Repeat ``attempt`` with the requests of ``failure``. If another failure is seen instead, confirm that one.

    Raises RestartRequirement, TargetStopped or another stop, and Inconclusive if a control is not accepted any more.
    """
    confirmed = Confirmed(failure)
    for _ in range(_OTHERS):
        confirmed, other = _repeat(ask, confirmed.failure, attempt)
        if confirmed.is_stable or other is None:
            break
        confirmed = Confirmed(other)
    return confirmed


def _repeat(ask: Probe, failure: RequirementFailed, attempt: Attempt) -> tuple[Confirmed, RequirementFailed | None]:
    reproduced, other = 0, None
    for _ in range(ask.confirm):
        again, _ = _once(ask, failure.answers, attempt)
        if again is None:
            continue
        if _blamed(again) == _blamed(failure):
            reproduced += 1
        else:
            other = again
    return Confirmed(failure, ask.confirm, reproduced), other


def _once(
    ask: Probe, answers: Sequence[Answer], attempt: Attempt
) -> tuple[RequirementFailed | None, list[RequirementFailed]]:
    """One repetition: its failure, if any, and its warnings."""
    whole = ask.trial
    repetition = ask.trial = whole.repetition(answers)
    try:
        attempt()
    except RequirementFailed as again:
        return again, repetition.warnings
    except Inconclusive:
        return None, repetition.warnings
    finally:
        ask.trial = whole
    return None, repetition.warnings


def _blamed(failure: RequirementFailed) -> object:
    return failure.answers[-1].request if failure.answers else failure.message


def confirm_warnings(ask: Probe, attempt: Attempt) -> list[RequirementFailed]:
    """Confirm the warnings of a trial, one of each kind; return those that were not seen again.

    The trial keeps the others. A warning is seen again if the same request is blamed; its text may differ, because the
    elements that it names may be in another order.
    """
    found = {warning.message: warning for warning in reversed(ask.trial.warnings)}
    if not found or not ask.confirm:
        return []
    answers = [answer for warning in found.values() for answer in warning.answers]
    seen: list[object] = []
    for _ in range(min(WARNINGS, ask.confirm)):
        _, warnings = _once(ask, answers, attempt)
        seen += [_blamed(warning) for warning in warnings]
    gone = {message: warning for message, warning in found.items() if _blamed(warning) not in seen}
    ask.trial.warnings = [warning for warning in ask.trial.warnings if warning.message not in gone]
    return list(gone.values())


def confirm_seen(
    ask: Probe, failure: RequirementFailed, judge: Callable[[Answer], RequirementFailed | None]
) -> Confirmed:
    """Confirm a failure in an exchange that any requirement may have sent.

    Its request is sent again alone. If that does not show the failure, it is sent directly after the request that
    preceded it. The requests of a parallel batch are sent in parallel again.
    """
    if not ask.confirm:
        return Confirmed(failure)
    blamed = failure.answers[-1]
    alone = [each for each in ask.answers if _is_part_of(each, blamed)] or [blamed]
    sequences = [alone]
    before = next((a for a in ask.answers if a.exchange.number == blamed.exchange.number - 1), None)
    if len(alone) == 1 and not blamed.is_read_to_end and before is not None and not before.is_read_to_end:
        sequences.append([before, *alone])
    best = Confirmed(failure, ask.confirm, 0)
    for sequence in sequences:
        shown = [_once_more(ask, sequence, len(alone), judge) for _ in range(ask.confirm)]
        seen = [again for again in shown if again is not None]
        if len(seen) > best.reproduced:
            best = Confirmed(failure if len(sequence) == 1 else seen[-1], ask.confirm, len(seen))
        if best.is_stable:
            break
    return best


def _once_more(
    ask: Probe, sequence: Sequence[Answer], judged: int, judge: Callable[[Answer], RequirementFailed | None]
) -> RequirementFailed | None:
    """Send a sequence again and judge its last ``judged`` answers; a failure includes the whole sequence."""
    came = ask.again(sequence)
    again = next((failure for failure in map(judge, came[-judged:]) if failure is not None), None)
    if again is None:
        return None
    return again.with_answers_before_last([each for each in came if each is not again.answers[-1]])


def _is_part_of(answer: Answer, blamed: Answer) -> bool:
    batch = blamed.exchange.batch
    return batch is not None and answer.exchange.batch == batch
