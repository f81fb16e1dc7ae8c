"""Query string: $select.

Page: Query String Parameters. It names properties, separated by commas; the others are nulled out.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis.strategies import SearchStrategy

from conformance.assertions.elements import check_same_elements, expect_same_elements, require_data, same_membership
from conformance.assertions.presence import check_presence, require_properties
from conformance.assertions.select import (
    Judgement,
    Names,
    both,
    check_child,
    check_child_in,
    check_kept,
    check_nulled,
    check_order,
    elsewhere,
    has_value,
    if_successful,
    parents_of,
)
from conformance.assertions.selectable import growth, one_name, require_nulls, require_values
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import elements_of, pairs
from conformance.comparison.outcomes import Inconclusive
from conformance.core.media_types import is_xml
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, SHOULD, query, rfc
from conformance.strategies.selections import recased, selections, shuffled, unknown_names

SELECT = query("$select")


def some(ask: Probe) -> SearchStrategy[Names]:
    """Some of the properties; with the identity where elements can only be matched by it."""
    require_values(ask)
    always = [ask.facts.identity] if ask.facts.identity and not ask.facts.ordered else []
    return selections(list(ask.contract.properties), always)


def some_recased(ask: Probe) -> SearchStrategy[tuple[Names, Names]]:
    """Some of the properties that have values, and the same in other case."""
    return recased(some(ask))


def some_shuffled(ask: Probe) -> SearchStrategy[tuple[Names, Names]]:
    """Some of the properties, and the same in another order with one twice."""
    return shuffled(some(ask))


def some_unknown(ask: Probe) -> SearchStrategy[str]:
    """A name that the page does not have."""
    return unknown_names(list(ask.contract.properties))


def others(ask: Probe, names: Sequence[str]) -> Names:
    """The properties that are not among ``names``; the identity where elements can only be matched by it."""
    keep = [ask.facts.identity] if ask.facts.identity and not ask.facts.ordered else []
    return [name for name in ask.contract.properties if name not in names or name in keep]


@requirement(
    "SEL-01",
    MUST,
    "Without $select every documented property is there on every element",
    source=SELECT,
    fault="finished-lack-percent",
    smoke=True,
)
def test_everything_without_select(ask: Probe) -> None:
    """The plain answer in JSON: each element has each property of the page's table, null or not. If the target leaves
    out what is null, a property that only some elements have is a warning, and one that none has is undecided."""
    require_nulls(ask)
    require_properties(ask)
    require_data(ask)
    baseline = ask.baseline()
    check_presence(ask, baseline, elements_of(baseline, ask.facts))


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
    names=some,
)
def test_the_selected_keep_their_values(ask: Probe, names: Names) -> None:
    """A selection and its complement, so that every property is selected once; element by
    element, and the complement once more in a language and a time zone that change the
    values."""
    for chosen in (names, others(ask, names)):
        what = f"$select={','.join(chosen)}"

        def judge(baseline: Answer, answer: Answer, chosen: Names = chosen, what: str = what) -> None:
            ask.require_success(baseline)
            if not answer.is_success:
                ask.expect_success(answer, what, beside=[baseline])
            check_kept(ask, chosen, what)(baseline, answer)

        ask.relate("selected", judge, select=chosen)
        for both_headers in ask.limit_in_smoke(filter(None, [elsewhere(ask)] if chosen is not names else []), 0):
            ask.relate("selected", judge, baseline={"headers": both_headers}, select=chosen, headers=both_headers)


@requirement(
    "SEL-03",
    MUST,
    "Every property that was not selected is nulled out",
    source=SELECT,
    fault=("select-ignored", "select-keeps-objects", "select-first-element-only"),
    smoke=True,
    names=some,
)
def test_the_rest_is_nulled(ask: Probe, names: Names) -> None:
    """A selection and its complement. Null or absent; 0, false or the zero date where the type has no null is a
    warning. Only properties that have a value without $select can show it."""
    for chosen in (names, others(ask, names)):
        judge = if_successful(ask, check_nulled(ask, chosen, f"$select={','.join(chosen)}", warn_of_zeros=True))
        ask.relate("selected", judge, select=chosen)


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
    chosen, recased_names = names
    what = f"$select={','.join(recased_names)}"
    judge = if_successful(ask, both(check_kept(ask, chosen, what), check_nulled(ask, chosen, what)))
    ask.relate("selected", judge, select=recased_names)
    identity = [ask.facts.identity] if ask.facts.identity else []
    for parent, members in ask.limit_in_smoke(parents_of(ask).items(), 0):
        path = f"{parent}/{members[0]}"
        for spelled in (path.lower(), path.upper()):
            same_child = if_successful(ask, expect_same_elements(ask, f"$select={spelled}"))
            ask.relate("selected", same_child, baseline={"select": [*identity, path]}, select=[*identity, spelled])


@requirement(
    "SEL-05",
    MUST,
    "Parent/Child keeps that child and nulls the parent's others",
    source=SELECT,
    fault=("select-parent-whole", "select-child-lost"),
)
def test_a_child_is_selected(ask: Probe) -> None:
    """Each member of each object that the sample shows, selected alone; members of maps have no fixed names."""
    require_values(ask)
    parents = parents_of(ask)
    if not parents:
        raise Inconclusive("the page shows no object with named members")
    first = [ask.facts.identity] if ask.facts.identity else []
    for parent, members in parents.items():
        for child in members:
            path = f"{parent}/{child}"

            def judge(baseline: Answer, chosen: Answer, parent: str = parent, child: str = child) -> None:
                ask.require_success(baseline, chosen)
                for before, after in pairs(baseline, chosen, ask.facts):
                    check_child(ask, before.get(parent), after.get(parent), parent, child, [baseline, chosen])

            ask.relate("selected", judge, select=[*first, path])
        whole = {"select": [*first, parent]}
        every = [f"{parent}/{member}" for member in members]
        ask.relate(
            "selected",
            if_successful(ask, expect_same_elements(ask, f"selecting all children of {parent} one by one")),
            baseline=whole,
            select=[*first, *every],
        )


@requirement(
    "SEL-06",
    MUST,
    "$select changes neither which elements come back nor their order",
    source=SELECT,
    fault=("select-drops-elements", "select-reorders"),
    names=some,
)
def test_the_elements_stay(ask: Probe, names: Names) -> None:
    """As many elements with a selection as without; with the identity among the selected, the same ones in the same
    order. Each property alone is tried too, sparse ones first."""
    identity = [ask.facts.identity] if ask.facts.identity else []

    def judge(baseline: Answer, chosen: Answer) -> None:
        ask.require_success(baseline, chosen)
        same_membership(ask, baseline, chosen, "$select")
        check_order(ask, baseline, chosen)

    ask.relate("selected", judge, select=names)
    ask.relate("selected", judge, select=[*dict.fromkeys([*names, *identity])])
    sparse = sorted(ask.facts.valued, key=lambda name: sum(has_value(row.get(name)) for row in ask.facts.rows))
    for name in sparse[:2]:
        ask.relate("selected", judge, select=[name])


@requirement(
    "SEL-07",
    MUST,
    "$select means the same under every documented response type",
    source=SELECT,
    fault=("select-json-only", "select-objects-in-xml"),
)
def test_every_type_selects(ask: Probe) -> None:
    """Selected against unselected within each documented type: what is selected stays, the rest is nulled (in XML:
    nil, empty or absent)."""
    require_values(ask)
    identity = [ask.facts.identity] if ask.facts.identity else []
    text = [name for name in ask.facts.valued if name not in identity and name not in ask.facts.volatile]
    names = [*identity, *text[: max(1, len(text) // 3)]]
    for fact in ask.operation.response_types:
        what = f"$select under Accept: {fact.name}"
        judge = if_successful(ask, both(check_kept(ask, names, what), check_nulled(ask, names, what)))
        ask.relate("selected", judge, baseline={"accept": fact.name}, accept=fact.name, select=names)
        # JSON is SEL-05's affair, whatever it is called.
        for parent, members in parents_of(ask).items() if is_xml(fact.name) else ():
            check_child_in(ask, fact.name, [*identity, f"{parent}/{members[0]}"], parent, members)


@requirement(
    "SEL-08",
    SHOULD,
    "The order of the names and a name given twice make no difference",
    source=SELECT,
    fault="select-duplicate-toggles",
    names=some_shuffled,
)
def test_order_and_repetition(ask: Probe, names: tuple[Names, Names]) -> None:
    """The selection shuffled, one name twice, against the selection itself."""
    chosen, shuffled_names = names
    judge = if_successful(ask, expect_same_elements(ask, f"$select={','.join(shuffled_names)}"))
    ask.relate("selected", judge, baseline={"select": chosen}, select=shuffled_names)


@requirement(
    "SEL-09",
    MUST,
    "An unknown name is no error and leaves the known ones working",
    source=SELECT,
    fault="select-unknown-refused",
    name=some_unknown,
)
def test_an_unknown_name(ask: Probe, name: str) -> None:
    """Known names with an unknown one before, between or behind them; and the page's own example, in which most names
    are unknown to this operation."""
    require_values(ask)
    facts = [n for n in ask.facts.valued if n not in ask.facts.volatile][:2]
    example = ask.operation.select_example
    documented = {n.lower(): n for n in ask.contract.properties}
    choices = [([name, *facts, f"{name}/{name}"], facts)]
    choices += [([f"{parent}/{name}", *facts], facts) for parent in list(parents_of(ask))[:1]]
    if example is not None:
        names = example.name.split(",")
        choices.append((names, [documented[n.lower()] for n in names if n.lower() in documented]))
    for names, kept in choices:
        what = f"$select={','.join(names)}"

        # What is left of a known parent beside an unknown child of it is nobody's word.
        parents = [n.partition("/")[0] for n in names if "/" in n]
        judgement = both(check_kept(ask, kept, what), check_nulled(ask, [*kept, *parents], what))

        def judge(baseline: Answer, chosen: Answer, what: str = what, judgement: Judgement = judgement) -> None:
            ask.require_success(baseline)
            ask.expect_success(chosen, what, beside=[baseline])
            judgement(baseline, chosen)

        ask.relate("selected", judge, select=names)
    # Long, but no longer than RFC 9110 4.1 asks every server to take; 414 is a lawful answer all the same.
    ask("long selection", intent=Intent.UNCERTAIN, select=[*facts, *(f"Unheard{number}" for number in range(120))])


@requirement("SEL-10", MAY, "What an empty $select does", source=SELECT, fault="select-empty-nulls-all")
def test_an_empty_select(ask: Probe) -> None:
    """``$select=`` beside the plain request: as if it were not there, everything nulled, or refused."""
    require_values(ask)
    baseline, answer = ask.baseline(), ask("selected", query="$select=")
    if not answer.is_success:
        ask.observe(f"an empty $select is answered with {answer.outcome}")
        return
    rows = elements_of(answer, ask.facts)
    left = [name for name in ask.facts.valued if any(has_value(row.get(name)) for row in rows)]
    full = len(left) == len(ask.facts.valued) and len(rows) == len(elements_of(baseline, ask.facts))
    ask.observe("an empty $select " + ("shows all properties" if full else f"leaves {', '.join(left) or 'nothing'}"))


@requirement(
    "SEL-11",
    SHOULD,
    "%24select, %2C and %2F mean the same as $select, comma and slash",
    source=rfc(3986, "2.4"),
    fault="select-encoded-ignored",
)
def test_percent_encoding(ask: Probe) -> None:
    """One selection with a child, encoded in four ways, against the same one as it is."""
    require_values(ask)
    names = [n for n in ask.facts.valued if n not in ask.facts.volatile][:2]
    names += [f"{parent}/{members[0]}" for parent, members in list(parents_of(ask).items())[:1]]
    baseline = ",".join(names)
    encoded = baseline.replace(",", "%2C").replace("/", "%2F")
    small = encoded.replace("%2C", "%2c").replace("%2F", "%2f")
    for spelled in (f"%24select={baseline}", f"$select={encoded}", f"%24select={small}"):
        judge = if_successful(ask, expect_same_elements(ask, f"writing it as ?{spelled}"))
        ask.relate("selected", judge, baseline={"query": f"$select={baseline}"}, query=spelled)


@requirement(
    "SEL-12",
    SHOULD,
    "Selecting fewer properties does not enlarge the payload",
    source=SELECT,
    fault="select-pretty-printed",
)
def test_the_payload_shrinks(ask: Probe) -> None:
    """One property selected, against none: the body in bytes. Null may take more room than the value that it takes
    the place of (``7``, ``""``), which is allowed for."""
    require_values(ask)
    name = one_name(ask)

    def judge(baseline: Answer, chosen: Answer) -> None:
        ask.require_success(baseline, chosen)
        most = len(baseline.body) + growth(ask, baseline, name)
        ask.check(
            len(chosen.body) <= most,
            f"$select={name} makes the payload larger",
            expected=f"at most {most} bytes",
            actual=f"{len(chosen.body)} bytes",
            of=[baseline, chosen],
        )

    ask.relate("selected", judge, select=[name])


@requirement(
    "SEL-13", MUST, "$select of one request has no effect on the next", source=rfc(9110, "3.3"), fault="select-sticky"
)
def test_selections_do_not_leak(ask: Probe) -> None:
    """The plain request right after one with $select, on the same connection, against the plain request before."""
    require_values(ask)
    name = one_name(ask)
    other = next((each for each in ask.facts.valued if each != name), name)

    def judge(baseline: Answer, after: Answer) -> None:
        check_same_elements(ask, baseline, after, "a $select in the request before")

    def provoke() -> None:
        ask.require_success(ask("selected", select=[name], bypass_cache=True))

    def reset() -> None:
        ask("selected", select=[other], bypass_cache=True)

    ask.relate("plain after selected", judge, bypass_cache=True, provoke=provoke, reset=reset)
