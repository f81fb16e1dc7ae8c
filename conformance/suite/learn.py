"""What the target does with order, XML, languages and time zones: asked once, used throughout."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from conformance.suite.answer import Answer
from conformance.suite.ask import Ask
from conformance.suite.compare import same
from conformance.suite.date_times import is_placeholder, offset_of, parse_date_time
from conformance.suite.known import Known, NullStyle

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


_LANGUAGES = ("en", "de", "fr", "nb", "no", "sv", "da", "nl", "es", "it")


_ZONES = {
    "America/New_York": "America/New_York",
    "Asia/Kolkata": "Asia/Kolkata",
    "Europe/Oslo": "Europe/Oslo",
    "UTC": "UTC",
    "Australia/Sydney": "Australia/Sydney",
}


# The vendor's own codes, of which its background pages show some.
_VENDOR_ZONES = {
    "US-NY": "America/New_York",
    "US-CA": "America/Los_Angeles",
    "NO": "Europe/Oslo",
    "UTC": "UTC",
    "US-HI": "Pacific/Honolulu",
}


def learn_stability(ask: Ask) -> None:
    """The same request again: what changes without a reason."""
    ask.learn_changes(ask.plain(), ask.plain(fresh=True))
    known = ask.known
    known.note("order of the elements", "stable" if known.ordered else "not stable")
    if known.volatile:
        known.note("properties that change by themselves", ", ".join(sorted(known.volatile)))


def learn_nulls(ask: Ask) -> None:
    """How the target writes null in JSON, without ``$select``; asks nothing, the plain response shows it."""
    known = ask.known
    known.null_style = null_style(known.rows, ask.contract.properties)
    text = {
        NullStyle.UNSEEN: "not seen: each element has a value for each property",
        NullStyle.NULLS: "written as null",
        NullStyle.LEFT_OUT: "left out of the element",
        NullStyle.MIXED: "some are written as null, some are left out",
    }[known.null_style]
    known.note("properties without a value", text)


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


def learn_xml(ask: Ask) -> None:
    """Where this target's XML keeps the elements."""
    from conformance.suite.answer import is_xml
    from conformance.target.codec_xml import find_rows

    kind = next((fact.name for fact in ask.operation.response_types if is_xml(fact.name)), None)
    if kind is None:
        return
    answer = ask("plain", accept=kind)
    if answer.accepted and answer.is_xml and not answer.xml.problem:
        ask.known.xml_path = find_rows(answer.xml, ask.contract.properties)[1]
        ask.known.note("elements in XML", "/".join(ask.known.xml_path) or "not found", found=bool(ask.known.xml_path))


def learn_languages(ask: Ask) -> None:
    """Languages of which every two give different text, asked for with Accept-Language."""
    known = ask.known
    if ask.operation.header("Accept-Language") is None:
        return
    plain = ask.plain()
    find_marked(known)
    candidates = dict.fromkeys((*ask.config.languages, *known.marked_languages, *_LANGUAGES))
    seen: dict[str, str] = {}
    changing: set[str] = set()
    limit = 12 if known.marked_languages or ask.config.languages else 6
    known.tried_languages = tuple(candidates)[:limit]
    silent: list[str] = []
    for code in known.tried_languages:
        answer = ask("language", headers=(("Accept-Language", code),))
        if not answer.accepted or answer.elements is None:
            continue
        changed = set(changed_texts(ask, plain, answer))
        if known.marked:
            # Texts of numbers and dates change with the culture that a language brings; that shows no translation.
            changed &= set(known.marked)
        text = repr([{name: row.get(name) for name in sorted(changed)} for row in answer.elements]) if changed else ""
        if not changed and code in ask.config.languages:
            silent.append(code)
        if changed and text not in seen.values():
            seen[code] = text
            changing |= changed
        if len(seen) >= 3:
            break
    known.languages = tuple(seen)
    known.changing = tuple(sorted(changing))
    if silent:
        left = "without two that do, LANG-02 to LANG-07 stay undecided"
        text = f"{', '.join(silent)} of the configuration changes no text; {left}"
        known.note("configured languages", text, found=False)
    if seen:
        known.note("languages", f"{', '.join(seen)} change {', '.join(known.changing)}")
    else:
        known.note("languages", f"none of {', '.join(list(candidates)[:limit])} changes any text", found=False)


def find_marked(known: Known) -> None:
    """The properties with raw multi-language text (``NO:"...";US:"..."``), and the languages that it names."""
    languages: dict[str, None] = {}
    names: dict[str, None] = {}
    for row in known.rows:
        for name, value in row.items():
            codes = _MARKED.findall(value) if isinstance(value, str) else []
            if len(codes) >= 2:
                names[name] = None
                languages.update(dict.fromkeys(_COUNTRY_LANGUAGE.get(code, code.lower()) for code in codes))
    known.marked_languages, known.marked = tuple(languages), tuple(names)


def changed_texts(ask: Ask, plain: Answer, other: Answer) -> Iterator[str]:
    """The properties in which two answers differ, but for the volatile ones."""
    identity = ask.known.identity
    if identity is None:
        return
    mine = {row.get(identity): row for row in plain.elements or []}
    for row in other.elements or []:
        before = mine.get(row.get(identity))
        for name in ask.contract.properties:
            if before is not None and name not in ask.known.volatile and not same(before.get(name), row.get(name)):
                yield name


def learn_zones(ask: Ask) -> None:
    """Time-zone codes by which this target converts. Configured codes are taken at their word."""
    known = ask.known
    if ask.operation.header("SO-TimeZone") is None or not any(date_times(ask, ask.plain())):
        return
    configured = {code: ZoneInfo(name) for code, name in ask.config.time_zones.items()}
    if configured:
        unknown = _unknown_zones(ask, configured)
        known.zones = {code: zone for code, zone in configured.items() if code not in unknown}
        known.note("time zones", f"{', '.join(known.zones)} (configured)")
        if unknown:
            left = "though others do" if known.zones else "so TZ-01 to TZ-07 stay undecided"
            text = f"{', '.join(unknown)} of the configuration changes nothing, {left}"
            known.note("configured time zones", text, found=False)
        return
    plain = list(date_times(ask, ask.plain()))
    for candidates in (_ZONES, _VENDOR_ZONES):
        for position, (code, name) in enumerate(candidates.items()):
            if position == 2 and not known.zones:
                break
            answer = ask("zone", headers=(("SO-TimeZone", code),))
            if answer.accepted and list(date_times(ask, answer)) != plain:
                known.zones[code] = ZoneInfo(name)
        if known.zones:
            break
    if known.zones:
        known.note("time zones", f"converts by {', '.join(known.zones)}")
    else:
        known.note(
            "time zones",
            "no code of "
            f"{', '.join([*_ZONES, *_VENDOR_ZONES])} changes any date-time; name codes that it knows in "
            "conformance.toml",
            found=False,
        )


def _unknown_zones(ask: Ask, configured: dict[str, ZoneInfo]) -> list[str]:
    """The configured codes that the target does not seem to know: nothing changes, where something would have to.

    Where none of several changes anything, the target does not convert at all, and that is for TZ-01 to judge.
    """
    plain = list(date_times(ask, ask.plain()))
    moments = [moment for _, _, text in plain if (moment := parse_date_time(text)) and moment.tzinfo is not None]
    unmoved = [
        code
        for code, zone in configured.items()
        if any(moment.utcoffset() != offset_of(moment, zone) for moment in moments)
        and list(date_times(ask, ask("zone", headers=(("SO-TimeZone", code),)))) == plain
    ]
    return unmoved if len(unmoved) < len(configured) - 1 or len(configured) == 1 else []


def date_times(ask: Ask, answer: Answer) -> Iterator[tuple[Any, str, str]]:
    """(identity, property, text) of every real date-time in an answer."""
    names = [name for name, schema in ask.contract.properties.items() if schema.get("format") == "date-time"]
    for index, row in enumerate(answer.rows(ask.known.xml_path) or []):
        for name in names:
            moment = parse_date_time(row.get(name))
            if moment is not None and not is_placeholder(moment) and name not in ask.known.volatile:
                yield ((str(row.get(ask.known.identity, index)) if ask.known.identity else index), name, row[name])
