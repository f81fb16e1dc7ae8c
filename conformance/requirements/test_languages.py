"""Accept-Language, SO-Language, SO-Culture.

Page: Request Headers. Multi-language values and string references become text of one language; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis.strategies import SearchStrategy

from conformance.assertions.elements import (
    as_alone,
    expect_same_elements,
    of_known_values,
    require_data,
    same_membership,
)
from conformance.client.exchange import Headers, Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import answers_null, is_equal_in_xml, leaves, pairs
from conformance.comparison.outcomes import Inconclusive, NotApplicable
from conformance.core.media_types import is_xml
from conformance.engine.discovery.characteristics import UNKNOWN_LANGUAGE, texts_of, why_no_languages
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, SHOULD, header, principle, rfc
from conformance.strategies.header_values import cultures, language_lists

ACCEPT_LANGUAGE = header("Accept-Language")
SO_LANGUAGE = header("SO-Language")
SO_CULTURE = header("SO-Culture")


def accept(value: str) -> Headers:
    """Accept-Language."""
    return (("Accept-Language", value),)


def so(value: str) -> Headers:
    """SO-Language."""
    return (("SO-Language", value),)


def culture(value: str) -> Headers:
    """SO-Culture."""
    return (("SO-Culture", value),)


def some_languages(ask: Probe) -> SearchStrategy[str]:
    """Valid values of Accept-Language."""
    return language_lists()


def some_cultures(ask: Probe) -> SearchStrategy[str]:
    """Culture codes."""
    return cultures()


def two_languages(ask: Probe) -> tuple[str, str]:
    """Two languages that give different text; Undecided where the target's data has none."""
    require_data(ask)
    if len(ask.facts.languages) < 2:
        raise Inconclusive(why_no_languages(ask.facts))
    return ask.facts.languages[0], ask.facts.languages[1]


def only_text_changes(ask: Probe, baseline: Answer, other: Answer, what: str) -> None:
    """Check that the elements are the same, and every value of another kind than free text too."""
    require_data(ask)
    ask.require_success(baseline)
    ask.expect_success(other, what, beside=[baseline])
    same_membership(ask, baseline, other, what)
    schemas = {name: schema for name, schema in ask.contract.properties.items() if name not in ask.facts.volatile}
    for before, after in pairs(baseline, other, ask.facts):
        changed = next(
            (
                name
                for name, schema in schemas.items()
                if not _differ_in_text(before.get(name), after.get(name), schema)
            ),
            "",
        )
        ask.check(
            not changed,
            f"{what} changes {changed}, and not only its text",
            expected=before.get(changed),
            actual=after.get(changed),
            of=[baseline, other],
        )


def only_text(ask: Probe, what: str) -> Callable[[Answer, Answer], None]:
    """``only_text_changes`` as a judgement for ``Probe.relate``; the target may not know the language or culture."""
    return of_known_values(ask, what, lambda baseline, other: only_text_changes(ask, baseline, other, what))


def _differ_in_text(mine: Any, theirs: Any, schema: dict[str, Any]) -> bool:
    """Whether two values differ in nothing but free text. Most are simple and equal, and need no closer look."""
    if type(mine) is type(theirs) and not isinstance(mine, dict | list) and mine == theirs:
        return True
    return bool(_not_text(mine, schema) == _not_text(theirs, schema))


def _not_text(value: Any, schema: dict[str, Any]) -> Any:
    """A value with its free text blanked: kinds, numbers, dates and names stay, text may be translated."""
    if schema.get("format") == "date-time" or schema.get("type") in ("integer", "boolean", "number"):
        return (type(value).__name__, value)
    # By path, for the order of an object's members means nothing (RFC 8259, section 4).
    return {path: "text" if isinstance(leaf, str) else (type(leaf).__name__, leaf) for path, leaf in leaves(value)}


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
        # A valid language that the target may never have heard of; those that it has are asked for elsewhere too.
        what = only_text(ask, f"Accept-Language: {value}")
        ask.relate("language", what, intent=Intent.UNCERTAIN, headers=accept(value))


@requirement(
    "LANG-02",
    MUST,
    "Where the data has multi-language text, two languages that it holds give two texts",
    source=ACCEPT_LANGUAGE,
    fault=("language-ignored", "cache-without-language"),
)
def test_two_languages(ask: Probe) -> None:
    """Two of the languages that discovery found. Where it found none, but the raw text itself names several
    languages, asking for those must change it."""
    require_data(ask)
    if len(ask.facts.languages) >= 2:
        first, second = ask.facts.languages[:2]
        one, two = ask("language", headers=accept(first)), ask("language", headers=accept(second))
        ask.require_success(one, two)
        ask.check(
            _text(ask, one) != _text(ask, two),
            f"{first} and {second} give the same text",
            expected="two texts",
            actual=_text(ask, one),
            of=[one, two],
        )
        return
    asked = {code: ask("language", headers=accept(code)) for code in ask.facts.marked_languages}
    ask.require_success(*asked.values())
    answers = [answer for answer in asked.values() if not answers_null(answer)]
    marked = [code for code, answer in asked.items() if answer in answers]
    if len(marked) < 2:
        raise Inconclusive(why_no_languages(ask.facts))
    ask.check(
        len({_text(ask, answer) for answer in answers}) > 1,
        f"the data has text in {', '.join(marked)}, and Accept-Language chooses none of it",
        expected="two texts",
        actual=_text(ask, answers[0]),
        of=[ask.baseline(), *answers[:2]],
    )


def _text(ask: Probe, answer: Answer) -> str:
    """What a language may change in an answer: the multi-language text where the raw data marks it, else whatever was
    seen to change (numbers and dates in texts follow the culture, which follows the language)."""
    names = ask.facts.marked or ask.facts.changing or tuple(ask.contract.properties)
    return texts_of(answer, names, ask.facts)


@requirement("LANG-03", MUST, "SO-Language overrides Accept-Language", source=SO_LANGUAGE, fault="so-language-ignored")
def test_so_language_overrides(ask: Probe) -> None:
    """Accept-Language a with SO-Language b gives what Accept-Language b gives, both ways round; a and b differ."""
    first, second = two_languages(ask)
    for a, b in ((first, second), (second, first)):
        ask.relate(
            "overridden",
            expect_same_elements(ask, f"SO-Language: {b} over Accept-Language: {a}"),
            baseline={"headers": accept(b)},
            headers=(*accept(a), *so(b)),
        )


@requirement(
    "LANG-04",
    SHOULD,
    "Weights choose the language",
    source=rfc(9110, "12.5.4"),
    fault=("language-weights-ignored", "language-zero-weight"),
)
def test_language_weights(ask: Probe) -> None:
    """The heavier of two languages wins, wherever it stands in the list."""
    first, second = two_languages(ask)
    for value, winner in (
        (f"{first};q=0.2, {second};q=0.9", second),
        (f"{second};q=0.9, {first};q=0.2", second),
        (f"{second};q=0.3, {first}", first),
        (f"{first};q=0, {second}", second),
    ):
        ask.relate(
            "weighted",
            expect_same_elements(ask, f"Accept-Language: {value}"),
            baseline={"headers": accept(winner)},
            headers=accept(value),
        )


@requirement(
    "LANG-05",
    SHOULD,
    "An unknown or malformed language is answered without error",
    source=rfc(9110, "12.5.4"),
    fault="unknown-language-refused",
)
def test_unknown_languages(ask: Probe) -> None:
    """Languages that nobody has and values that are no language, in both headers."""
    for number, value in enumerate((UNKNOWN_LANGUAGE, "xx-YY", "no language at all!", "12345", ";;q=,")):
        for headers in (accept(value), so(value)) if number < 3 else (accept(value),):
            name = headers[0][0]
            if ask.operation.header(name) is not None:
                ask.expect_success(
                    ask("unknown language", intent=Intent.UNCERTAIN, headers=headers),
                    f"{name}: {value}",
                    beside=[ask.baseline()],
                )


@requirement(
    "LANG-06",
    MUST,
    "The language of one request does not leak into the next",
    source=principle("Statelessness; RFC 9110, section 3.3"),
    fault="language-sticky",
)
def test_languages_do_not_leak(ask: Probe) -> None:
    """The plain request right after one in a language; that language right after another; and both at once on
    connections of their own. Each must be as it was before."""
    first, second = two_languages(ask)

    def provoke() -> None:
        ask("language", headers=accept(first), bypass_cache=True)

    def reset() -> None:
        ask("language", headers=accept(second), bypass_cache=True)

    for headers, what in (((), "a language in the request before"), (accept(second), f"{first} in the request before")):
        ask.relate(
            "after a language",
            expect_same_elements(ask, what),
            baseline={"headers": headers},
            headers=headers,
            bypass_cache=True,
            provoke=provoke,
            reset=reset,
        )
    changes: list[dict[str, Any]] = [{"headers": accept(code)} for code in (first, second)] * 2
    answers = ask.together("parallel languages", changes)
    for change, answer in zip(changes, answers, strict=True):
        as_alone(ask, change, answer, "a request in another language at the same time", together=answers)


@requirement(
    "LANG-08", MUST, "A language applies under XML as under JSON", source=ACCEPT_LANGUAGE, fault="language-json-only"
)
def test_languages_under_xml(ask: Probe) -> None:
    """Two languages in the first documented XML type against the same in JSON: what discovery saw a language change."""
    kind = next((fact.name for fact in ask.operation.response_types if is_xml(fact.name)), None)
    if kind is None:
        raise NotApplicable("the page lists no XML type")

    def judge(json: Answer, xml: Answer, code: str) -> None:
        ask.require_success(json, xml)
        for mine, theirs in pairs(json, xml, ask.facts):
            for name in ask.facts.changing:
                if name in ask.facts.volatile:
                    continue
                problem = is_equal_in_xml(mine.get(name), theirs.get(name))
                ask.check(
                    problem is None,
                    f"Accept-Language: {code} gives another {name} under Accept: {kind}",
                    expected=mine.get(name),
                    actual=theirs.get(name),
                    of=[json, xml],
                )

    for code in two_languages(ask):
        baseline = {"headers": accept(code)}
        ask.relate("language in XML", partial(judge, code=code), baseline=baseline, accept=kind, headers=accept(code))


@requirement(
    "LANG-07",
    MAY,
    "Whether * or x in SO-Language turns translation off",
    source=SO_LANGUAGE,
    fault="translation-always-on",
)
def test_translation_off(ask: Probe) -> None:
    """SO-Language * and x over a language that changes text, against the plain request."""
    first, _ = two_languages(ask)
    baseline, translated = ask.baseline(), ask("language", headers=accept(first))
    ask.require_success(baseline, translated)
    for value in ("*", "x"):
        answer = ask("translation off", intent=Intent.UNCERTAIN, headers=(*accept(first), *so(value)))
        off = answer.is_success and _text(ask, answer) == _text(ask, baseline)
        ask.observe(f"SO-Language: {value} {'turns translation off' if off else 'does not turn translation off'}")


@requirement(
    "CULT-01",
    MUST,
    "SO-Culture without any language changes nothing",
    source=SO_CULTURE,
    fault="culture-without-language",
    culture_code=some_cultures,
)
def test_culture_alone(ask: Probe, culture_code: str) -> None:
    """The plain request with a culture and no language."""
    what = f"SO-Culture: {culture_code} without a language"
    judge = of_known_values(ask, what, expect_same_elements(ask, what))
    ask.relate("culture", judge, intent=Intent.UNCERTAIN, headers=culture(culture_code))


@requirement(
    "CULT-02",
    MUST,
    "With a language, numbers, booleans and dates stay neutral under any culture; only strings change",
    source=SO_CULTURE,
    fault="culture-in-numbers",
    culture_code=some_cultures,
)
def test_culture_with_language(ask: Probe, culture_code: str) -> None:
    """Language and culture together: values that are no free text stay as in the plain answer."""
    language = next(iter(ask.facts.languages), "en")
    for headers in ((*accept(language), *culture(culture_code)), (*so(language), *culture(culture_code))):
        what = f"{headers[0][0]}: {language} with SO-Culture: {culture_code}"
        ask.relate("culture", only_text(ask, what), intent=Intent.UNCERTAIN, headers=headers)


@requirement(
    "CULT-03",
    SHOULD,
    "An unknown culture is answered without error",
    source=SO_CULTURE,
    fault="unknown-culture-refused",
)
def test_unknown_cultures(ask: Probe) -> None:
    """Cultures that nobody has, with a language, so that they are looked at."""
    language = next(iter(ask.facts.languages), "en")
    for value in ("tlh", "xx-YY", "12345", "no culture at all!"):
        answer = ask("unknown culture", intent=Intent.UNCERTAIN, headers=(*accept(language), *culture(value)))
        ask.expect_success(answer, f"SO-Culture: {value}", beside=[ask.baseline()])
