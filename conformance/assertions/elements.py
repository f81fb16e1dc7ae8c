"""Judgements that several chapters share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import answers_null, elements_of, identities, is_equal, one_is_all_zeros, pairs
from conformance.comparison.outcomes import AnswerTooLarge, Inconclusive, NotApplicable, RequirementFailed
from conformance.comparison.target_facts import MAX_KEPT_ELEMENTS
from conformance.engine.live_data import discover_volatile_properties
from conformance.engine.probe import Probe

_DISTINCTIVE = 6
_MIN_DISTINCTIVE = 3
_LARGE = 1000
_DISTINCTIVE_TEXTS = 100
"""An answer that shows the data shows some of these."""


def require_request_body(ask: Probe) -> None:
    """NotApplicable where the operation has no body to speak of."""
    if ask.contract.request is None:
        raise NotApplicable("the operation has no request body")


def require_data(ask: Probe) -> None:
    """Raise Undecided where the target showed no element: an empty list proves nothing."""
    if not ask.facts.rows:
        if ask.facts.unread:
            raise AnswerTooLarge(ask.facts.unread)
        raise Inconclusive("the target showed no data to judge by")


def check_same_elements(
    ask: Probe, baseline: Answer, other: Answer, what: str, *, without: Iterable[str] = (), order: bool = True
) -> None:
    """Check that two answers hold the same elements: which, in what order, and with what values.

    ``without`` names properties that may differ; volatile ones always may.
    """
    require_data(ask)
    ask.require_success(baseline)
    ask.expect_success(other, what, beside=[baseline])
    same_membership(ask, baseline, other, what, order=order)
    same_values(ask, baseline, other, what, without=without)


def expect_same_elements(ask: Probe, what: str, *, order: bool = True) -> Callable[[Answer, Answer], None]:
    """``check_same_elements`` as a judgement for ``Probe.relate``."""
    return lambda baseline, other: check_same_elements(ask, baseline, other, what, order=order)


def of_known_values(ask: Probe, what: str, judge: Callable[[Answer, Answer], None]) -> Callable[[Answer, Answer], None]:
    """A judgement of a header value that the target may not know: null instead of a list shows that it does not.

    Nothing is decided then, but that the value is not known; other values can still decide the requirement.
    """

    def judged(baseline: Answer, other: Answer) -> None:
        if answers_null(other) and not answers_null(baseline):
            ask.trial.undecided.append(f"{what} is answered with null, as a value that the target does not know")
        else:
            judge(baseline, other)

    return judged


def as_alone(ask: Probe, change: dict[str, Any], answer: Answer, what: str, *, together: Sequence[Answer]) -> None:
    """Check that an answer among parallel ones, ``together``, is what the same request gives alone, before or after.

    Raises Undecided where the target's data moves by itself meanwhile.
    """
    before = ask("alone", **change)
    try:
        check_same_elements(ask, before, answer, what)
    except RequirementFailed:
        after = ask("alone", bypass_cache=True, **change)
        discover_volatile_properties(ask, **change)
        old, new = (identities(elements_of(each, ask.facts), ask.facts) for each in (before, after))
        if ask.facts.live or old != new:
            raise Inconclusive("the data moves by itself, so answers at different times cannot be compared") from None
        try:
            check_same_elements(ask, after, answer, what)
        except RequirementFailed as broken:
            raise broken.with_answers_before_last([each for each in together if each is not answer]) from None


def same_membership(ask: Probe, baseline: Answer, other: Answer, what: str, *, order: bool = True) -> None:
    """Check that two answers hold as many elements, and where they can be told apart the same ones in order."""
    mine, theirs = elements_of(baseline, ask.facts), elements_of(other, ask.facts)
    ask.check(
        len(mine) == len(theirs),
        f"{what} changes how many elements come back",
        expected=f"{len(mine)} elements",
        actual=f"{len(theirs)} elements",
        of=[baseline, other],
    )
    ours, others = identities(mine, ask.facts), identities(theirs, ask.facts)
    if ours is None or others is None or one_is_all_zeros(ours, others):
        return
    ask.check(
        sorted(ours) == sorted(others),
        f"{what} changes which elements come back",
        expected=f"{ask.facts.identity} {', '.join(ours)}",
        actual=f"{ask.facts.identity} {', '.join(others)}",
        of=[baseline, other],
    )
    if order and ask.facts.ordered:
        ask.check(
            ours == others,
            f"{what} changes the order of the elements",
            expected=f"{ask.facts.identity} {', '.join(ours)}",
            actual=f"{ask.facts.identity} {', '.join(others)}",
            of=[baseline, other],
        )


def same_values(ask: Probe, baseline: Answer, other: Answer, what: str, *, without: Iterable[str] = ()) -> None:
    """Check that each element has the same values in both answers."""
    skip = set(without) | ask.facts.volatile
    for before, after in pairs(baseline, other, ask.facts):
        for name in {**before, **after}:
            if name not in skip:
                ask.check(
                    is_equal(before.get(name), after.get(name)),
                    f"{what} changes {name}",
                    expected=before.get(name),
                    actual=after.get(name),
                    of=[baseline, other],
                )


def holds_data(ask: Probe, answer: Answer) -> str | None:
    """A text of the target's data that the answer shows, or None."""
    seen = ask.facts.rows
    for row in (answer.elements or [])[:MAX_KEPT_ELEMENTS]:
        facts = [name for name in ask.contract.properties if row.get(name) is not None]
        # One name or two are no sign: an error's object may have a member of that name (Message, Status).
        tells = any(map(_is_distinctive, (row[name] for name in facts)))
        if len(facts) >= _MIN_DISTINCTIVE or (
            tells and any(all(is_equal(row[n], each.get(n)) for n in facts) for each in seen)
        ):
            return f"an element with {', '.join(facts[:_MIN_DISTINCTIVE])}"
    sent = answer.exchange.request.body.decode(errors="replace")
    text = answer.text
    for value, name in _distinctive(ask).items():
        if value in text and value not in sent:
            return f"{name} {value!r}"
    return None


def _distinctive(ask: Probe) -> dict[str, str]:
    """Texts of the target's data that no other text holds by chance, and the property of each; the first hundred."""
    texts: dict[str, str] = {}
    for row in ask.facts.rows:
        for name in ask.contract.properties:
            value = row.get(name)
            if isinstance(value, str) and len(value) >= _DISTINCTIVE and " " in value:
                texts.setdefault(value, name)
        if len(texts) >= _DISTINCTIVE_TEXTS:
            break
    return texts


def _is_distinctive(value: Any) -> bool:
    """Whether the value itself shows where it is from: not a flag, a small number or a short text."""
    if isinstance(value, bool | float | int):
        return abs(value) >= _LARGE
    return len(value) >= _DISTINCTIVE if isinstance(value, str) else bool(value)


def _has_any_data(ask: Probe) -> bool:
    """Whether a request without credentials is accepted that carries something by which the target may know us."""
    if not ask.target.may_know_us:
        return False
    return ask("refused", intent=Intent.REFUSAL, control=ask.baseline(), credential=None).is_success


def refused(ask: Probe, answer: Answer, what: str, *, statuses: Iterable[int], control: Answer) -> None:
    """Check that a request was refused with one of ``statuses``; another 4xx is a warning. ``control`` was accepted.

    Raises Undecided where the control was not accepted: then the refusal shows nothing; and where the target may have
    known the sender by what every request carries.
    """
    ask.require_success(control)
    if answer.is_success and answer.intent.must_be_refused and _has_any_data(ask):
        raise Inconclusive(
            "a request without credentials is accepted too: the certificate, header or cookie that goes with every "
            "request may be the credential (if it is not: transport_authenticates = false in conformance.toml)"
        )
    allowed = sorted(set(statuses))
    expected = " or ".join(map(str, allowed))
    if answer.response is None or answer.status >= 500:
        raise RequirementFailed(
            f"{what} is not refused but answered with {answer.outcome}",
            expected=expected,
            actual=answer.outcome,
            answers=[control, answer],
        )
    ask.check(answer.refused, f"{what} is not refused", expected=expected, actual=answer.outcome, of=[control, answer])
    ask.warn_unless(
        answer.status in allowed,
        f"{what} is refused with {answer.status}",
        expected=expected,
        actual=answer.outcome,
        of=[control, answer],
    )
