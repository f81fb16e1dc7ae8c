"""Which elements come: those of the ids and the state asked for."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.assertions.data import require_data
from conformance.assertions.elements import same_elements
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import elements_of, identities
from conformance.comparison.outcomes import Inconclusive, NotApplicable
from conformance.comparison.target_facts import FilterProperty
from conformance.engine.discovery.discover import USUAL_STATES
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, REQUEST_BODY, SHOULD, SUMMARY
from conformance.strategies.bodies import id_splits, id_subsets

_NONEXISTENT_IDS = (2_000_000_011, 2_000_000_033)


def _is_specified(ask: Probe) -> bool:
    """Whether this is the operation whose meaning the chapter is about; names alone promise nothing."""
    return ask.operation.path.endswith("/GetBatchTaskInfosByAssociatesAndState")


def require_ids(ask: Probe) -> FilterProperty:
    """Which property asks for ids, and which one holds them; raises NotApplicable if the page relates none."""
    if ask.facts.ids is None or not _is_specified(ask):
        raise NotApplicable("what this operation's ids mean is not written down here")
    require_data(ask)
    if not ask.facts.known_ids:
        raise Inconclusive("no id that gives data is known; name some under ids in conformance.toml")
    return ask.facts.ids


def require_state(ask: Probe) -> FilterProperty:
    """Which property asks for a state, and which one holds it."""
    if ask.facts.state is None or not _is_specified(ask):
        raise NotApplicable("what this operation's state means is not written down here")
    require_data(ask)
    if not ask.facts.known_states:
        raise Inconclusive("no state is known that an element has; name some under states in conformance.toml")
    return ask.facts.state


def some_ids(ask: Probe) -> SearchStrategy[list[int]]:
    """Some of the ids that give data."""
    require_ids(ask)
    return id_subsets(ask.facts.known_ids)


def two_parts(ask: Probe) -> SearchStrategy[tuple[list[int], list[int]]]:
    """Two parts of the ids that give data."""
    require_ids(ask)
    if len(ask.facts.known_ids) < 2:
        raise Inconclusive("only one id that gives data is known; name another under ids in conformance.toml")
    return id_splits(ask.facts.known_ids)


def a_state(ask: Probe) -> SearchStrategy[str]:
    """A state that an element of the baseline has: one of the configuration may have none among these ids."""
    name = require_state(ask).response
    held = [element.get(name) for element in ask.facts.elements]
    return st.sampled_from([state for state in ask.facts.known_states if state in held] or ask.facts.known_states)


def with_ids(ask: Probe, ids: list[int]) -> dict[str, Any]:
    """The baseline body with other ids."""
    return {**ask.facts.body, require_ids(ask).request: ids}


def with_state(ask: Probe, state: str) -> dict[str, Any]:
    """The baseline body with another state."""
    return {**ask.facts.body, require_state(ask).request: state}


@requirement(
    "RES-01",
    MUST,
    "Every element belongs to one of the associates asked for",
    source=SUMMARY,
    fault=("other-associates", "no-ids-means-all", "zero-id-means-all", "ids-wrap-around"),
    smoke=True,
    ids=some_ids,
)
def test_only_those_asked_for(ask: Probe, ids: list[int]) -> None:
    """Some of the known ids, one alone, none at all, 0 alone, and ids that equal known ones only modulo 2**32: no
    element of another associate."""
    name = require_ids(ask).response
    beyond = [id_ + 2**32 for id_ in ids]
    valid, uncertain = Intent.VARIATION, Intent.UNCERTAIN
    asked = [(valid, ids), (valid, [ids[0]]), (uncertain, []), (uncertain, beyond), (uncertain, [0])]
    for intent, wanted in ask.limit_in_smoke(asked, 2):
        answer = ask("some ids", intent=intent, body=with_ids(ask, wanted))
        if intent is uncertain and (not answer.is_success or answer.elements is None):
            # Nonexistent ids may be refused, but must not give the elements of others.
            continue
        ask.require_success(answer)
        for element in elements_of(answer, ask.facts):
            id_ = element.get(name)
            message = f"an element has {name} {id_}, which was not asked for"
            ask.check(id_ in wanted, message, expected=f"one of {wanted}", actual=id_, of=[answer])


@requirement(
    "RES-02",
    MUST,
    "Every element is in the state asked for",
    source=SUMMARY,
    fault="state-ignored",
    smoke=True,
    state=a_state,
)
def test_only_that_state(ask: Probe, state: str) -> None:
    """Each state that an element was seen in; the value for all states is not judged. An unknown state gives no
    elements, or is refused."""
    name = require_state(ask).response

    def judge(baseline: Answer, answer: Answer) -> None:
        ask.require_success(answer)
        for element in elements_of(answer, ask.facts):
            actual = element.get(name)
            holds, message = str(actual).lower() == state.lower(), f"an element is in another {name} than asked for"
            ask.check(holds, message, expected=state, actual=actual, of=[answer])

    if state != ask.facts.every_state:
        ask.relate("one state", judge, body=with_state(ask, state))
    answer = ask("allowed body", intent=Intent.UNCERTAIN, body=with_state(ask, "NoSuchState"))
    for element in (answer.elements or []) if answer.is_success else []:
        actual = element.get(name)
        message, expected = f"an unknown {name} gives elements of another one", "no element, or 4xx"
        ask.check(actual == "NoSuchState", message, expected=expected, actual=actual, of=[answer])


def _keys(ask: Probe, answer: Answer) -> set[str]:
    keys = identities(elements_of(answer, ask.facts), ask.facts)
    if keys is None:
        raise Inconclusive("the elements have no identity to count them by")
    return set(keys)


@requirement(
    "RES-03",
    MUST,
    "Two sets of ids together give the elements that each of them gives alone",
    source=SUMMARY,
    fault=("last-id-lost", "third-id-lost", "two-ids-at-most"),
    parts=two_parts,
)
def test_union(ask: Probe, parts: tuple[list[int], list[int]]) -> None:
    """Two parts of the known ids, apart and together, and together with nonexistent ids in front."""
    first, second = parts
    together = sorted({*first, *second})

    def apart(*, bypass_cache: bool) -> tuple[list[Answer], set[str]]:
        answers = [ask("part", body=with_ids(ask, ids), bypass_cache=bypass_cache) for ids in (first, second)]
        ask.require_success(*answers)
        return answers, {key for answer in answers for key in _keys(ask, answer)}

    def judge(baseline: Answer, whole: Answer) -> None:
        ask.require_success(whole)
        answers, before = apart(bypass_cache=False)
        after = before
        actual = _keys(ask, whole)
        if actual != before:
            # Elements may have come or gone meanwhile: what both neighbours have must be there, and nothing that
            # neither has.
            _, before = apart(bypass_cache=True)
            whole = ask("together", body=with_ids(ask, together), bypass_cache=True)
            ask.require_success(whole)
            actual = _keys(ask, whole)
            answers, after = apart(bypass_cache=True)
        ask.check(
            before & after <= actual <= before | after,
            f"{together} gives other elements than {first} and {second} together",
            expected=", ".join(sorted(before)),
            actual=", ".join(sorted(actual)),
            of=[*answers, whole],
        )

    body = with_ids(ask, together)
    ask.relate("together", judge, body=body)
    # Nonexistent ids give nothing, and take nothing away; a server may refuse them.
    padded = [*_NONEXISTENT_IDS, *together]
    if ask("together", body=with_ids(ask, padded)).is_success:
        judge_padded = same_elements(ask, f"asking for {padded} instead of {together}", order=False)
        ask.relate("together", judge_padded, baseline={"body": body}, body=with_ids(ask, padded))


@requirement(
    "RES-04",
    MUST,
    "The order of the ids and a repeated id change nothing",
    source=REQUEST_BODY,
    fault="duplicate-id-doubles",
    ids=some_ids,
)
def test_order_and_repetition(ask: Probe, ids: list[int]) -> None:
    """The ids backwards, and with the first one twice; the order of the elements may follow that of the ids."""
    for changed in (list(reversed(ids)), [*ids, ids[0]]):
        judge = same_elements(ask, f"asking for {changed} instead of {ids}", order=False)
        ask.relate("reordered ids", judge, baseline={"body": with_ids(ask, ids)}, body=with_ids(ask, changed))


@requirement(
    "RES-05",
    SHOULD,
    "The value for all states gives the elements of each single state",
    source=REQUEST_BODY,
    fault="all-without-failed",
    state=a_state,
)
def test_all_holds_each(ask: Probe, state: str) -> None:
    """Each state is compared with the baseline response, whose state is the value of the page's sample."""
    every, states = ask.facts.every_state, ask.facts.known_states
    if not every or every in states:
        raise Inconclusive("no word for all states is known")

    def judge(baseline: Answer, one: Answer, word: str) -> None:
        ask.require_success(baseline)
        if one.elements is None:
            return
        lacking = ", ".join(sorted(_keys(ask, one) - _keys(ask, baseline)))
        message, actual = f"{every} lacks elements that {word} gives", f"without {lacking}"
        ask.check(not lacking, message, expected="all of them", actual=actual, of=[one, baseline])

    baseline = {"body": with_state(ask, every)}
    for word in states if ask.profile.examples > 1 else (state,):
        ask.relate("one state", partial(judge, word=word), baseline=baseline, body=with_state(ask, word))
    for word in USUAL_STATES:
        # A state that the value for all leaves out is in no element: so some are tried without having been seen.
        change: dict[str, Any] = {"intent": Intent.UNCERTAIN, "body": with_state(ask, word)}
        if word not in states and ask("allowed body", **change).is_success:
            ask.relate("allowed body", partial(judge, word=word), **change)
