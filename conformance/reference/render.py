"""Stored values as the request asks for them: its language, its culture, its time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from conformance.reference.faults.catalogue import Faults
from conformance.reference.languages import LOCALES, choose_language, find_locale
from conformance.reference.refusal import Refusal
from conformance.reference.time_zone import find_zone, language_of, write_moment
from conformance.reference.values import Day, Element, Number, Text

_PLAIN = frozenset((str, int, bool, float, type(None)))
_ALL_DIGITS = "#,##0.##########"


class View(msgspec.Struct, frozen=True):
    """How one request asks for its values."""

    language: str | None
    """The vendor's code; None leaves text as it is stored."""
    culture: Locale | None
    """None: neutral."""
    zone: ZoneInfo | None
    """None: the base zone."""
    localised_numbers: bool = False


def choose_view(headers: Mapping[str, str | None], faults: Faults, *, is_xml: bool) -> View:
    """Read Accept-Language, SO-Language, SO-Culture and SO-TimeZone; unknown values are ignored."""
    language = choose_language(headers["Accept-Language"], headers["SO-Language"], faults)
    language = faults.previous("language-sticky", language)
    zone = find_zone(headers["SO-TimeZone"], faults)
    zone = faults.last("time-zone-lingers", faults.previous("time-zone-sticky", zone))
    if language is not None and is_xml and faults("language-json-only"):
        language = None
    if zone is not None and is_xml and faults("time-zone-json-only"):
        zone = None
    if zone is not None and language is None and faults("time-zone-changes-text"):
        language = language_of(zone)
    named = headers["SO-Culture"]
    culture = find_locale(named) if named is not None else None
    if named is not None and culture is None and faults("unknown-culture-refused"):
        raise Refusal(400, "The culture is not known")
    if language is None:
        # A culture has no effect without a language, as the page says.
        culture = culture if culture is not None and faults("culture-without-language") else None
    localised = language is not None and culture is not None and not is_xml and faults("culture-in-numbers")
    if language is not None and culture is None:
        culture = Locale.parse(LOCALES[language])
    return View(language, culture, zone, localised)


def unknown_values(headers: Mapping[str, str | None]) -> list[str]:
    """The names of those of the four headers whose value this server does not know."""
    faults = Faults()
    culture, zone = headers["SO-Culture"], headers["SO-TimeZone"]
    unknown = {
        "Accept-Language": _is_foreign(headers["Accept-Language"], faults),
        "SO-Language": headers["SO-Language"] not in ("*", "x") and _is_foreign(headers["SO-Language"], faults),
        "SO-Culture": culture is not None and find_locale(culture) is None,
        "SO-TimeZone": zone is not None and find_zone(zone, faults) is None,
    }
    return [name for name, is_unknown in unknown.items() if is_unknown]


def _is_foreign(languages: str | None, faults: Faults) -> bool:
    return languages is not None and choose_language(languages, None, faults) is None


def render(value: Any, view: View, faults: Faults) -> Any:
    """A stored value as JSON has it."""
    kind = type(value)
    if kind in _PLAIN:
        if kind is int and view.localised_numbers:
            return format_decimal(value, locale=view.culture)
        return value
    if kind is dict:
        return {name: render(item, view, faults) for name, item in value.items()}
    if kind is list:
        return [render(item, view, faults) for item in value]
    if kind is datetime:
        if view.localised_numbers:
            return format_datetime(value, "short", locale=view.culture)
        return write_moment(value, view.zone, faults)
    if kind is Text:
        if view.language is None or faults("language-ignored"):
            return value.raw
        return value.translated(view.language)
    if kind is Number:
        return (
            str(value.value) if view.culture is None else format_decimal(value.value, _ALL_DIGITS, locale=view.culture)
        )
    assert kind is Day
    return value.value.isoformat() if view.culture is None else format_date(value.value, "short", locale=view.culture)


def render_elements(elements: list[Element], view: View, faults: Faults) -> list[Element]:
    """All elements."""
    utc = View(view.language, view.culture, ZoneInfo("UTC"), view.localised_numbers)
    rendered = []
    for element in elements:
        shown = {name: render(value, view, faults) for name, value in element.items()}
        created = element.get("Created")
        if isinstance(created, datetime) and faults("created-kept-in-utc"):
            shown["Created"] = render(created, utc, faults)
        rendered.append(shown)
    return rendered


def lacks_text(element: Element, language: str | None) -> bool:
    """Whether an element has multi-language text, and none in this language."""
    texts = [value for value in element.values() if isinstance(value, Text)]
    return language is not None and bool(texts) and not any(language in value.parts for value in texts)
