"""What the operation means.

Page: summary and Request Body: elements of the associates asked for, in the state asked for.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.assertions.elements import alike, need_data
from conformance.client.codec_json import parse_json
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import identities, pairs, rows_of, same
from conformance.comparison.outcomes import NotApplicable, Undecided
from conformance.comparison.target_facts import Relation
from conformance.engine.discovery.discover import USUAL_STATES
from conformance.engine.probe import Ask
from conformance.engine.requirement import (
    MAY,
    MUST,
    REQUEST_BODY,
    RESPONSE_BODY,
    SHOULD,
    SUMMARY,
    principle,
    requirement,
)
from conformance.strategies.bodies import id_splits, id_subsets

_NOBODY = (2_000_000_011, 2_000_000_033)
_LIVE = ("state", "progress", "percent", "laststarted", "startcount")


def is_meant(ask: Ask) -> bool:
    """Whether this is the operation whose meaning the chapter is about; names alone promise nothing."""
    return ask.operation.path.endswith("/GetBatchTaskInfosByAssociatesAndState")


def ids_of(ask: Ask) -> Relation:
    """Which property asks for ids, and which one holds them; NotApplicable where the page relates none."""
    if ask.known.ids is None or not is_meant(ask):
        raise NotApplicable("what this operation's ids mean is not written down here")
    need_data(ask)
    if not ask.known.known_ids:
        raise Undecided("no id that gives data is known; name some under ids in conformance.toml")
    return ask.known.ids


def state_of(ask: Ask) -> Relation:
    """Which property asks for a state, and which one holds it."""
    if ask.known.state is None or not is_meant(ask):
        raise NotApplicable("what this operation's state means is not written down here")
    need_data(ask)
    if not ask.known.known_states:
        raise Undecided("no state is known that an element has; name some under states in conformance.toml")
    return ask.known.state


def some_ids(ask: Ask) -> SearchStrategy[list[int]]:
    """Some of the ids that give data."""
    ids_of(ask)
    return id_subsets(ask.known.known_ids)


def two_parts(ask: Ask) -> SearchStrategy[tuple[list[int], list[int]]]:
    """Two parts of the ids that give data."""
    ids_of(ask)
    if len(ask.known.known_ids) < 2:
        raise Undecided("only one id that gives data is known; name another under ids in conformance.toml")
    return id_splits(ask.known.known_ids)


def a_state(ask: Ask) -> SearchStrategy[str]:
    """A state that an element of the baseline has: one of the configuration may have none among these ids."""
    name = state_of(ask).response
    held = [row.get(name) for row in ask.known.rows]
    return st.sampled_from([state for state in ask.known.known_states if state in held] or ask.known.known_states)


def with_ids(ask: Ask, ids: list[int]) -> dict[str, Any]:
    """The plain body with other ids."""
    return {**ask.known.body, ids_of(ask).request: ids}


def with_state(ask: Ask, state: str) -> dict[str, Any]:
    """The plain body with another state."""
    return {**ask.known.body, state_of(ask).request: state}


@requirement(
    "RES-01",
    MUST,
    "Every element belongs to one of the associates asked for",
    source=SUMMARY,
    fault=("other-associates", "no-ids-means-all", "zero-id-means-all", "ids-wrap-around"),
    smoke=True,
    ids=some_ids,
)
def test_only_those_asked_for(ask: Ask, ids: list[int]) -> None:
    """Some of the known ids, one alone, none at all, 0 alone, and such as are the known ones only modulo 2**32: no
    element of anybody else."""
    name = ids_of(ask).response
    beyond = [id_ + 2**32 for id_ in ids]
    valid, uncertain = Intent.VARIATION, Intent.UNCERTAIN
    asked = [(valid, ids), (valid, [ids[0]]), (uncertain, []), (uncertain, beyond), (uncertain, [0])]
    for intent, wanted in ask.few(asked, 2):
        answer = ask("some ids", intent=intent, body=with_ids(ask, wanted))
        if intent is uncertain and (not answer.accepted or answer.elements is None):
            # Nobody's ids may be refused; they must not give somebody's elements.
            continue
        ask.need(answer)
        for row in rows_of(answer, ask.known):
            ask.check(
                row.get(name) in wanted,
                f"an element has {name} {row.get(name)}, which was not asked for",
                expected=f"one of {wanted}",
                actual=row.get(name),
                of=[answer],
            )


@requirement(
    "RES-02",
    MUST,
    "Every element is in the state asked for",
    source=SUMMARY,
    fault="state-ignored",
    smoke=True,
    state=a_state,
)
def test_only_that_state(ask: Ask, state: str) -> None:
    """Each state that an element was seen in; the word for all states is not judged."""
    name = state_of(ask).response

    def judge(plain: Answer, answer: Answer) -> None:
        ask.need(answer)
        for row in rows_of(answer, ask.known):
            ask.check(
                str(row.get(name)).lower() == state.lower(),
                f"an element is in another {name} than the one asked for",
                expected=state,
                actual=row.get(name),
                of=[answer],
            )

    if state != ask.known.every_state:
        ask.relate("one state", judge, body=with_state(ask, state))
    answer = ask("allowed body", intent=Intent.UNCERTAIN, body=with_state(ask, "NoSuchState"))
    for row in (answer.elements or []) if answer.accepted else []:
        ask.check(
            row.get(name) == "NoSuchState",
            f"an unknown {name} gives elements of another one",
            expected="no element, or 4xx",
            actual=row.get(name),
            of=[answer],
        )


def _keys(ask: Ask, answer: Answer) -> list[str]:
    keys = identities(rows_of(answer, ask.known), ask.known)
    if keys is None:
        raise Undecided("the elements have no identity to count them by")
    return keys


@requirement(
    "RES-03",
    MUST,
    "Asking for a and b gives what asking for a and asking for b give together",
    source=SUMMARY,
    fault=("last-id-lost", "third-id-lost", "two-ids-at-most"),
    parts=two_parts,
)
def test_union(ask: Ask, parts: tuple[list[int], list[int]]) -> None:
    """Two parts of the known ids, apart and together, and together with ids that are nobody's in front."""
    first, second = parts
    together = sorted({*first, *second})

    def apart(*, fresh: bool) -> tuple[list[Answer], set[str]]:
        answers = [ask("part", body=with_ids(ask, ids), fresh=fresh) for ids in (first, second)]
        ask.need(*answers)
        return answers, {key for answer in answers for key in _keys(ask, answer)}

    def judge(plain: Answer, whole: Answer) -> None:
        ask.need(whole)
        answers, before = apart(fresh=False)
        after = before
        actual = set(_keys(ask, whole))
        if actual != before:
            # Elements may have come or gone meanwhile: what both neighbours have must be there, and nothing that
            # neither has.
            _, before = apart(fresh=True)
            whole = ask("together", body=with_ids(ask, together), fresh=True)
            ask.need(whole)
            actual = set(_keys(ask, whole))
            answers, after = apart(fresh=True)
        ask.check(
            before & after <= actual <= before | after,
            f"{together} gives other elements than {first} and {second} together",
            expected=", ".join(sorted(before)),
            actual=", ".join(sorted(actual)),
            of=[*answers, whole],
        )

    ask.relate("together", judge, body=with_ids(ask, together))
    # Ids that are nobody's give nothing, and take nothing away; a server may refuse them.
    padded = [*_NOBODY, *together]
    if ask("together", body=with_ids(ask, padded)).accepted:
        ask.relate(
            "together",
            alike(ask, f"asking for {padded} instead of {together}", order=False),
            plain={"body": with_ids(ask, together)},
            body=with_ids(ask, padded),
        )


@requirement(
    "RES-04",
    MUST,
    "The order of the ids and an id given twice change nothing",
    source=REQUEST_BODY,
    fault="duplicate-id-doubles",
    ids=some_ids,
)
def test_order_and_repetition(ask: Ask, ids: list[int]) -> None:
    """The ids backwards, and with the first one twice; the order of the elements may follow that of the ids."""
    for changed in (list(reversed(ids)), [*ids, ids[0]]):
        ask.relate(
            "reordered ids",
            alike(ask, f"asking for {changed} instead of {ids}", order=False),
            plain={"body": with_ids(ask, ids)},
            body=with_ids(ask, changed),
        )


@requirement(
    "RES-05",
    SHOULD,
    "The word for all states holds what each single state gives",
    source=REQUEST_BODY,
    fault="all-without-failed",
    state=a_state,
)
def test_all_holds_each(ask: Ask, state: str) -> None:
    """Each state against the plain answer, whose state is the word of the page's sample."""
    if not ask.known.every_state or ask.known.every_state in ask.known.known_states:
        raise Undecided("no word for all states is known")

    def judge(plain: Answer, one: Answer, word: str) -> None:
        ask.need(plain)
        if one.elements is None:
            return
        lacking = set(_keys(ask, one)) - set(_keys(ask, plain))
        ask.check(
            not lacking,
            f"{ask.known.every_state} lacks elements that {word} gives",
            expected="all of them",
            actual=f"without {', '.join(sorted(lacking))}",
            of=[one, plain],
        )

    every = {"body": with_state(ask, ask.known.every_state)}
    for word in ask.known.known_states if ask.profile.examples > 1 else (state,):
        ask.relate("one state", partial(judge, word=word), plain=every, body=with_state(ask, word))
    for word in USUAL_STATES:
        # A state that the word for all leaves out is never seen: so some are asked for unseen.
        if (
            word not in ask.known.known_states
            and ask("allowed body", intent=Intent.UNCERTAIN, body=with_state(ask, word)).accepted
        ):
            ask.relate("allowed body", partial(judge, word=word), intent=Intent.UNCERTAIN, body=with_state(ask, word))


@requirement(
    "RES-06",
    SHOULD,
    "The same request again gives the same result, but for what lives",
    source=principle("The operation reads; RFC 9110, section 9.2.1"),
    fault="unstable-result",
)
def test_again(ask: Ask) -> None:
    """The plain request three times. Where an element's state or progress moves, its other values may move too."""
    need_data(ask)
    answers = [ask.plain(fresh=True) for _ in range(3)]
    ask.need(*answers)
    for before, after in pairwise(answers):
        for mine, theirs in pairs(before, after, ask.known):
            moved = [n for n in ask.contract.properties if not same(mine.get(n), theirs.get(n))]
            alive = any(n.lower().startswith(_LIVE) for n in moved)
            ask.check(
                not moved or alive,
                f"{', '.join(moved)} changes from one request to the next, and no progress does",
                expected=[mine.get(n) for n in moved],
                actual=[theirs.get(n) for n in moved],
                of=[before, after],
            )


@requirement("RES-07", SHOULD, "Id occurs once", source=RESPONSE_BODY, fault="duplicate-rows", passive=True)
def test_identity_is_unique(ask: Ask, answer: Answer) -> None:
    """Every unselected answer in JSON."""
    name = next((name for name in ask.contract.properties if name.lower() == "id"), None)
    if name is None:
        raise NotApplicable("the page has no property Id")
    if not answer.accepted or "?" in answer.exchange.request.target or answer.is_xml:
        return
    keys = [row.get(name) for row in answer.elements or [] if row.get(name) is not None]
    if keys and _asked_once(ask, answer):
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        ask.check(
            not twice, f"{name} occurs more than once", expected="each once", actual=", ".join(twice), of=[answer]
        )


def _asked_once(ask: Ask, answer: Answer) -> bool:
    # RES-04 judges an id that was asked for twice.
    ids = ask.known.ids
    body = parse_json(answer.exchange.request.body.decode(errors="replace")).value
    asked = body.get(ids.request) if ids is not None and isinstance(body, dict) else None
    return not isinstance(asked, list) or len(set(map(repr, asked))) == len(asked)


def _property(ask: Ask, name: str) -> str:
    if name not in ask.contract.properties:
        raise NotApplicable(f"the page has no property {name}")
    need_data(ask)
    return name


@requirement("RES-08", MAY, "Whether a system task has AssociateId 0", source=RESPONSE_BODY, fault="system-task-owned")
def test_system_tasks(ask: Ask) -> None:
    """The table says so; the sample shows a system task with an owner. Recorded, not judged."""
    flag, owner = _property(ask, "IsSystemTask"), _property(ask, "AssociateId")
    rows = [row for row in ask.known.rows if row.get(flag) is True]
    owned = [row for row in rows if row.get(owner) != 0]
    ask.observe(f"{len(owned)} of {len(rows)} system tasks have an owner" if rows else "no system task was seen")


@requirement(
    "RES-09", MAY, "Whether ProgressPercent lies in 0 to 100", source=RESPONSE_BODY, fault="percent-beyond-100"
)
def test_percent(ask: Ask) -> None:
    """The table says percent; the sample shows 310. Recorded, not judged."""
    name = _property(ask, "ProgressPercent")
    odd = [row[name] for row in ask.known.rows if isinstance(row.get(name), int) and not 0 <= row[name] <= 100]
    ask.observe(f"beyond 0 to 100: {', '.join(map(str, odd))}" if odd else "always within 0 to 100")
