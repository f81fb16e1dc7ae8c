"""Learn the target first: is it there, does it let us in, which ids give data, what moves by itself.

Few requests, all recorded. What is learned goes into ``TargetFacts``; a target that cannot be tested at all (not
reachable, credentials refused, a login page, the same error for everything) is an InputError with exit status 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import Element
from conformance.comparison.equality import as_integer
from conformance.comparison.outcomes import AnswerTooLarge
from conformance.comparison.target_facts import MAX_KEPT_ELEMENTS, FactName, FilterProperty, TargetFacts
from conformance.contract.schema_types import kinds
from conformance.core.errors import InputError
from conformance.core.exit_code import ExitCode
from conformance.engine.discovery.characteristics import (
    discover_languages,
    discover_nulls,
    discover_stability,
    discover_unknown_ids,
    discover_xml,
)
from conformance.engine.discovery.first_contact import FIRST_IDS, first_contact, where
from conformance.engine.discovery.time_zones import discover_zones
from conformance.engine.probe import Probe

_BATCHES = (FIRST_IDS, range(0, 1001), range(0, 10001))
_ENOUGH_ELEMENTS = 10
_SINGLES = 8
USUAL_STATES = ("Failed", "Completed", "Started", "Waiting", "Stopped")
"""Words for the state of a task that pages and servers use; asked for where the page names none that gives data."""


_STEPS = {
    FactName.WITHOUT_VALUE: discover_nulls,
    FactName.ORDER: discover_stability,
    FactName.XML_ELEMENTS: discover_xml,
    FactName.LANGUAGES: discover_languages,
    FactName.TIME_ZONES: discover_zones,
}
"""What discovery asks once there is data, by what it finds out."""


def discover(ask: Probe, wait: float = 0.0) -> TargetFacts:
    """Fill ``ask.known``; raises InputError (exit status 4) where the target cannot be tested.

    ``wait`` is how many seconds a target that is still starting is given.
    """
    facts = ask.facts
    facts.ids, facts.state = relations(ask)
    facts.body = sample_body(ask)
    first = first_contact(ask, wait)
    if facts.baseline_failure:
        return facts
    rows = first.elements or []
    if facts.state is not None:
        word = facts.body.get(facts.state.request)
        facts.every_state = word if isinstance(word, str) else ""
    if facts.ids is not None:
        rows = find_ids(ask, rows)
    if not rows and facts.state is not None:
        rows = find_under_single_states(ask, facts.state)
    choose_baseline_request(ask, rows)
    states = named_states(ask, facts.state) if facts.state is not None else []
    discover_unknown_ids(ask, states, partial(_probe, ask))
    if not facts.elements:
        _reject_catch_all_server(ask, first)
    if facts.elements:
        for name, step in _STEPS.items():
            try:
                step(ask)
            except AnswerTooLarge as error:
                # What it would have shown stays unknown; what needs it says so.
                facts.note(name, str(error), found=False)
    return facts


def _reject_catch_all_server(ask: Probe, first: Answer) -> None:
    """Where there is no data: a server that says the same to a request that means nothing is no implementation."""
    nonsense = ask(
        "nonsense",
        intent=Intent.MALFORMED,
        method="PUT",
        path=f"{ask.operation.path}/no/such/thing",
        raw=b"?",
        content_type="text/x",
    )
    if first.is_success and nonsense.is_success and nonsense.body == first.body:
        raise InputError(
            f"{where(ask)}: it answers everything with the same {len(first.body)} bytes ({first.outcome}), "
            "also what is no request of this API; check the base URL",
            exit_status=ExitCode.TARGET_NOT_TESTABLE,
        )


def relations(ask: Probe) -> tuple[FilterProperty | None, FilterProperty | None]:
    """Which request property lists ids of elements' owners, and which one names their state.

    ``AssociateIds`` (an array of integers) belongs to the integer ``AssociateId``; a text belongs to the text of its
    name. An array of objects lists no ids, whatever its name.
    """
    response = ask.contract.properties
    request: dict[str, Any] = (ask.contract.request or {}).get("properties", {})
    ids = state = None
    for name, schema in request.items():
        singular = name.removesuffix("s")
        if "array" in kinds(schema):
            integers = kinds(schema.get("items", {})) == {"integer"} == kinds(response.get(singular, {}))
            ids = FilterProperty(request=name, response=singular) if integers and name != singular else ids
        elif "string" in kinds(schema) and "string" in kinds(response.get(name, {})):
            state = FilterProperty(request=name, response=name)
    return ids, state


def sample_body(ask: Probe) -> dict[str, Any]:
    """The body of the page's sample request."""
    sample = ask.operation.sample_request
    body = sample.body if sample is not None else None
    return dict(body) if isinstance(body, dict) else {}


def find_ids(ask: Probe, rows: list[Element], singles_tried: int = 25) -> list[Element]:
    """Ask for growing ranges of ids until there is data; configured ids come first.

    Where no range gives any, or only elements of id 0, the first ``singles_tried`` ids are asked for one by one.
    """
    facts, relation = ask.facts, ask.facts.ids
    assert relation is not None
    candidates = [list(ask.config.ids)] if ask.config.ids else []
    candidates += [list(batch) for batch in _BATCHES]
    best = rows
    for batch in candidates:
        if len(best) >= _ENOUGH_ELEMENTS:
            break
        found = _probe(ask, {**facts.body, relation.request: batch})
        best = found if len(found) > len(best) else best
    # A server that looks at one id only, or at the first few, shows nothing of the others in a batch.
    owners = _scalars(row.get(relation.response) for row in best)
    configured = [id for id in ask.config.ids if id not in owners][:_SINGLES]
    # So may one that shows nothing but the system's elements, whose id every range begins with.
    others = [id for id in range(singles_tried) if id not in owners] if owners <= {0} else []
    singles = configured if best and ask.config.ids else others
    for single in singles:
        best = [*best, *_probe(ask, {**facts.body, relation.request: [single]})]
    return best


def _probe(ask: Probe, body: dict[str, Any]) -> list[Element]:
    """The elements that a body gets, the first ones of many; none where it is refused or gets more than is read."""
    try:
        answer = ask("probe", intent=Intent.DISCOVERY, body=body)
        return (answer.elements or [])[:MAX_KEPT_ELEMENTS] if answer.is_success else []
    except AnswerTooLarge as error:
        ask.facts.unread = str(error)
        return []


def find_under_single_states(ask: Probe, state: FilterProperty) -> list[Element]:
    """Where the sample's word for all states gives no element: those of each state that page and configuration name.

    The baseline then asks for the state that has most; RES-05 judges the word for all.
    """
    facts = ask.facts
    found: dict[str, list[Element]] = {}
    for name in named_states(ask, state):
        facts.body = {**facts.body, state.request: name}
        rows = find_ids(ask, [], _SINGLES) if facts.ids is not None else _probe(ask, facts.body)
        if rows:
            found[name] = rows
    best = max(found, key=lambda name: len(found[name]), default=facts.every_state)
    facts.body = {**facts.body, state.request: best}
    if found:
        text = (
            f"{facts.every_state or 'the sample'} gives no element, {', '.join(found)} do; the baseline asks for {best}"
        )
        facts.note(FactName.EVERY_STATE, text, found=False)
    return [row for rows in found.values() for row in rows]


def named_states(ask: Probe, state: FilterProperty) -> list[str]:
    """The states that the configuration, the page's schema and its sample response name, without the word for all."""
    sample = ask.operation.sample_response
    shown = sample.body if sample is not None else None
    elements = shown if isinstance(shown, list) else [shown]
    values = [element.get(state.response) for element in elements if isinstance(element, dict)]
    schemas = (
        (ask.contract.request or {}).get("properties", {}).get(state.request, {}),
        ask.contract.properties[state.response],
    )
    values += [value for schema in schemas for value in schema.get("enum", [])]
    names = [*ask.config.states, *(value for value in values if isinstance(value, str) and value), *USUAL_STATES]
    return [name for name in dict.fromkeys(names) if name != ask.facts.every_state]


def choose_baseline_request(ask: Probe, rows: list[dict[str, Any]]) -> None:
    """Choose the ids of the plain request: few elements, many kinds of values."""
    facts = ask.facts
    if facts.ids is not None:
        name = facts.ids.response
        owners: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            owner = as_integer(row.get(name))
            if owner is not None:
                owners.setdefault(owner, []).append(row)
        chosen = _choose(owners)
        if chosen:
            facts.known_ids = tuple(chosen)
            facts.body = {**facts.body, facts.ids.request: list(chosen)}
    baseline = ask.baseline()
    elements = baseline.elements or []
    facts.elements = elements[:MAX_KEPT_ELEMENTS]
    facts.identity = find_identity(ask, elements)
    facts.valued = tuple(name for name in ask.contract.properties if any(row.get(name) is not None for row in elements))
    if facts.state is not None:
        states = _scalars(row.get(facts.state.response) for row in rows) | set(ask.config.states)
        facts.known_states = tuple(sorted(state for state in states if isinstance(state, str) and state))
        facts.note(FactName.STATES, ", ".join(facts.known_states) or "none seen", found=bool(facts.known_states))
    if facts.ids is not None:
        facts.note(
            FactName.IDS,
            ", ".join(map(str, facts.known_ids))
            or "none, although ids from 0 to 10000 were tried; name some with ids in conformance.toml",
            found=bool(facts.known_ids),
        )
    facts.note(FactName.ELEMENTS, str(len(elements)), found=bool(elements))
    missing = [name for name in ask.contract.properties if name not in facts.valued]
    if facts.elements and missing:
        facts.note(FactName.NEVER_WITH_VALUE, ", ".join(missing), found=False)


def _scalars(values: Iterable[Any]) -> set[Any]:
    """The values, each once; not the objects and arrays that a wrong answer has in their place (SHAPE-02 says so)."""
    return {value for value in values if not isinstance(value, dict | list)}


def _choose(owners: dict[int, list[dict[str, Any]]]) -> list[int]:
    """Owners with few elements first, until there are some ten elements of two owners that show every property."""

    def values(rows: list[dict[str, Any]]) -> set[str]:
        return {name for row in rows for name, value in row.items() if value not in (None, "", {}, [])}

    everything = values([row for rows in owners.values() for row in rows])
    chosen: list[int] = []
    count = 0
    covered: set[str] = set()
    for owner, rows in sorted(owners.items(), key=lambda item: (len(item[1]), item[0])):
        useful = values(rows) - covered
        if len(chosen) < 2 or count < _ENOUGH_ELEMENTS or (useful and count < 3 * _ENOUGH_ELEMENTS):
            chosen.append(owner)
            count += len(rows)
            covered |= values(rows)
        if covered >= everything and count >= _ENOUGH_ELEMENTS and len(chosen) >= 2:
            break
    return sorted(chosen)


def find_identity(ask: Probe, rows: list[dict[str, Any]]) -> str | None:
    """The documented integer property that tells the elements apart: ``Id`` by preference."""
    integers = [name for name, schema in ask.contract.properties.items() if schema.get("type") == "integer"]
    for name in sorted(integers, key=lambda n: (n.lower() != "id", not n.lower().endswith("id"))):
        values = [as_integer(row.get(name)) for row in rows]
        # One element that comes twice (RES-07) must not cost the identity.
        if values and None not in values and len(set(values)) >= max(1, len(values) - 1):
            return name if name.lower().endswith("id") else None
    return None
