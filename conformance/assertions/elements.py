"""Judgements that several chapters share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import answers_null, identities, pairs, rows_of, same, zeroed
from conformance.comparison.outcomes import Broken, NotApplicable, TooLarge, Undecided
from conformance.comparison.target_facts import KEPT_ROWS
from conformance.engine.live_data import learn_by_itself
from conformance.engine.probe import Ask

_DISTINCTIVE = 6
_TELLING = 3
_LARGE = 1000
_DISTINCTIVE_TEXTS = 100
"""An answer that shows the data shows some of these."""


def need_request_body(ask: Ask) -> None:
    """NotApplicable where the operation has no body to speak of."""
    if ask.contract.request is None:
        raise NotApplicable("the operation has no request body")


def need_data(ask: Ask) -> None:
    """Raise Undecided where the target showed no element: an empty list proves nothing."""
    if not ask.known.rows:
        if ask.known.unread:
            raise TooLarge(ask.known.unread)
        raise Undecided("the target showed no data to judge by")


def same_elements(
    ask: Ask, plain: Answer, other: Answer, what: str, *, without: Iterable[str] = (), order: bool = True
) -> None:
    """Check that two answers hold the same elements: which, in what order, and with what values.

    ``without`` names properties that may differ; volatile ones always may.
    """
    need_data(ask)
    ask.need(plain)
    ask.served(other, what, beside=[plain])
    same_membership(ask, plain, other, what, order=order)
    same_values(ask, plain, other, what, without=without)


def alike(ask: Ask, what: str, *, order: bool = True) -> Callable[[Answer, Answer], None]:
    """``same_elements`` as a judgement for ``Ask.relate``."""
    return lambda plain, other: same_elements(ask, plain, other, what, order=order)


def of_known_values(ask: Ask, what: str, judge: Callable[[Answer, Answer], None]) -> Callable[[Answer, Answer], None]:
    """A judgement of a header value that the target may not know: null instead of a list shows that it does not.

    Nothing is decided then, but that the value is not known; other values can still decide the requirement.
    """

    def judged(plain: Answer, other: Answer) -> None:
        if answers_null(other) and not answers_null(plain):
            ask.trial.undecided.append(f"{what} is answered with null, as a value that the target does not know")
        else:
            judge(plain, other)

    return judged


def as_alone(ask: Ask, change: dict[str, Any], answer: Answer, what: str, *, together: Sequence[Answer]) -> None:
    """Check that an answer among parallel ones, ``together``, is what the same request gives alone, before or after.

    Raises Undecided where the target's data moves by itself meanwhile.
    """
    before = ask("alone", **change)
    try:
        same_elements(ask, before, answer, what)
    except Broken:
        after = ask("alone", fresh=True, **change)
        learn_by_itself(ask, **change)
        old, new = (identities(rows_of(each, ask.known), ask.known) for each in (before, after))
        if ask.known.live or old != new:
            raise Undecided("the data moves by itself, so answers at different times cannot be compared") from None
        try:
            same_elements(ask, after, answer, what)
        except Broken as broken:
            raise broken.with_answers_before_last([each for each in together if each is not answer]) from None


def same_membership(ask: Ask, plain: Answer, other: Answer, what: str, *, order: bool = True) -> None:
    """Check that two answers hold as many elements, and where they can be told apart the same ones in order."""
    mine, theirs = rows_of(plain, ask.known), rows_of(other, ask.known)
    ask.check(
        len(mine) == len(theirs),
        f"{what} changes how many elements come back",
        expected=f"{len(mine)} elements",
        actual=f"{len(theirs)} elements",
        of=[plain, other],
    )
    ours, others = identities(mine, ask.known), identities(theirs, ask.known)
    if ours is None or others is None or zeroed(ours, others):
        return
    ask.check(
        sorted(ours) == sorted(others),
        f"{what} changes which elements come back",
        expected=f"{ask.known.identity} {', '.join(ours)}",
        actual=f"{ask.known.identity} {', '.join(others)}",
        of=[plain, other],
    )
    if order and ask.known.ordered:
        ask.check(
            ours == others,
            f"{what} changes the order of the elements",
            expected=f"{ask.known.identity} {', '.join(ours)}",
            actual=f"{ask.known.identity} {', '.join(others)}",
            of=[plain, other],
        )


def same_values(ask: Ask, plain: Answer, other: Answer, what: str, *, without: Iterable[str] = ()) -> None:
    """Check that each element has the same values in both answers."""
    skip = set(without) | ask.known.volatile
    for before, after in pairs(plain, other, ask.known):
        for name in {**before, **after}:
            if name not in skip:
                ask.check(
                    same(before.get(name), after.get(name)),
                    f"{what} changes {name}",
                    expected=before.get(name),
                    actual=after.get(name),
                    of=[plain, other],
                )


def holds_data(ask: Ask, answer: Answer) -> str | None:
    """A text of the target's data that the answer shows, or None."""
    seen = ask.known.rows
    for row in (answer.elements or [])[:KEPT_ROWS]:
        known = [name for name in ask.contract.properties if row.get(name) is not None]
        # One name or two are no sign: an error's object may have a member of that name (Message, Status).
        tells = any(map(_is_distinctive, (row[name] for name in known)))
        if len(known) >= _TELLING or (tells and any(all(same(row[n], each.get(n)) for n in known) for each in seen)):
            return f"an element with {', '.join(known[:_TELLING])}"
    sent = answer.exchange.request.body.decode(errors="replace")
    text = answer.text
    for value, name in _distinctive(ask).items():
        if value in text and value not in sent:
            return f"{name} {value!r}"
    return None


def _distinctive(ask: Ask) -> dict[str, str]:
    """Texts of the target's data that no other text holds by chance, and the property of each; the first hundred."""
    texts: dict[str, str] = {}
    for row in ask.known.rows:
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


def _knows_anybody(ask: Ask) -> bool:
    """Whether a request without credentials is accepted that carries something by which the target may know us."""
    if not ask.target.may_know_us:
        return False
    return ask("refused", intent=Intent.REFUSAL, control=ask.plain(), credential=None).accepted


def refused(ask: Ask, answer: Answer, what: str, *, statuses: Iterable[int], control: Answer) -> None:
    """Check that a request was refused with one of ``statuses``; another 4xx is a warning. ``control`` was accepted.

    Raises Undecided where the control was not accepted: then the refusal shows nothing; and where the target may have
    known the sender by what every request carries.
    """
    ask.need(control)
    if answer.accepted and answer.intent.must_be_refused and _knows_anybody(ask):
        raise Undecided(
            "a request without credentials is accepted too: the certificate, header or cookie that goes with every "
            "request may be the credential (if it is not: transport_authenticates = false in conformance.toml)"
        )
    allowed = sorted(set(statuses))
    expected = " or ".join(map(str, allowed))
    if answer.response is None or answer.status >= 500:
        raise Broken(
            f"{what} is not refused but answered with {answer.outcome}",
            expected=expected,
            actual=answer.outcome,
            answers=[control, answer],
        )
    ask.check(answer.refused, f"{what} is not refused", expected=expected, actual=answer.outcome, of=[control, answer])
    ask.prefer(
        answer.status in allowed,
        f"{what} is refused with {answer.status}",
        expected=expected,
        actual=answer.outcome,
        of=[control, answer],
    )
