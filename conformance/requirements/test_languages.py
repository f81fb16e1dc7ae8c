"""Accept-Language, SO-Language, SO-Culture.

Page: Request Headers. Multi-language values and string references become text of one language; nothing else changes.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis.strategies import SearchStrategy

from conformance.assertions.data import require_data
from conformance.assertions.elements import (
    expect_equal_in_xml,
    expect_same_as_alone,
    matched_values,
    same_elements,
    unless_unknown,
)
from conformance.assertions.languages import (
    accept_language,
    localised_text,
    only_text_changes,
    require_languages,
    so_culture,
    so_language,
)
from conformance.assertions.representations import require_xml_type
from conformance.assertions.responses import expect_success
from conformance.client.exchange import Headers, Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import answers_null
from conformance.comparison.outcomes import Inconclusive
from conformance.engine.discovery.characteristics import UNKNOWN_LANGUAGE, why_no_languages
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, SHOULD, header, principle, rfc
from conformance.strategies.header_values import cultures, language_lists

ACCEPT_LANGUAGE = header("Accept-Language")
SO_LANGUAGE = header("SO-Language")
SO_CULTURE = header("SO-Culture")


def some_languages(ask: Probe) -> SearchStrategy[str]:
    """Valid values of Accept-Language."""
    return language_lists()


def some_cultures(ask: Probe) -> SearchStrategy[str]:
    """Culture codes."""
    return cultures()


@requirement(
    "LANG-01",
    MUST,
    "Any valid Accept-Language is accepted and changes nothing but text",
    source=ACCEPT_LANGUAGE,
    fault=("language-drops-elements", "culture-groups-thousands"),
    smoke=True,
    languages=some_languages,
)
def test_any_language(ask: Probe, languages: str) -> None:
    """A list of language ranges with and without weights, and each that discovery tried: the same elements;
    numbers, booleans, date-times and the names in objects stay."""
    for value in (languages, *ask.limit_in_smoke(ask.facts.tried_languages, 1)):
        # A valid language that the target may not know; other requirements ask for those that it has, too.
        judge = only_text_changes(ask, f"Accept-Language: {value}")
        ask.relate("language", judge, intent=Intent.UNCERTAIN, headers=accept_language(value))


@requirement(
    "LANG-02",
    MUST,
    "If the data has multi-language text, two of its languages give two texts",
    source=ACCEPT_LANGUAGE,
    fault=("language-ignored", "cache-without-language"),
)
def test_two_languages(ask: Probe) -> None:
    """Two of the languages that discovery found. If it found none, but the raw text itself names several languages,
    asking for those must change it."""
    require_data(ask)
    if len(ask.facts.languages) >= 2:
        first, second = require_languages(ask)
        one, two = (ask("language", headers=accept_language(code)) for code in (first, second))
        ask.require_success(one, two)
        text, message = localised_text(ask, one), f"{first} and {second} give the same text"
        ask.check(text != localised_text(ask, two), message, expected="two texts", actual=text, of=[one, two])
        return
    asked = {code: ask("language", headers=accept_language(code)) for code in ask.facts.marked_languages}
    ask.require_success(*asked.values())
    with_text = {code: answer for code, answer in asked.items() if not answers_null(answer)}
    if len(with_text) < 2:
        raise Inconclusive(why_no_languages(ask.facts))
    answers = list(with_text.values())
    texts = [localised_text(ask, answer) for answer in answers]
    ask.check(
        len(set(texts)) > 1,
        f"the data has text in {', '.join(with_text)}, and Accept-Language chooses none of it",
        expected="two texts",
        actual=texts[0],
        of=[ask.baseline(), *answers[:2]],
    )


@requirement("LANG-03", MUST, "SO-Language overrides Accept-Language", source=SO_LANGUAGE, fault="so-language-ignored")
def test_so_language_overrides(ask: Probe) -> None:
    """Accept-Language a with SO-Language b gives what Accept-Language b gives, for both orders of two languages."""
    first, second = require_languages(ask)
    for a, b in ((first, second), (second, first)):
        judge = same_elements(ask, f"SO-Language: {b} over Accept-Language: {a}")
        headers = (*accept_language(a), *so_language(b))
        ask.relate("overridden", judge, baseline={"headers": accept_language(b)}, headers=headers)


@requirement(
    "LANG-04",
    SHOULD,
    "Weights in Accept-Language choose the language",
    source=rfc(9110, "12.5.4"),
    fault=("language-weights-ignored", "language-zero-weight"),
)
def test_language_weights(ask: Probe) -> None:
    """The language of the greater weight wins, wherever it is in the list."""
    first, second = require_languages(ask)
    for value, winner in (
        (f"{first};q=0.2, {second};q=0.9", second),
        (f"{second};q=0.9, {first};q=0.2", second),
        (f"{second};q=0.3, {first}", first),
        (f"{first};q=0, {second}", second),
    ):
        judge = same_elements(ask, f"Accept-Language: {value}")
        ask.relate("weighted", judge, baseline={"headers": accept_language(winner)}, headers=accept_language(value))


@requirement(
    "LANG-05",
    SHOULD,
    "An unknown or malformed language is answered without error",
    source=rfc(9110, "12.5.4"),
    fault="unknown-language-refused",
)
def test_unknown_languages(ask: Probe) -> None:
    """Languages that no data is in, and values that do not name a language, in both headers."""
    for number, value in enumerate((UNKNOWN_LANGUAGE, "xx-YY", "no language at all!", "12345", ";;q=,")):
        for headers in (accept_language(value), so_language(value)) if number < 3 else (accept_language(value),):
            name = headers[0][0]
            if ask.operation.header(name) is not None:
                answer = ask("unknown language", intent=Intent.UNCERTAIN, headers=headers)
                expect_success(ask, answer, f"{name}: {value}", beside=[ask.baseline()])


@requirement(
    "LANG-06",
    MUST,
    "The language of one request does not leak into the next",
    source=principle("Statelessness; RFC 9110, section 3.3"),
    fault="language-sticky",
)
def test_languages_do_not_leak(ask: Probe) -> None:
    """The baseline request right after one in a language; that language right after another; and both at once on
    connections of their own. Each must be as it was before."""
    first, second = require_languages(ask)
    provoke = partial(ask, "language", headers=accept_language(first), bypass_cache=True)
    reset = partial(ask, "language", headers=accept_language(second), bypass_cache=True)
    unchanged: Headers = ()
    for headers, what in (
        (unchanged, "a language in the request before"),
        (accept_language(second), f"{first} in the request before"),
    ):
        ask.relate(
            "after a language",
            same_elements(ask, what),
            baseline={"headers": headers},
            headers=headers,
            bypass_cache=True,
            provoke=provoke,
            reset=reset,
        )
    changes: list[dict[str, Any]] = [{"headers": accept_language(code)} for code in (first, second)] * 2
    answers = ask.together("parallel languages", changes)
    for change, answer in zip(changes, answers, strict=True):
        expect_same_as_alone(ask, change, answer, "a request in another language at the same time", parallel=answers)


@requirement(
    "LANG-08", MUST, "A language applies to XML as it does to JSON", source=ACCEPT_LANGUAGE, fault="language-json-only"
)
def test_languages_under_xml(ask: Probe) -> None:
    """Two languages, each in the first documented XML type and in JSON: the properties that a language changes."""
    kind = require_xml_type(ask)

    def judge(json: Answer, xml: Answer, code: str) -> None:
        ask.require_success(json, xml)
        for name, value, node in matched_values(ask, json, xml, ask.facts.changing):
            message = f"Accept-Language: {code} gives another {name} under Accept: {kind}"
            expect_equal_in_xml(ask, value, node, message, of=[json, xml])

    for code in require_languages(ask):
        headers = accept_language(code)
        in_language = partial(judge, code=code)
        ask.relate("language in XML", in_language, baseline={"headers": headers}, accept=kind, headers=headers)


@requirement(
    "LANG-07",
    MAY,
    "Whether * or x in SO-Language turns translation off",
    source=SO_LANGUAGE,
    fault="translation-always-on",
)
def test_translation_off(ask: Probe) -> None:
    """SO-Language * and x with a language that changes text, and the baseline request."""
    first, _ = require_languages(ask)
    baseline, translated = ask.baseline(), ask("language", headers=accept_language(first))
    ask.require_success(baseline, translated)
    for value in ("*", "x"):
        headers = (*accept_language(first), *so_language(value))
        answer = ask("translation off", intent=Intent.UNCERTAIN, headers=headers)
        is_off = answer.is_success and localised_text(ask, answer) == localised_text(ask, baseline)
        ask.observe(f"SO-Language: {value} {'turns translation off' if is_off else 'does not turn translation off'}")


@requirement(
    "CULT-01",
    MUST,
    "SO-Culture without any language changes nothing",
    source=SO_CULTURE,
    fault="culture-without-language",
    culture_code=some_cultures,
)
def test_culture_alone(ask: Probe, culture_code: str) -> None:
    """The baseline request with a culture and no language."""
    what = f"SO-Culture: {culture_code} without a language"
    judge = unless_unknown(ask, what, same_elements(ask, what))
    ask.relate("culture", judge, intent=Intent.UNCERTAIN, headers=so_culture(culture_code))


@requirement(
    "CULT-02",
    MUST,
    "With a language, a culture changes only strings; numbers, booleans and dates stay neutral",
    source=SO_CULTURE,
    fault="culture-in-numbers",
    culture_code=some_cultures,
)
def test_culture_with_language(ask: Probe, culture_code: str) -> None:
    """Language and culture together: values that are not free text stay as in the baseline response."""
    language = next(iter(ask.facts.languages), "en")
    for choice in (accept_language(language), so_language(language)):
        judge = only_text_changes(ask, f"{choice[0][0]}: {language} with SO-Culture: {culture_code}")
        ask.relate("culture", judge, intent=Intent.UNCERTAIN, headers=(*choice, *so_culture(culture_code)))


@requirement(
    "CULT-03",
    SHOULD,
    "An unknown culture is answered without error",
    source=SO_CULTURE,
    fault="unknown-culture-refused",
)
def test_unknown_cultures(ask: Probe) -> None:
    """Cultures that do not exist, with a language, because a culture means something only with one."""
    language = next(iter(ask.facts.languages), "en")
    for value in ("tlh", "xx-YY", "12345", "no culture at all!"):
        headers = (*accept_language(language), *so_culture(value))
        answer = ask("unknown culture", intent=Intent.UNCERTAIN, headers=headers)
        expect_success(ask, answer, f"SO-Culture: {value}", beside=[ask.baseline()])
