"""Discovery of the target's data: order, null, XML and languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import pairs
from conformance.comparison.equality import as_integer, is_equal
from conformance.comparison.outcomes import Inconclusive
from conformance.comparison.target_facts import MAX_KEPT_ELEMENTS, FactName, NullStyle, TargetFacts
from conformance.core.media_types import is_xml
from conformance.engine.live_data import record_changes, resend_unless_changed
from conformance.engine.probe import Probe

_MARKED = re.compile(r'(?:^|;)\s*([A-Z]{2}(?:-[A-Za-z]{2,})?)\s*:\s*"')


_COUNTRY_LANGUAGE = {
    "US": "en",
    "UK": "en",
    "GB": "en",
    "GE": "de",
    "NO": "nb",
    "SW": "sv",
    "SE": "sv",
    "DA": "da",
    "DK": "da",
    "SP": "es",
    "JP": "ja",
    "CZ": "cs",
    "GR": "el",
}


UNKNOWN_LANGUAGE = "tlh"
"""A valid tag (RFC 5646) of a language in which no target has texts."""

_LANGUAGES = ("en", "de", "fr", "nb", "no", "sv", "da", "nl", "es", "it")


SendBody = Callable[[dict[str, Any]], list[dict[str, Any]]]
"""Sends a request body and returns the elements of the answer; none if it is refused."""


def discover_unknown_ids(ask: Probe, states: Sequence[str], probe: SendBody) -> None:
    """Record which configured ids have no element, and whether they have one in another state.

    ``states`` are the single states that the page and the configuration name.
    """
    facts, relation = ask.facts, ask.facts.ids
    if relation is None or not ask.config.ids or (facts.elements and set(ask.config.ids) <= set(facts.known_ids)):
        return

    def without_elements(ids: Sequence[int], **state: str) -> list[int]:
        elements = probe({**facts.body, **state, relation.request: list(ids)})
        owners = {as_integer(element.get(relation.response)) for element in elements}
        left = [each for each in ids if each not in owners]
        # Only the first MAX_KEPT_ELEMENTS are kept, so the rest of the ids is tried again.
        is_truncated = len(elements) >= MAX_KEPT_ELEMENTS
        return without_elements(left, **state) if len(left) < len(ids) and is_truncated else left

    left = [each for each in without_elements(ask.config.ids) if each not in facts.known_ids]
    name = facts.state.request if facts.state is not None else ""
    all_states = dict.fromkeys((facts.every_state, *facts.known_states, *states)) if name else {}
    for state in filter(None, all_states):
        if left and state != facts.body.get(name):
            there = [each for each in left if each not in without_elements(left, **{name: state})]
            left = [each for each in left if each not in there]
            if there:
                text = f"{_listed(there)} of the configuration give elements in state {state}"
                ask.note(
                    FactName.CONFIGURED_IDS,
                    f"{text}, and none in {facts.body.get(name)}, which the baseline request has",
                    found=False,
                )
    if left:
        in_states = " in any state" if name else ""
        others = "other ids do" if facts.known_ids else "without any that do, RES-01 to RES-05 are inconclusive"
        text = f"{_listed(left)} of the configuration give no element{in_states}; {others}"
        ask.note(FactName.CONFIGURED_IDS, text, found=False)


def _listed(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids))


def discover_stability(ask: Probe) -> None:
    """Record what differs between two answers to the baseline request."""
    record_changes(ask, ask.baseline(), ask.baseline(bypass_cache=True))
    facts = ask.facts
    ask.note(FactName.ORDER, "stable" if facts.ordered else "not stable")
    if facts.volatile:
        ask.note(FactName.VOLATILE, ", ".join(sorted(facts.volatile)))


def discover_nulls(ask: Probe) -> None:
    """Record how the target writes null in JSON, without ``$select``. The baseline response shows it."""
    facts = ask.facts
    facts.null_style = null_style(ask.baseline().elements or [], ask.contract.properties)
    text = {
        NullStyle.UNSEEN: "not seen: each element has a value for each property",
        NullStyle.NULLS: "written as null",
        NullStyle.LEFT_OUT: "left out of the element",
        NullStyle.MIXED: "some are written as null, some are left out",
    }[facts.null_style]
    ask.note(FactName.WITHOUT_VALUE, text)


def null_style(elements: Collection[dict[str, Any]], names: Iterable[str]) -> NullStyle:
    """How null is written in these elements; ``names`` are the documented properties.

    If some properties are null, a property that no element has is missing, and does not show a style.
    """
    nulls = partly = absent = False
    for name in names:
        there = [element[name] for element in elements if name in element]
        nulls = nulls or any(value is None for value in there)
        absent = absent or len(there) < len(elements)
        partly = partly or 0 < len(there) < len(elements)
    if nulls:
        return NullStyle.MIXED if partly else NullStyle.NULLS
    return NullStyle.LEFT_OUT if absent else NullStyle.UNSEEN


def discover_xml(ask: Probe) -> None:
    """Record where the elements are in this target's XML, and its namespaces."""
    from conformance.client.codec_xml import find_element_path, namespaces, xml_source

    kind = next((fact.name for fact in ask.operation.response_types if is_xml(fact.name)), None)
    if kind is None:
        return
    answer = ask("xml", accept=kind)
    if answer.is_success and answer.is_xml and not answer.xml.problem:
        ask.facts.xml_path = find_element_path(answer.xml, ask.contract.properties)[1]
        if answer.response is not None:
            ask.facts.xml_namespaces = namespaces(xml_source(answer.response))
        ask.note(FactName.XML_ELEMENTS, "/".join(ask.facts.xml_path) or "not found", found=bool(ask.facts.xml_path))


def discover_languages(ask: Probe) -> None:
    """Find languages of which any two give different texts, with Accept-Language."""
    facts = ask.facts
    if ask.operation.header("Accept-Language") is None:
        return
    find_marked(facts)
    candidates = dict.fromkeys((*ask.config.languages, *facts.marked_languages, *_LANGUAGES))
    seen: dict[str, str] = {}
    changing: set[str] = set()
    confirmed: set[str] = set()
    by_default = ask("unknown language", intent=Intent.UNCERTAIN, headers=(("Accept-Language", UNKNOWN_LANGUAGE),))
    limit = 12 if facts.marked_languages or ask.config.languages else 6
    facts.tried_languages = tuple(candidates)[:limit]
    silent: list[str] = []
    for code in facts.tried_languages:
        answer = ask("language", intent=Intent.UNCERTAIN, headers=(("Accept-Language", code),))
        if not answer.is_success or answer.elements is None:
            continue
        changed = _translated(ask, answer, confirmed)
        if not changed and code in ask.config.languages:
            silent.append(code)
        text = texts_of(answer, changed, facts) if changed else ""
        # The text for an unknown language counts as a language only if data or configuration name it.
        named = code in ask.config.languages or code in facts.marked_languages
        if changed and not named and by_default.is_success and text == texts_of(by_default, changed, facts):
            continue
        if changed and text not in seen.values():
            seen[code] = text
            changing |= changed
        if len(seen) >= 3:
            break
    facts.languages = tuple(seen)
    facts.changing = tuple(sorted(changing))
    if silent:
        others = "others do" if len(seen) > 1 else "without two that do, LANG-02 to LANG-08 are inconclusive"
        text = f"{', '.join(silent)} of the configuration changes no text; {others}"
        ask.note(FactName.CONFIGURED_LANGUAGES, text, found=False)
    if seen:
        ask.note(FactName.LANGUAGES, f"{', '.join(seen)} change {', '.join(facts.changing)}")
    else:
        ask.note(FactName.LANGUAGES, f"none of {', '.join(facts.tried_languages)} changes any text", found=False)


def _translated(ask: Probe, answer: Answer, confirmed: set[str]) -> set[str]:
    """The properties whose text a language changes.

    A property that changes for the first time may be live data, so the baseline request is sent again. The properties
    are then added to ``confirmed``.
    """
    facts = ask.facts
    changed = set(changed_texts(ask, ask.baseline(), answer))
    if not changed <= confirmed:
        resend_unless_changed(ask)
        changed -= facts.volatile
        confirmed |= changed
    # Texts of numbers and dates depend on the culture of a language; they do not show a translation.
    return changed & set(facts.marked) if facts.marked else changed


def texts_of(answer: Answer, names: Collection[str], facts: TargetFacts) -> str:
    """The values of the named properties in an answer, as one text. If the target has no order, they are sorted."""
    elements = [repr([element.get(name) for name in sorted(names)]) for element in answer.elements or []]
    return repr(elements if facts.ordered else sorted(elements))


def find_marked(facts: TargetFacts) -> None:
    """Record the properties with raw multi-language text (``NO:"...";US:"..."``), and the languages in it."""
    languages: dict[str, None] = {}
    names: dict[str, None] = {}
    for element in facts.elements:
        for name, value in element.items():
            codes = _MARKED.findall(value) if isinstance(value, str) else []
            if len(codes) >= 2:
                names[name] = None
                languages.update(dict.fromkeys(_COUNTRY_LANGUAGE.get(code, code.lower()) for code in codes))
    facts.marked_languages, facts.marked = tuple(languages), tuple(names)


def changed_texts(ask: Probe, baseline: Answer, other: Answer) -> Iterator[str]:
    """The properties in which two answers differ, without volatile ones; none if the elements cannot be paired."""
    try:
        matched = pairs(baseline, other, ask.facts)
    except Inconclusive:
        return
    for name in ask.contract.properties:
        if name not in ask.facts.volatile and not all(is_equal(old.get(name), new.get(name)) for old, new in matched):
            yield name


def why_no_languages(facts: TargetFacts) -> str:
    """Why there are no two languages to compare, and which data would decide it."""
    if facts.languages:
        what = f"only {facts.languages[0]} changes any text"
    else:
        what = f"none of {', '.join(facts.tried_languages) or 'the languages'} changes any text"
    return (
        f"{what}; elements with text in two languages would decide it: name their ids under ids, and the languages "
        "under languages, in conformance.toml"
    )
