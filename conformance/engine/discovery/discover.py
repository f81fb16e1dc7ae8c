"""Discovery of one operation: is the target there, does it accept the credentials, which ids have data, is data live.

It sends few requests, and all are recorded. The results are ``TargetFacts``. If the target cannot be tested at all (it
is not reachable, refuses the credentials, sends a login page or always the same answer), discovery raises InputError
with exit status 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import Element
from conformance.comparison.equality import as_integer
from conformance.comparison.outcomes import CannotBeJudged
from conformance.comparison.redacted import redacted_in
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

_ID_RANGES = (FIRST_IDS, range(0, 1001), range(0, 10001))
_MIN_ELEMENTS = 10
_MAX_SINGLE_IDS = 8
USUAL_STATES = ("Failed", "Completed", "Started", "Waiting", "Stopped")
"""States of a task that pages and servers often use; tried if no state on the page has data."""


_STEPS = {
    FactName.WITHOUT_VALUE: discover_nulls,
    FactName.ORDER: discover_stability,
    FactName.XML_ELEMENTS: discover_xml,
    FactName.LANGUAGES: discover_languages,
    FactName.TIME_ZONES: discover_zones,
}
"""The steps of discovery once there is data, by the fact that each one finds."""


def discover(ask: Probe, wait: float = 0.0) -> TargetFacts:
    """Fill ``ask.facts`` and return it. Raises InputError (exit status 4) if the target cannot be tested.

    ``wait`` is how many seconds to wait for a target that is still starting.
    """
    facts = ask.facts
    facts.ids, facts.state = relations(ask)
    facts.body = sample_body(ask)
    first = first_contact(ask, wait)
    if facts.baseline_failure:
        return facts
    elements = first.elements or []
    if facts.state is not None:
        word = facts.body.get(facts.state.request)
        facts.every_state = word if isinstance(word, str) else ""
    if facts.ids is not None:
        elements = find_ids(ask, elements)
    if not elements and facts.state is not None:
        elements = find_under_single_states(ask, facts.state)
    choose_baseline_request(ask, elements)
    states = named_states(ask, facts.state) if facts.state is not None else []
    ask.trial.begin_step()
    discover_unknown_ids(ask, states, partial(_probe, ask))
    if not facts.elements:
        _reject_catch_all_server(ask, first)
    if facts.elements:
        for name, step in _STEPS.items():
            ask.trial.begin_step()
            try:
                step(ask)
            except CannotBeJudged as error:
                # The fact stays unknown; requirements that need it are inconclusive and say why.
                ask.note(name, str(error), found=False)
    return facts


def _reject_catch_all_server(ask: Probe, first: Answer) -> None:
    """Raises InputError if the server has no data and gives the same answer to a request without meaning."""
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
            "also a request that is not in this API; check the base URL",
            exit_status=ExitCode.TARGET_NOT_TESTABLE,
        )


def relations(ask: Probe) -> tuple[FilterProperty | None, FilterProperty | None]:
    """The request property that lists ids of the elements' owners, and the one that names their state; None without.

    ``AssociateIds`` (an array of integers) belongs to the integer ``AssociateId`` of the response. A text belongs to
    the text with the same name. An array of objects never lists ids.
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
    """The body of the page's sample request; empty if there is none."""
    sample = ask.operation.sample_request
    body = sample.body if sample is not None else None
    return dict(body) if isinstance(body, dict) else {}


def find_ids(ask: Probe, elements: list[Element], singles_tried: int = 25) -> list[Element]:
    """Try the configured ids, then larger and larger ranges of ids, until there is data; return the elements.

    If no range has data, or only elements of id 0, the first ``singles_tried`` ids are tried one by one.
    """
    facts, relation = ask.facts, ask.facts.ids
    assert relation is not None
    candidates = [list(ask.config.ids)] if ask.config.ids else []
    candidates += [list(each) for each in _ID_RANGES]
    best = elements
    for batch in candidates:
        if len(best) >= _MIN_ELEMENTS:
            break
        found = _probe(ask, {**facts.body, relation.request: batch})
        best = found if len(found) > len(best) else best
    # A server that reads only the first id, or the first few, does not return elements of the others in a range.
    owners = _scalars(element.get(relation.response) for element in best)
    configured = [id for id in ask.config.ids if id not in owners][:_MAX_SINGLE_IDS]
    # The same is true if it returns only the system's elements: every range begins with their id, which is 0.
    others = [id for id in range(singles_tried) if id not in owners] if owners <= {0} else []
    singles = configured if best and ask.config.ids else others
    for single in singles:
        best = [*best, *_probe(ask, {**facts.body, relation.request: [single]})]
    return best


def _probe(ask: Probe, body: dict[str, Any]) -> list[Element]:
    """The elements of the answer to a request body, at most MAX_KEPT_ELEMENTS.

    There are none if it is refused, or if its answer is too large.
    """
    try:
        answer = ask("probe", intent=Intent.DISCOVERY, body=body)
        return (answer.elements or [])[:MAX_KEPT_ELEMENTS] if answer.is_success else []
    except CannotBeJudged as error:
        ask.facts.unread = str(error)
        return []


def find_under_single_states(ask: Probe, state: FilterProperty) -> list[Element]:
    """Find elements if the sample's value for all states has none: try each state of the page and the configuration.

    The baseline request then has the state with the most elements. RES-05 judges the value for all states.
    """
    facts = ask.facts
    found: dict[str, list[Element]] = {}
    for name in named_states(ask, state):
        facts.body = {**facts.body, state.request: name}
        elements = find_ids(ask, [], _MAX_SINGLE_IDS) if facts.ids is not None else _probe(ask, facts.body)
        if elements:
            found[name] = elements
    best = max(found, key=lambda name: len(found[name]), default=facts.every_state)
    facts.body = {**facts.body, state.request: best}
    if found:
        text = (
            f"{facts.every_state or 'the sample'} gives no element, {', '.join(found)} do; "
            f"the baseline request has {best}"
        )
        ask.note(FactName.EVERY_STATE, text, found=False)
    return [element for elements in found.values() for element in elements]


def named_states(ask: Probe, state: FilterProperty) -> list[str]:
    """The states in the configuration, the page's schema and its sample response, then the usual ones.

    The value that stands for all states is not one of them.
    """
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


def choose_baseline_request(ask: Probe, candidates: list[dict[str, Any]]) -> None:
    """Choose the ids of the baseline request, so that it has few elements with many kinds of values.

    ``candidates`` are the elements to choose from. The facts about the baseline response are recorded.
    """
    facts = ask.facts
    if facts.ids is not None:
        name = facts.ids.response
        owners: dict[int, list[dict[str, Any]]] = {}
        for element in candidates:
            owner = as_integer(element.get(name))
            if owner is not None:
                owners.setdefault(owner, []).append(element)
        chosen = _choose(owners)
        if chosen:
            facts.known_ids = tuple(chosen)
            facts.body = {**facts.body, facts.ids.request: list(chosen)}
    baseline = ask.baseline()
    elements = baseline.elements or []
    facts.elements = elements[:MAX_KEPT_ELEMENTS]
    facts.identity = find_identity(ask, elements)
    having = {name for element in elements for name, value in element.items() if value is not None}
    facts.valued = tuple(name for name in ask.contract.properties if name in having)
    if facts.state is not None:
        states = _scalars(element.get(facts.state.response) for element in candidates) | set(ask.config.states)
        facts.known_states = tuple(sorted(state for state in states if isinstance(state, str) and state))
        ask.note(FactName.STATES, ", ".join(facts.known_states) or "none seen", found=bool(facts.known_states))
    if facts.ids is not None:
        ask.note(
            FactName.IDS,
            ", ".join(map(str, facts.known_ids))
            or "none, although ids from 0 to 10000 were tried; name some with ids in conformance.toml",
            found=bool(facts.known_ids),
        )
    ask.note(FactName.ELEMENTS, str(len(elements)), found=bool(elements), of=[baseline])
    missing = [name for name in ask.contract.properties if name not in facts.valued]
    if facts.elements and missing:
        ask.note(FactName.NEVER_WITH_VALUE, ", ".join(missing), found=False, of=[baseline])


def _scalars(values: Iterable[Any]) -> set[Any]:
    """The values without objects and arrays, which only a wrong answer has here (SHAPE-02 judges that).

    What stands for a secret is left out: no request may have it.
    """
    return {value for value in values if not isinstance(value, dict | list) and not redacted_in(value)}


def _choose(owners: dict[int, list[dict[str, Any]]]) -> list[int]:
    """Choose owners, those with few elements first, until two have about ten elements that show every property."""

    def values(elements: list[dict[str, Any]]) -> set[str]:
        return {name for element in elements for name, value in element.items() if value not in (None, "", {}, [])}

    everything = values([element for elements in owners.values() for element in elements])
    chosen: list[int] = []
    count = 0
    covered: set[str] = set()
    for owner, elements in sorted(owners.items(), key=lambda item: (len(item[1]), item[0])):
        useful = values(elements) - covered
        if len(chosen) < 2 or count < _MIN_ELEMENTS or (useful and count < 3 * _MIN_ELEMENTS):
            chosen.append(owner)
            count += len(elements)
            covered |= values(elements)
        if covered >= everything and count >= _MIN_ELEMENTS and len(chosen) >= 2:
            break
    return sorted(chosen)


def find_identity(ask: Probe, elements: list[dict[str, Any]]) -> str | None:
    """The documented integer property that identifies the elements, ``Id`` by preference; None if there is none."""
    integers = [name for name, schema in ask.contract.properties.items() if schema.get("type") == "integer"]
    for name in sorted(integers, key=lambda n: (n.lower() != "id", not n.lower().endswith("id"))):
        values = [as_integer(element.get(name)) for element in elements]
        # One element that is there twice (RES-07) does not rule a property out.
        if values and None not in values and len(set(values)) >= max(1, len(values) - 1):
            return name if name.lower().endswith("id") else None
    return None
