"""Assertions on languages and cultures: only free text may change."""

from __future__ import annotations

from typing import Any

from conformance.assertions.data import require_data
from conformance.assertions.elements import Judgement, expect_same_membership, unless_unknown
from conformance.assertions.responses import expect_success
from conformance.client.exchange import Headers
from conformance.comparison.answer import Answer
from conformance.comparison.elements import pairs
from conformance.comparison.equality import leaves
from conformance.comparison.outcomes import Inconclusive
from conformance.engine.discovery.characteristics import texts_of, why_no_languages
from conformance.engine.probe import Probe


def accept_language(value: str) -> Headers:
    """Accept-Language."""
    return (("Accept-Language", value),)


def so_language(value: str) -> Headers:
    """SO-Language."""
    return (("SO-Language", value),)


def so_culture(value: str) -> Headers:
    """SO-Culture."""
    return (("SO-Culture", value),)


def require_languages(ask: Probe) -> tuple[str, str]:
    """Two languages that give different text; raises Inconclusive if the target's data has none."""
    require_data(ask)
    if len(ask.facts.languages) < 2:
        raise Inconclusive(why_no_languages(ask.facts))
    return ask.facts.languages[0], ask.facts.languages[1]


def localised_text(ask: Probe, answer: Answer) -> str:
    """What a language may change in an answer: the multi-language text that the raw data marks, or else the properties
    that were seen to change (numbers and dates in texts follow the culture, which follows the language)."""
    names = ask.facts.marked or ask.facts.changing or tuple(ask.contract.properties)
    ask.is_known([element.get(name) for element in answer.elements or [] for name in names])
    return texts_of(answer, names, ask.facts)


def only_text_changes(ask: Probe, what: str) -> Judgement:
    """The judgement that only free text differs; the target may not know the language or culture."""
    return unless_unknown(ask, what, lambda baseline, other: _expect_only_text_changes(ask, baseline, other, what))


def _expect_only_text_changes(ask: Probe, baseline: Answer, other: Answer, what: str) -> None:
    require_data(ask)
    ask.require_success(baseline)
    expect_success(ask, other, what, beside=[baseline])
    expect_same_membership(ask, baseline, other, what)
    schemas = {name: schema for name, schema in ask.contract.properties.items() if name not in ask.facts.volatile}
    for before, after in pairs(baseline, other, ask.facts):
        readable = [name for name in schemas if ask.is_known(before.get(name), after.get(name))]
        differing = (name for name in readable if not _is_only_text(before.get(name), after.get(name), schemas[name]))
        changed = next(differing, "")
        ask.check(
            not changed,
            f"{what} changes {changed}, and not only its text",
            expected=before.get(changed),
            actual=after.get(changed),
            of=[baseline, other],
        )


def _is_only_text(mine: Any, theirs: Any, schema: dict[str, Any]) -> bool:
    """Whether two values differ at most in free text. Most are simple and equal, which is faster to see."""
    if type(mine) is type(theirs) and not isinstance(mine, dict | list) and mine == theirs:
        return True
    return bool(_without_text(mine, schema) == _without_text(theirs, schema))


def _without_text(value: Any, schema: dict[str, Any]) -> Any:
    """A value with its free text blanked: kinds, numbers, dates and names stay, text may be translated."""
    if schema.get("format") == "date-time" or schema.get("type") in ("integer", "boolean", "number"):
        return (type(value).__name__, value)
    # By path, because the order of an object's members means nothing (RFC 8259, section 4).
    return {path: "text" if isinstance(leaf, str) else (type(leaf).__name__, leaf) for path, leaf in leaves(value)}
