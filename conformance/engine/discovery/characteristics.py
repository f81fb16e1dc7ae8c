"""What the target does with order, null, XML and languages: asked once, used throughout."""

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
"""A valid tag (RFC 5646) of a language that no target has texts in."""

_LANGUAGES = ("en", "de", "fr", "nb", "no", "sv", "da", "nl", "es", "it")


SendBody = Callable[[dict[str, Any]], list[dict[str, Any]]]
"""What elements a request body gets; none where it is refused."""


def discover_unknown_ids(ask: Probe, states: Sequence[str], probe: SendBody) -> None:
    """Say which configured ids give no element, and whether that is because of the state that the baseline asks for.

    ``states`` are the words for single states that page and configuration name.
    """
    facts, relation = ask.facts, ask.facts.ids
    if relation is None or not ask.config.ids or (facts.elements and set(ask.config.ids) <= set(facts.known_ids)):
        return

    def without(ids: Sequence[int], **state: str) -> list[int]:
        rows = probe({**facts.body, **state, relation.request: list(ids)})
        owners = {as_integer(row.get(relation.response)) for row in rows}
        left = [each for each in ids if each not in owners]
        # Of very many elements only the first are kept.
        return without(left, **state) if len(left) < len(ids) and len(rows) >= MAX_KEPT_ELEMENTS else left

    missing = [each for each in without(ask.config.ids) if each not in facts.known_ids]
    left = missing
    name = facts.state.request if facts.state is not None else ""
    words = dict.fromkeys((facts.every_state, *facts.known_states, *states)) if name else {}
    for state in filter(None, words):
        if left and state != facts.body.get(name):
            there = [each for each in left if each not in without(left, **{name: state})]
            left = [each for each in left if each not in there]
            if there:
                text = f"{_listed(there)} of the configuration give elements in state {state}"
                facts.note(
                    FactName.CONFIGURED_IDS,
                    f"{text}, and none in {facts.body.get(name)}, which is asked for",
                    found=False,
                )
    if left:
        in_states = " in any state" if name else ""
        others = "other ids do" if facts.known_ids else "without any that do, RES-01 to RES-05 stay undecided"
        text = f"{_listed(left)} of the configuration give no element{in_states}; {others}"
        facts.note(FactName.CONFIGURED_IDS, text, found=False)


def _listed(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids))


def discover_stability(ask: Probe) -> None:
    """The same request again: what changes without a reason."""
    record_changes(ask, ask.baseline(), ask.baseline(bypass_cache=True))
    facts = ask.facts
    facts.note(FactName.ORDER, "stable" if facts.ordered else "not stable")
    if facts.volatile:
        facts.note(FactName.VOLATILE, ", ".join(sorted(facts.volatile)))


def discover_nulls(ask: Probe) -> None:
    """How the target writes null in JSON, without ``$select``; asks nothing, the plain response shows it."""
    facts = ask.facts
    facts.null_style = null_style(ask.baseline().elements or [], ask.contract.properties)
    text = {
        NullStyle.UNSEEN: "not seen: each element has a value for each property",
        NullStyle.NULLS: "written as null",
        NullStyle.LEFT_OUT: "left out of the element",
        NullStyle.MIXED: "some are written as null, some are left out",
    }[facts.null_style]
    facts.note(FactName.WITHOUT_VALUE, text)


def null_style(rows: Collection[dict[str, Any]], names: Iterable[str]) -> NullStyle:
    """What elements show of how null is written; ``names`` are the documented properties.

    Beside nulls a property that no element has is missing, not left out: it says nothing of the style.
    """
    nulls = partly = absent = False
    for name in names:
        there = [row[name] for row in rows if name in row]
        nulls = nulls or any(value is None for value in there)
        absent = absent or len(there) < len(rows)
        partly = partly or 0 < len(there) < len(rows)
    if nulls:
        return NullStyle.MIXED if partly else NullStyle.NULLS
    return NullStyle.LEFT_OUT if absent else NullStyle.UNSEEN


def discover_xml(ask: Probe) -> None:
    """Where this target's XML keeps the elements."""
    from conformance.client.codec_xml import find_element_path, namespaces, xml_source

    kind = next((fact.name for fact in ask.operation.response_types if is_xml(fact.name)), None)
    if kind is None:
        return
    answer = ask("plain", accept=kind)
    if answer.is_success and answer.is_xml and not answer.xml.problem:
        ask.facts.xml_path = find_element_path(answer.xml, ask.contract.properties)[1]
        if answer.response is not None:
            ask.facts.xml_namespaces = namespaces(xml_source(answer.response))
        ask.facts.note(
            FactName.XML_ELEMENTS, "/".join(ask.facts.xml_path) or "not found", found=bool(ask.facts.xml_path)
        )


def discover_languages(ask: Probe) -> None:
    """Languages of which every two give different text, asked for with Accept-Language."""
    facts = ask.facts
    if ask.operation.header("Accept-Language") is None:
        return
    find_marked(facts)
    candidates = dict.fromkeys((*ask.config.languages, *facts.marked_languages, *_LANGUAGES))
    seen: dict[str, str] = {}
    changing: set[str] = set()
    looked_at: set[str] = set()
    by_default = ask("unknown language", intent=Intent.UNCERTAIN, headers=(("Accept-Language", UNKNOWN_LANGUAGE),))
    limit = 12 if facts.marked_languages or ask.config.languages else 6
    facts.tried_languages = tuple(candidates)[:limit]
    silent: list[str] = []
    for code in facts.tried_languages:
        answer = ask("language", intent=Intent.UNCERTAIN, headers=(("Accept-Language", code),))
        if not answer.is_success or answer.elements is None:
            continue
        changed = _translated(ask, answer, looked_at)
        if not changed and code in ask.config.languages:
            silent.append(code)
        text = texts_of(answer, changed, facts) if changed else ""
        # What anybody gets whose language the target does not have is a language only if data or configuration say so.
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
        left = "others do" if len(seen) > 1 else "without two that do, LANG-02 to LANG-08 stay undecided"
        text = f"{', '.join(silent)} of the configuration changes no text; {left}"
        facts.note(FactName.CONFIGURED_LANGUAGES, text, found=False)
    if seen:
        facts.note(FactName.LANGUAGES, f"{', '.join(seen)} change {', '.join(facts.changing)}")
    else:
        facts.note(FactName.LANGUAGES, f"none of {', '.join(facts.tried_languages)} changes any text", found=False)


def _translated(ask: Probe, answer: Answer, looked_at: set[str]) -> set[str]:
    """The properties of which a language changes the text. What changes for the first time is looked at once more, and
    noted in ``looked_at``: it may have changed by itself."""
    facts = ask.facts
    changed = set(changed_texts(ask, ask.baseline(), answer))
    if not changed <= looked_at:
        resend_unless_changed(ask)
        changed -= facts.volatile
        looked_at |= changed
    # Texts of numbers and dates change with the culture that a language brings; that shows no translation.
    return changed & set(facts.marked) if facts.marked else changed


def texts_of(answer: Answer, names: Collection[str], facts: TargetFacts) -> str:
    """What an answer has in the named properties; the same text whatever order an unordered target has them in."""
    rows = [repr([row.get(name) for name in sorted(names)]) for row in answer.elements or []]
    return repr(rows if facts.ordered else sorted(rows))


def find_marked(facts: TargetFacts) -> None:
    """The properties with raw multi-language text (``NO:"...";US:"..."``), and the languages that it names."""
    languages: dict[str, None] = {}
    names: dict[str, None] = {}
    for row in facts.elements:
        for name, value in row.items():
            codes = _MARKED.findall(value) if isinstance(value, str) else []
            if len(codes) >= 2:
                names[name] = None
                languages.update(dict.fromkeys(_COUNTRY_LANGUAGE.get(code, code.lower()) for code in codes))
    facts.marked_languages, facts.marked = tuple(languages), tuple(names)


def changed_texts(ask: Probe, baseline: Answer, other: Answer) -> Iterator[str]:
    """The properties in which two answers differ, but for the volatile ones; none where elements cannot be matched."""
    try:
        matched = pairs(baseline, other, ask.facts)
    except Inconclusive:
        return
    for name in ask.contract.properties:
        if name not in ask.facts.volatile and not all(is_equal(old.get(name), new.get(name)) for old, new in matched):
            yield name


def why_no_languages(facts: TargetFacts) -> str:
    """Why there are no two languages to compare, and what would decide it."""
    if facts.languages:
        what = f"only {facts.languages[0]} changes any text"
    else:
        what = f"none of {', '.join(facts.tried_languages) or 'the languages'} changes any text"
    return (
        f"{what}; elements with text in two languages would decide it: name their ids under ids, and the languages "
        "under languages, in conformance.toml"
    )
