"""Learn the target first: is it there, does it let us in, which ids give data, what moves by itself.

Few requests, all recorded. What is learned goes into ``Known``; a target that cannot be tested at all (not
reachable, credentials refused, a login page, the same error for everything) is an InputError with exit status 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import Row, as_integer
from conformance.comparison.outcomes import TooLarge
from conformance.comparison.target_facts import KEPT_ROWS, Known, Relation
from conformance.contract.schema_types import kinds
from conformance.core.errors import InputError
from conformance.engine.discovery.characteristics import (
    learn_languages,
    learn_nulls,
    learn_stability,
    learn_unknown_ids,
    learn_xml,
)
from conformance.engine.discovery.first_contact import FIRST_IDS, UNREACHABLE, first_contact, where
from conformance.engine.discovery.time_zones import learn_zones
from conformance.engine.probe import Ask

_BATCHES = (FIRST_IDS, range(0, 1001), range(0, 10001))
_ENOUGH_ROWS = 10
_SINGLES = 8
USUAL_STATES = ("Failed", "Completed", "Started", "Waiting", "Stopped")
"""Words for the state of a task that pages and servers use; asked for where the page names none that gives data."""


def discover(ask: Ask, wait: float = 0.0) -> Known:
    """Fill ``ask.known``; raises InputError (exit status 4) where the target cannot be tested.

    ``wait`` is how many seconds a target that is still starting is given.
    """
    known = ask.known
    known.ids, known.state = relations(ask)
    known.body = sample_body(ask)
    first = first_contact(ask, wait)
    if known.baseline_failure:
        return known
    rows = first.elements or []
    if known.state is not None:
        word = known.body.get(known.state.request)
        known.every_state = word if isinstance(word, str) else ""
    if known.ids is not None:
        rows = find_ids(ask, rows)
    if not rows and known.state is not None:
        rows = find_under_single_states(ask, known.state)
    settle_on(ask, rows)
    states = named_states(ask, known.state) if known.state is not None else []
    learn_unknown_ids(ask, states, partial(_probe, ask))
    if not known.rows:
        _tell_apart_from_a_wall(ask, first)
    if known.rows:
        for learn in (learn_nulls, learn_stability, learn_xml, learn_languages, learn_zones):
            try:
                learn(ask)
            except TooLarge as error:
                # What it would have shown stays unknown; what needs it says so.
                known.note(learn.__name__.removeprefix("learn_"), str(error), found=False)
    return known


def _tell_apart_from_a_wall(ask: Ask, first: Answer) -> None:
    """Where there is no data: a server that says the same to a request that means nothing is no implementation."""
    nonsense = ask(
        "nonsense",
        intent=Intent.MALFORMED,
        method="PUT",
        path=f"{ask.operation.path}/no/such/thing",
        raw=b"?",
        content_type="text/x",
    )
    if first.accepted and nonsense.accepted and nonsense.body == first.body:
        raise InputError(
            f"{where(ask)}: it answers everything with the same {len(first.body)} bytes ({first.outcome}), "
            "also what is no request of this API; check the base URL",
            exit_status=UNREACHABLE,
        )


def relations(ask: Ask) -> tuple[Relation | None, Relation | None]:
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
            ids = Relation(request=name, response=singular) if integers and name != singular else ids
        elif "string" in kinds(schema) and "string" in kinds(response.get(name, {})):
            state = Relation(request=name, response=name)
    return ids, state


def sample_body(ask: Ask) -> dict[str, Any]:
    """The body of the page's sample request."""
    sample = ask.operation.sample_request
    body = sample.body if sample is not None else None
    return dict(body) if isinstance(body, dict) else {}


def find_ids(ask: Ask, rows: list[Row], singles_tried: int = 25) -> list[Row]:
    """Ask for growing ranges of ids until there is data; configured ids come first.

    Where no range gives any, or only elements of id 0, the first ``singles_tried`` ids are asked for one by one.
    """
    known, relation = ask.known, ask.known.ids
    assert relation is not None
    candidates = [list(ask.config.ids)] if ask.config.ids else []
    candidates += [list(batch) for batch in _BATCHES]
    best = rows
    for batch in candidates:
        if len(best) >= _ENOUGH_ROWS:
            break
        found = _probe(ask, {**known.body, relation.request: batch})
        best = found if len(found) > len(best) else best
    # A server that looks at one id only, or at the first few, shows nothing of the others in a batch.
    owners = _scalars(row.get(relation.response) for row in best)
    configured = [id for id in ask.config.ids if id not in owners][:_SINGLES]
    # So may one that shows nothing but the system's elements, whose id every range begins with.
    others = [id for id in range(singles_tried) if id not in owners] if owners <= {0} else []
    singles = configured if best and ask.config.ids else others
    for single in singles:
        best = [*best, *_probe(ask, {**known.body, relation.request: [single]})]
    return best


def _probe(ask: Ask, body: dict[str, Any]) -> list[Row]:
    """The elements that a body gets, the first ones of many; none where it is refused or gets more than is read."""
    try:
        answer = ask("probe", intent=Intent.DISCOVERY, body=body)
        return (answer.elements or [])[:KEPT_ROWS] if answer.accepted else []
    except TooLarge as error:
        ask.known.unread = str(error)
        return []


def find_under_single_states(ask: Ask, state: Relation) -> list[Row]:
    """Where the sample's word for all states gives no element: those of each state that page and configuration name.

    The baseline then asks for the state that has most; RES-05 judges the word for all.
    """
    known = ask.known
    found: dict[str, list[Row]] = {}
    for name in named_states(ask, state):
        known.body = {**known.body, state.request: name}
        rows = find_ids(ask, [], _SINGLES) if known.ids is not None else _probe(ask, known.body)
        if rows:
            found[name] = rows
    best = max(found, key=lambda name: len(found[name]), default=known.every_state)
    known.body = {**known.body, state.request: best}
    if found:
        text = (
            f"{known.every_state or 'the sample'} gives no element, {', '.join(found)} do; the baseline asks for {best}"
        )
        known.note("word for all states", text, found=False)
    return [row for rows in found.values() for row in rows]


def named_states(ask: Ask, state: Relation) -> list[str]:
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
    return [name for name in dict.fromkeys(names) if name != ask.known.every_state]


def settle_on(ask: Ask, rows: list[dict[str, Any]]) -> None:
    """Choose the ids of the plain request: few elements, many kinds of values."""
    known = ask.known
    if known.ids is not None:
        name = known.ids.response
        owners: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            owner = as_integer(row.get(name))
            if owner is not None:
                owners.setdefault(owner, []).append(row)
        chosen = _choose(owners)
        if chosen:
            known.known_ids = tuple(chosen)
            known.body = {**known.body, known.ids.request: list(chosen)}
    plain = ask.plain()
    elements = plain.elements or []
    known.rows = elements[:KEPT_ROWS]
    known.identity = find_identity(ask, elements)
    known.valued = tuple(name for name in ask.contract.properties if any(row.get(name) is not None for row in elements))
    if known.state is not None:
        states = _scalars(row.get(known.state.response) for row in rows) | set(ask.config.states)
        known.known_states = tuple(sorted(state for state in states if isinstance(state, str) and state))
        known.note("states", ", ".join(known.known_states) or "none seen", found=bool(known.known_states))
    if known.ids is not None:
        known.note(
            f"{known.ids.request} that give data",
            ", ".join(map(str, known.known_ids))
            or "none, although ids from 0 to 10000 were tried; name some with ids in conformance.toml",
            found=bool(known.known_ids),
        )
    known.note("elements in the plain response", str(len(elements)), found=bool(elements))
    missing = [name for name in ask.contract.properties if name not in known.valued]
    if known.rows and missing:
        known.note("properties never seen with a value", ", ".join(missing), found=False)


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
        if len(chosen) < 2 or count < _ENOUGH_ROWS or (useful and count < 3 * _ENOUGH_ROWS):
            chosen.append(owner)
            count += len(rows)
            covered |= values(rows)
        if covered >= everything and count >= _ENOUGH_ROWS and len(chosen) >= 2:
            break
    return sorted(chosen)


def find_identity(ask: Ask, rows: list[dict[str, Any]]) -> str | None:
    """The documented integer property that tells the elements apart: ``Id`` by preference."""
    integers = [name for name, schema in ask.contract.properties.items() if schema.get("type") == "integer"]
    for name in sorted(integers, key=lambda n: (n.lower() != "id", not n.lower().endswith("id"))):
        values = [as_integer(row.get(name)) for row in rows]
        # One element that comes twice (RES-07) must not cost the identity.
        if values and None not in values and len(set(values)) >= max(1, len(values) - 1):
            return name if name.lower().endswith("id") else None
    return None
