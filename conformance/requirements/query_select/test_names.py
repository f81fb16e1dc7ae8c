"""How the names are written: order, repetition, unknown and empty names, percent-encoding."""

from __future__ import annotations

from hypothesis.strategies import SearchStrategy

from conformance.assertions.elements import same_elements
from conformance.assertions.select import (
    Names,
    all_of,
    as_query,
    has_value,
    if_successful,
    kept,
    members_of_parents,
    nulled,
    require_values,
    some_names,
    stable_values,
    successful,
)
from conformance.client.exchange import Intent
from conformance.comparison.elements import elements_of
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, SHOULD, query, rfc
from conformance.strategies.selections import shuffled, unknown_names

SELECT = query("$select")


def some_shuffled(ask: Probe) -> SearchStrategy[tuple[Names, Names]]:
    """Some of the properties, and the same in another order with one twice."""
    return shuffled(some_names(ask))


def some_unknown(ask: Probe) -> SearchStrategy[str]:
    """A name that the page does not have."""
    return unknown_names(list(ask.contract.properties))


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
    judge = if_successful(ask, same_elements(ask, as_query(shuffled_names)))
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
    valued = stable_values(ask)[:2]
    choices = [([name, *valued, f"{name}/{name}"], valued)]
    choices += [([f"{parent}/{name}", *valued], valued) for parent in list(members_of_parents(ask))[:1]]
    if ask.operation.select_example is not None:
        names = ask.operation.select_example.name.split(",")
        documented = {each.lower(): each for each in ask.contract.properties}
        choices.append((names, [documented[each.lower()] for each in names if each.lower() in documented]))
    for names, selected in choices:
        what = as_query(names)
        # The page does not specify what is left of a known parent beside an unknown child of it.
        parents = [each.partition("/")[0] for each in names if "/" in each]
        judge = all_of(successful(ask, what), kept(ask, selected, what), nulled(ask, [*selected, *parents], what))
        ask.relate("selected", judge, select=names)
    # Long, but not longer than RFC 9110 4.1 asks every server to accept; a server may still answer 414.
    unknown = [f"Unheard{number}" for number in range(120)]
    ask("long selection", intent=Intent.UNCERTAIN, select=[*valued, *unknown])


@requirement("SEL-10", MAY, "What an empty $select does", source=SELECT, fault="select-empty-nulls-all")
def test_an_emptyas_query(ask: Probe) -> None:
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
    names = stable_values(ask)[:2]
    names += [f"{parent}/{members[0]}" for parent, members in list(members_of_parents(ask).items())[:1]]
    literal = ",".join(names)
    encoded = literal.replace(",", "%2C").replace("/", "%2F")
    lower = encoded.replace("%2C", "%2c").replace("%2F", "%2f")
    for spelled in (f"%24select={literal}", f"$select={encoded}", f"%24select={lower}"):
        judge = if_successful(ask, same_elements(ask, f"writing it as ?{spelled}"))
        ask.relate("selected", judge, baseline={"query": f"$select={literal}"}, query=spelled)
