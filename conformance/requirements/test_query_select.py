"""Query string: $select.

Page: Query String Parameters. It names properties, separated by commas; the others are nulled out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hypothesis.strategies import SearchStrategy

from conformance.assertions.data import require_data
from conformance.assertions.elements import Judgement, expect_same_membership, same_elements
from conformance.assertions.presence import expect_every_property, require_properties
from conformance.assertions.responses import expect_success
from conformance.assertions.select import (
    Names,
    all_of,
    expect_same_order,
    has_value,
    if_successful,
    kept,
    localised_headers,
    max_growth,
    members_of_parents,
    nulled,
    one_name,
    only_child,
    only_child_in_text,
    require_nulls,
    require_values,
)
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import elements_of
from conformance.comparison.outcomes import Inconclusive
from conformance.core.media_types import is_xml
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, SHOULD, query, rfc
from conformance.strategies.selections import recased, selections, shuffled, unknown_names

SELECT = query("$select")


def some_names(ask: Probe) -> SearchStrategy[Names]:
    """Some of the properties, and the identity if elements can only be matched by it."""
    require_values(ask)
    return selections(list(ask.contract.properties), _needed_to_match(ask))


def some_recased(ask: Probe) -> SearchStrategy[tuple[Names, Names]]:
    """Some of the properties, and the same in other case."""
    return recased(some_names(ask))


def some_shuffled(ask: Probe) -> SearchStrategy[tuple[Names, Names]]:
    """Some of the properties, and the same in another order with one twice."""
    return shuffled(some_names(ask))


def some_unknown(ask: Probe) -> SearchStrategy[str]:
    """A name that the page does not have."""
    return unknown_names(list(ask.contract.properties))


def complement(ask: Probe, names: Sequence[str]) -> Names:
    """The properties that are not among ``names``, and the identity if elements can only be matched by it."""
    return [name for name in ask.contract.properties if name not in names or name in _needed_to_match(ask)]


def _needed_to_match(ask: Probe) -> Names:
    return [] if ask.facts.ordered else _identity(ask)


def _identity(ask: Probe) -> Names:
    return [ask.facts.identity] if ask.facts.identity else []


def _is_stable(ask: Probe, name: str) -> bool:
    return name not in ask.facts.volatile


@requirement(
    "SEL-01",
    MUST,
    "Without $select, every element has every documented property",
    source=SELECT,
    fault="finished-lack-percent",
    smoke=True,
)
def test_everything_without_select(ask: Probe) -> None:
    """The baseline response in JSON: each element has each property of the page's table, null or not. If the target
    leaves out what is null, a property that only some elements have is a warning, and one that none has is
    inconclusive."""
    require_nulls(ask)
    require_properties(ask)
    require_data(ask)
    baseline = ask.baseline()
    expect_every_property(ask, baseline, elements_of(baseline, ask.facts))


@requirement(
    "SEL-02",
    MUST,
    "A selected property has the value that it has without $select",
    source=SELECT,
    fault=(
        "select-truncates-text",
        "select-loses-false",
        "select-loses-zero",
        "select-untranslated",
        "select-in-base-zone",
        "select-loses-single-members",
    ),
    smoke=True,
    names=some_names,
)
def test_the_selected_keep_their_values(ask: Probe, names: Names) -> None:
    """A selection and its complement, so that every property is selected once, are compared element by element, and the
    complement once more in a language and a time zone that change the values."""
    for selected in (names, complement(ask, names)):
        what = _select(selected)

        def judge(baseline: Answer, answer: Answer, selected: Names = selected, what: str = what) -> None:
            ask.require_success(baseline)
            if not answer.is_success:
                # Only then: that the request is accepted is not evidence that values are kept.
                expect_success(ask, answer, what, beside=[baseline])
            kept(ask, selected, what)(baseline, answer)

        ask.relate("selected", judge, select=selected)
        for headers in ask.limit_in_smoke(filter(None, [localised_headers(ask)] if selected is not names else []), 0):
            ask.relate("selected", judge, baseline={"headers": headers}, select=selected, headers=headers)


def _select(names: Sequence[str]) -> str:
    return f"$select={','.join(names)}"


def _is_accepted(ask: Probe, what: str) -> Judgement:
    def judge(baseline: Answer, selected: Answer) -> None:
        ask.require_success(baseline)
        expect_success(ask, selected, what, beside=[baseline])

    return judge


@requirement(
    "SEL-03",
    MUST,
    "Every property that was not selected is nulled out",
    source=SELECT,
    fault=("select-ignored", "select-keeps-objects", "select-first-element-only"),
    smoke=True,
    names=some_names,
)
def test_the_rest_is_nulled(ask: Probe, names: Names) -> None:
    """A selection and its complement. The others are null or absent; 0, false or the zero date is a warning, because
    the type may have no null. Only properties that have a value without $select can show it."""
    for selected in (names, complement(ask, names)):
        judge = if_successful(ask, nulled(ask, selected, _select(selected), warn_of_zeros=True))
        ask.relate("selected", judge, select=selected)


@requirement(
    "SEL-04",
    MUST,
    "Names in $select match without regard to case",
    source=SELECT,
    fault="select-case-sensitive",
    smoke=True,
    names=some_recased,
)
def test_case_makes_no_difference(ask: Probe, names: tuple[Names, Names]) -> None:
    """The same selection in lower, upper or swapped case keeps the same properties."""
    selected, recased_names = names
    what = _select(recased_names)
    judge = if_successful(ask, kept(ask, selected, what), nulled(ask, selected, what))
    ask.relate("selected", judge, select=recased_names)
    for parent, members in ask.limit_in_smoke(members_of_parents(ask).items(), 0):
        path = f"{parent}/{members[0]}"
        baseline = {"select": [*_identity(ask), path]}
        for spelled in (path.lower(), path.upper()):
            judge = if_successful(ask, same_elements(ask, _select([spelled])))
            ask.relate("selected", judge, baseline=baseline, select=[*_identity(ask), spelled])


@requirement(
    "SEL-05",
    MUST,
    "Selecting Parent/Child keeps that child and nulls the parent's other members",
    source=SELECT,
    fault=("select-parent-whole", "select-child-lost"),
)
def test_a_child_is_selected(ask: Probe) -> None:
    """Each member of each object that the sample shows, selected alone; members of maps have no fixed names."""
    require_values(ask)
    parents = members_of_parents(ask)
    if not parents:
        raise Inconclusive("the page shows no object with named members")
    for parent, members in parents.items():
        paths = [f"{parent}/{member}" for member in members]
        for child, path in zip(members, paths, strict=True):
            judge = if_successful(ask, only_child(ask, parent, child))
            ask.relate("selected", judge, select=[*_identity(ask), path])
        whole = {"select": [*_identity(ask), parent]}
        judge = if_successful(ask, same_elements(ask, f"selecting all children of {parent} one by one"))
        ask.relate("selected", judge, baseline=whole, select=[*_identity(ask), *paths])


@requirement(
    "SEL-06",
    MUST,
    "$select changes neither which elements come back nor their order",
    source=SELECT,
    fault=("select-drops-elements", "select-reorders"),
    names=some_names,
)
def test_the_elements_stay(ask: Probe, names: Names) -> None:
    """As many elements with a selection as without; with the identity among the selected, the same ones in the same
    order. The two properties with the fewest values are tried alone too."""

    def judge(baseline: Answer, selected: Answer) -> None:
        expect_same_membership(ask, baseline, selected, "$select")
        expect_same_order(ask, baseline, selected)

    def count(name: str) -> int:
        return sum(has_value(element.get(name)) for element in ask.facts.rows)

    sparse = sorted(ask.facts.valued, key=count)
    for selected in (names, [*dict.fromkeys([*names, *_identity(ask)])], *([name] for name in sparse[:2])):
        ask.relate("selected", if_successful(ask, judge), select=selected)


@requirement(
    "SEL-07",
    MUST,
    "$select means the same under every documented response type",
    source=SELECT,
    fault=("select-json-only", "select-objects-in-xml"),
)
def test_every_type_selects(ask: Probe) -> None:
    """Within each documented type, with and without a selection: what is selected stays, the rest is nulled (in XML:
    nil, empty or absent)."""
    require_values(ask)
    identity = _identity(ask)
    others = [name for name in ask.facts.valued if name not in identity and _is_stable(ask, name)]
    names = [*identity, *others[: max(1, len(others) // 3)]]
    for fact in ask.operation.response_types:
        what = f"$select under Accept: {fact.name}"
        judge = if_successful(ask, kept(ask, names, what), nulled(ask, names, what))
        ask.relate("selected", judge, baseline={"accept": fact.name}, accept=fact.name, select=names)
        # SEL-05 covers JSON, whatever it is called.
        for parent, members in members_of_parents(ask).items() if is_xml(fact.name) else ():
            path = f"{parent}/{members[0]}"
            judge = if_successful(ask, only_child_in_text(ask, parent, members, f"{_select([path])} in {fact.name}"))
            ask.relate("selected", judge, accept=fact.name, select=[*identity, path])


@requirement(
    "SEL-08",
    SHOULD,
    "The order of the names and a name given twice make no difference",
    source=SELECT,
    fault="select-duplicate-toggles",
    names=some_shuffled,
)
def test_order_and_repetition(ask: Probe, names: tuple[Names, Names]) -> None:
    """The selection shuffled, one name twice, and the selection itself."""
    selected, shuffled_names = names
    judge = if_successful(ask, same_elements(ask, _select(shuffled_names)))
    ask.relate("selected", judge, baseline={"select": selected}, select=shuffled_names)


@requirement(
    "SEL-09",
    MUST,
    "An unknown name in $select causes no error, and known names still work",
    source=SELECT,
    fault="select-unknown-refused",
    name=some_unknown,
)
def test_an_unknown_name(ask: Probe, name: str) -> None:
    """Known names with an unknown one before, between or behind them; and the page's own example, in which most names
    are unknown to this operation."""
    require_values(ask)
    known = [each for each in ask.facts.valued if _is_stable(ask, each)][:2]
    choices = [([name, *known, f"{name}/{name}"], known)]
    choices += [([f"{parent}/{name}", *known], known) for parent in list(members_of_parents(ask))[:1]]
    if ask.operation.select_example is not None:
        names = ask.operation.select_example.name.split(",")
        documented = {each.lower(): each for each in ask.contract.properties}
        choices.append((names, [documented[each.lower()] for each in names if each.lower() in documented]))
    for names, selected in choices:
        what = _select(names)
        # The page does not specify what is left of a known parent beside an unknown child of it.
        parents = [each.partition("/")[0] for each in names if "/" in each]
        judge = all_of(_is_accepted(ask, what), kept(ask, selected, what), nulled(ask, [*selected, *parents], what))
        ask.relate("selected", judge, select=names)
    # Long, but not longer than RFC 9110 4.1 asks every server to accept; a server may still answer 414.
    unknown = [f"Unheard{number}" for number in range(120)]
    ask("long selection", intent=Intent.UNCERTAIN, select=[*known, *unknown])


@requirement("SEL-10", MAY, "What an empty $select does", source=SELECT, fault="select-empty-nulls-all")
def test_an_empty_select(ask: Probe) -> None:
    """``$select=`` and the baseline request: it may be ignored, null everything, or be refused."""
    require_values(ask)
    baseline, answer = ask.baseline(), ask("selected", query="$select=")
    if not answer.is_success:
        ask.observe(f"an empty $select is answered with {answer.outcome}")
        return
    elements = elements_of(answer, ask.facts)
    left = [name for name in ask.facts.valued if any(has_value(element.get(name)) for element in elements)]
    is_full = len(left) == len(ask.facts.valued) and len(elements) == len(elements_of(baseline, ask.facts))
    ask.observe("an empty $select " + ("shows all properties" if is_full else f"leaves {', '.join(left) or 'nothing'}"))


@requirement(
    "SEL-11",
    SHOULD,
    "%24select, %2C and %2F mean the same as $select, comma and slash",
    source=rfc(3986, "2.4"),
    fault="select-encoded-ignored",
)
def test_percent_encoding(ask: Probe) -> None:
    """One selection with a child, percent-encoded in three ways, and the same one as it is."""
    require_values(ask)
    names = [name for name in ask.facts.valued if _is_stable(ask, name)][:2]
    names += [f"{parent}/{members[0]}" for parent, members in list(members_of_parents(ask).items())[:1]]
    literal = ",".join(names)
    encoded = literal.replace(",", "%2C").replace("/", "%2F")
    lower = encoded.replace("%2C", "%2c").replace("%2F", "%2f")
    for spelled in (f"%24select={literal}", f"$select={encoded}", f"%24select={lower}"):
        judge = if_successful(ask, same_elements(ask, f"writing it as ?{spelled}"))
        ask.relate("selected", judge, baseline={"query": f"$select={literal}"}, query=spelled)


@requirement(
    "SEL-12",
    SHOULD,
    "Selecting fewer properties does not enlarge the payload",
    source=SELECT,
    fault="select-pretty-printed",
)
def test_the_payload_shrinks(ask: Probe) -> None:
    """The body in bytes with one property selected, and with none. It may grow by what null needs more than the value
    that it replaces (``7``, ``""``)."""
    require_values(ask)
    name = one_name(ask)

    def judge(baseline: Answer, selected: Answer) -> None:
        limit = len(baseline.body) + max_growth(ask, baseline, name)
        ask.check(
            len(selected.body) <= limit,
            f"{_select([name])} makes the payload larger",
            expected=f"at most {limit} bytes",
            actual=f"{len(selected.body)} bytes",
            of=[baseline, selected],
        )

    ask.relate("selected", if_successful(ask, judge), select=[name])


@requirement(
    "SEL-13", MUST, "$select of one request has no effect on the next", source=rfc(9110, "3.3"), fault="select-sticky"
)
def test_selections_do_not_leak(ask: Probe) -> None:
    """The baseline request right after one with $select, on the same connection, gives what it gave before."""
    require_values(ask)
    name = one_name(ask)
    other = next((each for each in ask.facts.valued if each != name), name)

    def provoke() -> None:
        ask.require_success(ask("selected", select=[name], bypass_cache=True))

    reset = partial(ask, "selected", select=[other], bypass_cache=True)
    judge = same_elements(ask, "a $select in the request before")
    ask.relate("baseline after selected", judge, bypass_cache=True, provoke=provoke, reset=reset)
