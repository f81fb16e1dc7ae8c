"""Assertions on ``$select``: which values are kept, which are nulled, and in which order the elements come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis.strategies import SearchStrategy

from conformance.assertions.data import require_data
from conformance.assertions.elements import Judgement, expect_equal, matched_values
from conformance.assertions.responses import expect_success
from conformance.client.codec_json import encode_json
from conformance.client.exchange import Headers
from conformance.comparison.answer import Answer
from conformance.comparison.elements import elements_of, pairs
from conformance.comparison.equality import is_equal, is_null, is_zero, leaves
from conformance.comparison.outcomes import Inconclusive, NotApplicable
from conformance.contract.model import Selection
from conformance.core.media_types import is_json
from conformance.engine.probe import Probe
from conformance.strategies.selections import selections

Names = list[str]


def require_nulls(ask: Probe) -> None:
    """Raise NotApplicable if the page's ``$select`` names the columns of a list: that nulls no property."""
    if ask.operation.selection is Selection.COLUMNS:
        raise NotApplicable("the page's $select names the columns of a list, not properties to null out")


def require_values(ask: Probe) -> None:
    """As ``require_nulls``; raises Inconclusive if no element has a documented property with a value to select by."""
    require_nulls(ask)
    require_data(ask)
    if not ask.contract.properties:
        raise NotApplicable("the response has no documented properties to select")
    if not ask.facts.valued:
        raise Inconclusive("no element has a value for any documented property")


def has_value(value: Any) -> bool:
    """Whether nulling the value out makes a difference: not for an empty text or object."""
    return value is not None and (bool(value) or not isinstance(value, str | dict | list))


def all_of(*judges: Judgement) -> Judgement:
    """Several judgements of the same two answers."""

    def judge(baseline: Answer, other: Answer) -> None:
        for each in judges:
            each(baseline, other)

    return judge


def if_successful(ask: Probe, *judges: Judgement) -> Judgement:
    """The judgements; Inconclusive unless both requests were successful."""
    return all_of(ask.require_success, *judges)


def successful(ask: Probe, what: str) -> Judgement:
    """The judgement that the request with ``$select`` is successful if the one without is."""

    def judge(baseline: Answer, selected: Answer) -> None:
        ask.require_success(baseline)
        expect_success(ask, selected, what, beside=[baseline])

    return judge


def kept(ask: Probe, names: Sequence[str], what: str) -> Judgement:
    """The judgement that the named properties have the values of the baseline response."""

    def judge(baseline: Answer, selected: Answer) -> None:
        for name, before, after in matched_values(ask, baseline, selected, names):
            if has_value(before):
                message = f"{what}: {name} has another value than without $select"
                expect_equal(ask, before, after, message, of=[baseline, selected])

    return judge


def nulled(ask: Probe, names: Sequence[str], what: str, *, warn_of_zeros: bool = False) -> Judgement:
    """The judgement that every property that is not named is null, absent, or the zero of its type.

    ``warn_of_zeros`` makes such a zero a warning.
    """
    selected_names = {name.lower() for name in names}

    def judge(baseline: Answer, selected: Answer) -> None:
        for before, after in pairs(baseline, selected, ask.facts):
            for name, schema in ask.contract.properties.items():
                if name.lower() not in selected_names and _can_be_nulled(before.get(name), schema):
                    of = [baseline, selected]
                    _expect_null(ask, after.get(name), schema, f"{what}: {name}", of, warn_of_zeros=warn_of_zeros)

    return judge


def _can_be_nulled(value: Any, schema: dict[str, Any]) -> bool:
    return has_value(value) and not is_zero(value, schema)


def _expect_null(
    ask: Probe, value: Any, schema: dict[str, Any], what: str, of: Sequence[Answer], *, warn_of_zeros: bool
) -> None:
    expected, zero = "null or absent", is_zero(value, schema)
    message = f"{what} was not selected and is not nulled out"
    ask.check(is_null(value) or zero, message, expected=expected, actual=value, of=of)
    if warn_of_zeros:
        message = f"{what} was not selected and is the zero of its type, not null"
        ask.warn_unless(not zero, message, expected=expected, actual=value, of=of)


def localised_headers(ask: Probe) -> Headers:
    """A language and a time zone that change the baseline response, which $select must not undo."""
    headers: list[tuple[str, str]] = []
    if ask.facts.languages:
        headers.append(("Accept-Language", ask.facts.languages[-1]))
    if ask.facts.zones:
        headers.append(("SO-TimeZone", next(iter(ask.facts.zones))))
    return tuple(headers)


def members_of_parents(ask: Probe) -> dict[str, Names]:
    """The properties that are objects with named members, as the page's sample shows them."""
    return {
        name: list(schema["properties"])
        for name, schema in ask.contract.properties.items()
        if len(schema.get("properties", {})) >= 2
    }


def only_child(ask: Probe, parent: str, child: str) -> Judgement:
    """The judgement that the selected child of a parent is kept and the parent's other members are nulled."""
    what = f"$select={parent}/{child}"
    schemas = ask.contract.properties[parent].get("properties", {})

    def judge(baseline: Answer, selected: Answer) -> None:
        of = [baseline, selected]
        for element, other in pairs(baseline, selected, ask.facts):
            before, after = element.get(parent), other.get(parent)
            if not isinstance(before, dict):
                continue
            members = after if isinstance(after, dict) else {}
            if has_value(before.get(child)):
                message = f"{what} does not keep {parent}/{child}"
                holds, actual = is_equal(before[child], members.get(child)), members.get(child) if members else after
                ask.check(holds, message, expected=before[child], actual=actual, of=of)
            for name, value in before.items():
                schema = schemas.get(name, {})
                if name != child and _can_be_nulled(value, schema):
                    message = f"{what}: {parent}/{name}"
                    _expect_null(ask, members.get(name), schema, message, of, warn_of_zeros=True)

    return judge


def only_child_in_text(ask: Probe, parent: str, names: Names, what: str) -> Judgement:
    """The same for XML: the texts of the members after the first one of ``names`` are gone from their parent."""
    child, *others = names
    schemas = ask.contract.properties[parent].get("properties", {})

    def judge(baseline: Answer, selected: Answer) -> None:
        for element, other in pairs(baseline, selected, ask.facts):
            before, after = element.get(parent), other.get(parent)
            if not isinstance(before, dict):
                continue
            if not ask.is_known(before, after):
                continue
            left = {str(leaf) for _, leaf in leaves(after) if leaf is not None} - {str(before.get(child))}
            for name in others:
                if _can_be_nulled(before.get(name), schemas.get(name, {})):
                    message = f"{what} does not null out the other members of {parent}"
                    is_gone = str(before[name]) not in left
                    ask.check(is_gone, message, expected="nothing else", actual=after, of=[baseline, selected])

    return judge


def expect_same_order(ask: Probe, baseline: Answer, selected: Answer) -> None:
    """Check the order of the elements by the values of what was selected: the identity may be nulled."""
    if not ask.facts.ordered:
        return
    mine, theirs = elements_of(baseline, ask.facts), elements_of(selected, ask.facts)
    for name in ask.contract.properties:
        before, after = ([element.get(name) for element in elements] for elements in (mine, theirs))
        if name in ask.facts.volatile or not any(map(has_value, after)) or not ask.is_known(before, after):
            continue
        if is_equal(before, after):
            continue
        if sorted(map(repr, before)) == sorted(map(repr, after)):
            message = f"$select changes the order of the elements (seen by {name})"
            ask.check(False, message, expected=before, actual=after, of=[baseline, selected])


def some_names(ask: Probe) -> SearchStrategy[Names]:
    """Some of the properties, and the identity if elements can only be matched by it."""
    require_values(ask)
    return selections(list(ask.contract.properties), _needed_to_match(ask))


def complement(ask: Probe, names: Sequence[str]) -> Names:
    """The properties that are not among ``names``, and the identity if elements can only be matched by it."""
    return [name for name in ask.contract.properties if name not in names or name in _needed_to_match(ask)]


def _needed_to_match(ask: Probe) -> Names:
    return [] if ask.facts.ordered else identity_of(ask)


def identity_of(ask: Probe) -> Names:
    """The property that identifies an element, to select with others; empty if there is none."""
    return [ask.facts.identity] if ask.facts.identity else []


def stable_values(ask: Probe) -> Names:
    """The properties that have values and are not volatile."""
    return [name for name in ask.facts.valued if name not in ask.facts.volatile]


def as_query(names: Sequence[str]) -> str:
    """The selection as it is sent."""
    return f"$select={','.join(names)}"


def one_name(ask: Probe) -> str:
    """A property to select alone: the identity, or one that has values."""
    return ask.facts.identity or ask.facts.valued[0]


def max_growth(ask: Probe, baseline: Answer, selected: str) -> int:
    """How many bytes an answer gains at most when its short values become null. Raises Inconclusive unless JSON."""
    if not is_json(baseline.media_type):
        raise Inconclusive("only of JSON is it known how much room a null takes")
    short = (
        len(encode_json(value))
        for element in elements_of(baseline, ask.facts)
        for name, value in element.items()
        if name != selected
    )
    return sum(max(0, len("null") - length) for length in short)
