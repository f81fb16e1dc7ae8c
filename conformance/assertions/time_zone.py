"""Assertions on ``SO-TimeZone``: which date-times are converted to the zone, and which ones a target may keep."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from conformance.assertions.data import require_data
from conformance.assertions.elements import matched_values
from conformance.client.exchange import Headers
from conformance.comparison.answer import Answer
from conformance.comparison.date_times import (
    NO_OFFSET,
    conversion_problem,
    is_placeholder,
    offset_of,
    parse_date_time,
    without_offset,
)
from conformance.comparison.elements import elements_of
from conformance.comparison.outcomes import Inconclusive
from conformance.engine.discovery.time_zones import (
    can_show,
    date_times,
    documented,
    why_no_date_time,
    why_no_zone,
    why_nothing_shows,
)
from conformance.engine.probe import Probe

_KEPT = ("creat", "updat", "regist", "modif", "chang")


def zone(code: str) -> Headers:
    """SO-TimeZone."""
    return (("SO-TimeZone", code),)


def require_zones(ask: Probe) -> dict[str, ZoneInfo]:
    """The codes that this target converts by; raises Inconclusive without any, or without a date-time in the data."""
    require_data(ask)
    baseline = ask.baseline()
    if not any(date_times(ask, baseline)):
        raise Inconclusive(why_no_date_time(ask, elements_of(baseline, ask.facts)))
    if not ask.facts.zones:
        raise Inconclusive(why_no_zone(ask))
    if not can_show(ask):
        raise Inconclusive(why_nothing_shows(ask))
    return ask.facts.zones


def is_kept(ask: Probe, name: str, answers: list[Answer]) -> bool:
    """Whether a property that says when something was created or changed has the same text in every zone (TZ-06)."""
    if not any(word in name.lower() for word in _KEPT):
        return False
    values = [[each.get(name) for each in answer.read_elements(ask.facts.xml_path) or []] for answer in answers]
    if not ask.is_known(values):
        return False
    columns = [list(map(_wall_clock, column)) for column in values]
    return any(columns[0]) and all(sorted(column) == sorted(columns[0]) for column in columns[1:])


def _wall_clock(value: object) -> str:
    moment = parse_date_time(value)
    return without_offset(moment).isoformat() if moment else ""


def expect_converted(
    ask: Probe, before: Answer, anchor: ZoneInfo | None, after: Answer, code: str, kept: set[str]
) -> int:
    """Check each date-time of ``after`` against the same one of ``before``; returns how many could be judged.

    ``anchor`` is the zone of date-times without an offset in ``before``. Those in ``kept`` may stay as they are.
    """
    judged = 0
    names = [name for name in documented(ask) if name not in kept]
    for name, old_text, new_text in matched_values(ask, before, after, names):
        old, new = parse_date_time(old_text), parse_date_time(new_text)
        if old is None or is_placeholder(old) or (old.tzinfo is None and anchor is None):
            continue
        judged += 1
        problem = "a date-time" if new is None else conversion_problem(old, anchor, new, ask.facts.zones[code])
        ask.check(
            problem is None,
            f"SO-TimeZone: {code} does not convert {name}",
            expected=f"{problem}, from {old_text}{f' in {anchor.key}' if anchor else ''}",
            actual=new_text,
            of=[before, after],
        )
    return judged


def expect_none_left_behind(ask: Probe, baseline: Answer, answer: Answer, code: str, kept: set[str]) -> None:
    """Check that if a zone moves the wall clock of one property, it moves those of the others too."""
    zone = ask.facts.zones[code]
    moved: set[str] = set()
    unmoved: dict[str, tuple[str, str]] = {}
    for name, old_text, new_text in matched_values(ask, baseline, answer, documented(ask)):
        old, new = parse_date_time(old_text), parse_date_time(new_text)
        if old is None or new is None or is_placeholder(old) or old.tzinfo is None or new.tzinfo is None:
            continue
        expected = offset_of(new, zone)
        if new.utcoffset() != expected:
            unmoved.setdefault(name, (new_text, new.astimezone(zone).isoformat()))
        elif expected not in (old.utcoffset(), NO_OFFSET):
            moved.add(name)
    for name, (text, converted) in unmoved.items():
        ask.check(
            not moved or name in moved or name in kept or name.lower().startswith(_KEPT),
            f"SO-TimeZone: {code} does not convert {name}, though it converts {', '.join(sorted(moved))}",
            expected=converted,
            actual=text,
            of=[baseline, answer],
        )
