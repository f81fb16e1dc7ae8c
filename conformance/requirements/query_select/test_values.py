"""What a selection keeps and what it nulls."""

from __future__ import annotations

from hypothesis.strategies import SearchStrategy

from conformance.assertions.data import require_data
from conformance.assertions.elements import expect_same_membership, same_elements
from conformance.assertions.presence import expect_every_property, require_properties
from conformance.assertions.responses import expect_success
from conformance.assertions.select import (
    Names,
    as_query,
    complement,
    expect_same_order,
    has_value,
    identity_of,
    if_successful,
    kept,
    localised_headers,
    members_of_parents,
    nulled,
    only_child,
    only_child_in_text,
    require_nulls,
    require_values,
    some_names,
    stable_values,
)
from conformance.comparison.answer import Answer
from conformance.comparison.elements import elements_of
from conformance.comparison.outcomes import Inconclusive
from conformance.core.media_types import is_xml
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, query
from conformance.strategies.selections import recased

SELECT = query("$select")


def some_recased(ask: Probe) -> SearchStrategy[tuple[Names, Names]]:
    """Some of the properties, and the same in other case."""
    return recased(some_names(ask))


@requirement(
    "SEL-01",
    MUST,
    "Without $select, every element has every documented property",
    source=SELECT,
    fault="finished-lack-percent",
    smoke=True,
)
def test_everything_withoutas_query(ask: Probe) -> None:
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
        what = as_query(selected)

        def judge(baseline: Answer, answer: Answer, selected: Names = selected, what: str = what) -> None:
            ask.require_success(baseline)
            if not answer.is_success:
                # Only then: that the request is accepted is not evidence that values are kept.
                expect_success(ask, answer, what, beside=[baseline])
            kept(ask, selected, what)(baseline, answer)

        ask.relate("selected", judge, select=selected)
        for headers in ask.limit_in_smoke(filter(None, [localised_headers(ask)] if selected is not names else []), 0):
            ask.relate("selected", judge, baseline={"headers": headers}, select=selected, headers=headers)


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
        judge = if_successful(ask, nulled(ask, selected, as_query(selected), warn_of_zeros=True))
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
    what = as_query(recased_names)
    judge = if_successful(ask, kept(ask, selected, what), nulled(ask, selected, what))
    ask.relate("selected", judge, select=recased_names)
    for parent, members in ask.limit_in_smoke(members_of_parents(ask).items(), 0):
        path = f"{parent}/{members[0]}"
        baseline = {"select": [*identity_of(ask), path]}
        for spelled in (path.lower(), path.upper()):
            judge = if_successful(ask, same_elements(ask, as_query([spelled])))
            ask.relate("selected", judge, baseline=baseline, select=[*identity_of(ask), spelled])


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
            ask.relate("selected", judge, select=[*identity_of(ask), path])
        whole = {"select": [*identity_of(ask), parent]}
        judge = if_successful(ask, same_elements(ask, f"selecting all children of {parent} one by one"))
        ask.relate("selected", judge, baseline=whole, select=[*identity_of(ask), *paths])


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
        return sum(has_value(element.get(name)) for element in ask.facts.elements)

    sparse = sorted(ask.facts.valued, key=count)
    for selected in (names, [*dict.fromkeys([*names, *identity_of(ask)])], *([name] for name in sparse[:2])):
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
    identity = identity_of(ask)
    others = [name for name in stable_values(ask) if name not in identity]
    names = [*identity, *others[: max(1, len(others) // 3)]]
    for fact in ask.operation.response_types:
        what = f"$select under Accept: {fact.name}"
        judge = if_successful(ask, kept(ask, names, what), nulled(ask, names, what))
        ask.relate("selected", judge, baseline={"accept": fact.name}, accept=fact.name, select=names)
        # SEL-05 covers JSON, whatever it is called.
        for parent, members in members_of_parents(ask).items() if is_xml(fact.name) else ():
            path = f"{parent}/{members[0]}"
            judge = if_successful(ask, only_child_in_text(ask, parent, members, f"{as_query([path])} in {fact.name}"))
            ask.relate("selected", judge, accept=fact.name, select=[*identity, path])
