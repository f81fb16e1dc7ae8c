"""Assertions on two answers: they hold the same elements with the same values.

``expect_...`` checks two answers; ``same_elements`` and the functions like it return a judgement for ``Probe.relate``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from conformance.assertions.data import require_data
from conformance.assertions.responses import expect_success
from conformance.comparison.answer import Answer
from conformance.comparison.elements import answers_null, elements_of, identities, one_is_all_zeros, pairs
from conformance.comparison.equality import is_equal
from conformance.comparison.outcomes import Inconclusive, RequirementFailed
from conformance.comparison.xml import is_equal_in_xml
from conformance.engine.live_data import discover_volatile_properties
from conformance.engine.probe import Probe

Judgement = Callable[[Answer, Answer], None]


def same_elements(ask: Probe, what: str, *, order: bool = True) -> Judgement:
    """The judgement that a change makes no difference, see ``expect_same_elements``."""
    return lambda baseline, other: expect_same_elements(ask, baseline, other, what, order=order)


def expect_same_elements(ask: Probe, baseline: Answer, other: Answer, what: str, *, order: bool = True) -> None:
    """Check that two answers hold the same elements in the same order with the same values, except volatile ones."""
    require_data(ask)
    ask.require_success(baseline)
    expect_success(ask, other, what, beside=[baseline])
    expect_same_membership(ask, baseline, other, what, order=order)
    for before, after in pairs(baseline, other, ask.facts):
        for name in {**before, **after}:
            if name not in ask.facts.volatile:
                expect_equal(ask, before.get(name), after.get(name), f"{what} changes {name}", of=[baseline, other])


def expect_same_membership(ask: Probe, baseline: Answer, other: Answer, what: str, *, order: bool = True) -> None:
    """Check that two answers hold as many elements, and if elements have an identity, the same ones in order."""
    mine, theirs = elements_of(baseline, ask.facts), elements_of(other, ask.facts)
    of = [baseline, other]
    ask.check(
        len(mine) == len(theirs),
        f"{what} changes how many elements come back",
        expected=f"{len(mine)} elements",
        actual=f"{len(theirs)} elements",
        of=of,
    )
    ours, others = identities(mine, ask.facts), identities(theirs, ask.facts)
    if ours is None or others is None or one_is_all_zeros(ours, others):
        return
    expected, actual = (f"{ask.facts.identity} {', '.join(each)}" for each in (ours, others))
    is_same, message = sorted(ours) == sorted(others), f"{what} changes which elements come back"
    ask.check(is_same, message, expected=expected, actual=actual, of=of)
    if order and ask.facts.ordered:
        message = f"{what} changes the order of the elements"
        ask.check(ours == others, message, expected=expected, actual=actual, of=of)


def expect_equal(ask: Probe, before: Any, after: Any, message: str, *, of: Sequence[Answer]) -> None:
    """Check that a value is equal in both answers."""
    ask.check(is_equal(before, after), message, expected=before, actual=after, of=of)


def expect_equal_in_xml(ask: Probe, value: Any, node: Any, message: str, *, of: Sequence[Answer]) -> None:
    """Check that an XML node holds what the JSON value does."""
    problem = is_equal_in_xml(value, node)
    ask.check(problem is None, f"{message}: {problem}", expected=value, actual=node, of=of)


def matched_values(ask: Probe, baseline: Answer, other: Answer, names: Iterable[str]) -> Iterator[tuple[str, Any, Any]]:
    """(name, value, value in the other answer) of these properties, element by element, except volatile ones.

    Of values that a secret was taken out of the requirement cannot pass, and they are left out.
    """
    stable = [name for name in names if name not in ask.facts.volatile]
    for before, after in pairs(baseline, other, ask.facts):
        for name in stable:
            if ask.is_known(before.get(name), after.get(name)):
                yield name, before.get(name), after.get(name)


def unless_unknown(ask: Probe, what: str, judge: Judgement) -> Judgement:
    """A judgement of a header value that the target may not know: null instead of a list shows that it does not.

    Nothing is decided then except that the value is not known; other values can still decide the requirement.
    """

    def judged(baseline: Answer, other: Answer) -> None:
        if answers_null(other) and not answers_null(baseline):
            ask.trial.inconclusive.append(f"{what} is answered with null, as a value that the target does not know")
        else:
            judge(baseline, other)

    return judged


def expect_same_as_alone(
    ask: Probe, change: dict[str, Any], answer: Answer, what: str, *, parallel: Sequence[Answer]
) -> None:
    """Check that one of several ``parallel`` answers is what the same request gives alone, before or after.

    Raises Inconclusive if the target's data is live.
    """
    before = ask("alone", **change)
    try:
        expect_same_elements(ask, before, answer, what)
    except RequirementFailed:
        after = ask("alone", bypass_cache=True, **change)
        discover_volatile_properties(ask, **change)
        old, new = (identities(elements_of(each, ask.facts), ask.facts) for each in (before, after))
        if ask.facts.live or old != new:
            raise Inconclusive("the data is live, so answers at different times cannot be compared") from None
        try:
            expect_same_elements(ask, after, answer, what)
        except RequirementFailed as failure:
            raise failure.with_answers_before_last([each for each in parallel if each is not answer]) from None
