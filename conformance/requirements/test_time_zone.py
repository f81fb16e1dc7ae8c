"""SO-TimeZone.

Page: Request Headers: date-times of the response are converted to a time zone; nothing else changes.
"""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from conformance.assertions.elements import expect_same_elements, of_known_values, require_data, same_membership
from conformance.client.exchange import Headers, Intent
from conformance.comparison.answer import Answer
from conformance.comparison.date_times import (
    NO_OFFSET,
    conversion_problem,
    is_placeholder,
    offset_of,
    parse_date_time,
    without_offset,
)
from conformance.comparison.elements import elements_of, is_equal, is_null, leaves, pairs
from conformance.comparison.outcomes import Inconclusive, NotApplicable
from conformance.core.media_types import is_xml
from conformance.engine.discovery.time_zones import (
    can_show,
    changes,
    date_times,
    documented,
    why_no_date_time,
    why_no_zone,
    why_nothing_shows,
)
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, SHOULD, header, rfc

ZONE = header("SO-TimeZone")
_KEPT = ("creat", "updat", "regist", "modif", "chang")


def zone(code: str) -> Headers:
    """SO-TimeZone."""
    return (("SO-TimeZone", code),)


def require_zones(ask: Probe) -> dict[str, ZoneInfo]:
    """The codes that this target converts by; Undecided without any, or without a date-time in the data."""
    require_data(ask)
    baseline = ask.baseline()
    if not any(date_times(ask, baseline)):
        raise Inconclusive(why_no_date_time(ask, elements_of(baseline, ask.facts)))
    if not ask.facts.zones:
        raise Inconclusive(why_no_zone(ask))
    if not can_show(ask):
        raise Inconclusive(why_nothing_shows(ask))
    return ask.facts.zones


def stays(ask: Probe, name: str, answers: list[Answer]) -> bool:
    """Whether a property that says when something was created or changed has the same text in every zone (TZ-06)."""
    if not name.lower().startswith(_KEPT) and not any(word in name.lower() for word in _KEPT):
        return False
    columns = [[_wall_clock(row.get(name)) for row in answer.rows(ask.facts.xml_path) or []] for answer in answers]
    return any(columns[0]) and all(sorted(column) == sorted(columns[0]) for column in columns[1:])


def _wall_clock(value: object) -> str:
    moment = parse_date_time(value)
    return without_offset(moment).isoformat() if moment else ""


def check_conversion(
    ask: Probe, before: Answer, anchor: ZoneInfo | None, after: Answer, code: str, kept: set[str]
) -> int:
    """Check each date-time of ``after`` against the same one of ``before``; returns how many could be judged."""
    judged = 0
    name_of = ask.facts.zones[code]
    for mine, theirs in pairs(before, after, ask.facts):
        for name in documented(ask):
            old, new = parse_date_time(mine.get(name)), parse_date_time(theirs.get(name))
            if old is None or name in kept or name in ask.facts.volatile or is_placeholder(old):
                continue
            if old.tzinfo is None and anchor is None:
                continue
            judged += 1
            problem = "a date-time" if new is None else conversion_problem(old, anchor, new, name_of)
            ask.check(
                problem is None,
                f"SO-TimeZone: {code} does not convert {name}",
                expected=f"{problem}, from {mine.get(name)}{f' in {anchor.key}' if anchor else ''}",
                actual=theirs.get(name),
                of=[before, after],
            )
    return judged


@requirement(
    "TZ-01",
    MUST,
    "Date-times are converted: each wall clock moves by what the zones differ at that very moment",
    source=ZONE,
    fault=(
        "time-zone-ignored",
        "time-zone-standard-offset",
        "time-zone-current-offset",
        "one-date-not-converted",
        "one-date-in-utc",
        "time-zone-drops-seconds",
        "half-hours-lost",
        "time-zone-keeps-the-day",
        "cache-without-zone",
    ),
    smoke=True,
)
def test_conversion(ask: Probe) -> None:
    """Each known zone against the plain answer where that has offsets, and against each other zone where it has not.
    With an offset the same moment must be named; without one the wall clock must be the zone's, daylight saving
    included. A date of creation or change may stay as it is in every zone (TZ-06)."""
    zones = dict(ask.limit_in_smoke(require_zones(ask).items(), 2))
    answers = {code: ask("zone", headers=zone(code)) for code in zones}
    ask.require_success(*answers.values())
    baseline = ask.baseline()
    codes = list(zones)
    if ask.config.time_zones and len(codes) > 1:
        moved = [code for code in codes if changes(ask, baseline, answers[code])[0]]
        ask.check(
            bool(moved),
            f"none of the configured time zones ({', '.join(codes)}) changes any date-time",
            expected="date-times in each zone's wall clock",
            actual=[text for _, text in date_times(ask, baseline)][:2],
            of=[baseline, answers[codes[0]]],
        )
    kept = {name for name in documented(ask) if stays(ask, name, [baseline, *answers.values()])}
    judged = 0
    for code in codes:
        judged += _compared_with(ask, code, None, kept)
        _left_behind(ask, baseline, answers[code], code, kept)
    for position, code in enumerate(codes):
        for other in codes[:position]:
            judged += _compared_with(ask, code, other, kept)
    if not judged:
        raise Inconclusive(
            "the date-times have no offset, and no second time zone is known to hold them against; name another code "
            "under [time_zones] in conformance.toml"
        )


def _left_behind(ask: Probe, baseline: Answer, answer: Answer, code: str, kept: set[str]) -> None:
    """Where a zone moves the wall clock of one property, it has to move those of the others too."""
    moved: set[str] = set()
    still: dict[str, tuple[str, str]] = {}
    for mine, theirs in pairs(baseline, answer, ask.facts):
        for name in documented(ask):
            old, new = parse_date_time(mine.get(name)), parse_date_time(theirs.get(name))
            if old is None or new is None or is_placeholder(old) or name in ask.facts.volatile:
                continue
            if old.tzinfo is None or new.tzinfo is None:
                continue
            there = offset_of(new, ask.facts.zones[code])
            if new.utcoffset() != there:
                still.setdefault(name, (theirs[name], new.astimezone(ask.facts.zones[code]).isoformat()))
            elif there not in (old.utcoffset(), NO_OFFSET):
                moved.add(name)
    for name, (text, expected) in still.items():
        ask.check(
            not moved or name in moved or name in kept or name.lower().startswith(_KEPT),
            f"SO-TimeZone: {code} does not convert {name}, though it converts {', '.join(sorted(moved))}",
            expected=expected,
            actual=text,
            of=[baseline, answer],
        )


def _compared_with(ask: Probe, code: str, other: str | None, kept: set[str]) -> int:
    """Hold a zone against the plain answer, or against the ``other`` zone; how many date-times could be judged."""
    judged: list[int] = []
    anchor = ask.facts.zones[other] if other is not None else None

    def judge(before: Answer, after: Answer) -> None:
        ask.require_success(before, after)
        judged.append(check_conversion(ask, before, anchor, after, code, kept))

    baseline = {"headers": zone(other)} if other is not None else {}
    ask.relate("zone", judge, baseline=baseline, headers=zone(code))
    return judged[-1] if judged else 0


@requirement(
    "TZ-02",
    MUST,
    "Nothing but date-times changes with the time zone",
    source=ZONE,
    fault=("time-zone-changes-text", "state-lower-with-zone"),
)
def test_nothing_else_changes(ask: Probe) -> None:
    """Each known zone against the plain answer, with and without a language: elements, order, and every value that is
    no date-time."""
    require_zones(ask)
    dates = set(documented(ask))

    def judge(before: Answer, after: Answer) -> None:
        ask.require_success(before, after)
        same_membership(ask, before, after, "SO-TimeZone")
        for mine, theirs in pairs(before, after, ask.facts):
            for name in ask.contract.properties:
                if name in dates or name in ask.facts.volatile:
                    continue
                left, right = dict(leaves(mine.get(name))), dict(leaves(theirs.get(name)))
                moved = {p for p in left if parse_date_time(left[p]) and parse_date_time(right.get(p))}
                ask.check(
                    left.keys() == right.keys() and all(is_equal(left[p], right[p]) for p in left if p not in moved),
                    f"SO-TimeZone changes {name}",
                    expected=mine.get(name),
                    actual=theirs.get(name),
                    of=[before, after],
                )

    for code in ask.facts.zones:
        ask.relate("zone", judge, headers=zone(code))
        for language in ask.facts.languages[-1:]:
            headers = (("Accept-Language", language),)
            ask.relate("zone", judge, baseline={"headers": headers}, headers=(*headers, *zone(code)))


@requirement(
    "TZ-03",
    MUST,
    "Converted date-times are still valid date-times of the documented shape",
    source=ZONE,
    fault="time-zone-bad-shape",
)
def test_shape(ask: Probe) -> None:
    """Every date-time that is valid without the header is valid with it, and none is lost. Where no code is known that
    the target converts by, UTC is tried."""
    require_data(ask)
    codes = list(ask.facts.zones) or ["UTC"]

    def judge(before: Answer, after: Answer) -> None:
        ask.require_success(before, after)
        for mine, theirs in pairs(before, after, ask.facts):
            for name in documented(ask):
                if parse_date_time(mine.get(name)) is not None:
                    ask.check(
                        parse_date_time(theirs.get(name)) is not None,
                        f"{name} is no ISO 8601 date-time once it is converted",
                        expected="an ISO 8601 date-time",
                        actual=theirs.get(name),
                        of=[before, after],
                    )

    for code in codes:
        intent = Intent.VARIATION if ask.facts.zones else Intent.UNCERTAIN
        ask.relate("zone", of_known_values(ask, f"SO-TimeZone: {code}", judge), intent=intent, headers=zone(code))


@requirement(
    "TZ-04", MUST, "Date-times are converted under XML as under JSON", source=ZONE, fault="time-zone-json-only"
)
def test_xml(ask: Probe) -> None:
    """For each documented XML type: each known zone in XML against the same zone in JSON."""
    zones = require_zones(ask)
    types = [fact.name for fact in ask.operation.response_types if is_xml(fact.name)]
    if not types:
        raise NotApplicable("the page lists no XML type")

    def judge(json: Answer, xml: Answer, code: str) -> None:
        ask.require_success(json, xml)
        for mine, theirs in pairs(json, xml, ask.facts):
            for name in documented(ask):
                left, right = parse_date_time(mine.get(name)), parse_date_time(theirs.get(name))
                if left is None or is_null(theirs.get(name)) or name in ask.facts.volatile:
                    continue
                # XML may leave the offset out where JSON has it, or write UTC: the moment and the zone must be right.
                equal = right is not None and without_offset(left) == without_offset(right)
                offsets = right is not None and left.tzinfo is not None and right.tzinfo is not None
                ask.check(
                    equal
                    or (offsets and right is not None and conversion_problem(left, None, right, zones[code]) is None),
                    f"{name} is another date-time in XML than in JSON, in the same time zone",
                    expected=mine.get(name),
                    actual=theirs.get(name),
                    of=[json, xml],
                )

    for kind in types:
        for code in list(zones)[:3]:
            in_zone = partial(judge, code=code)
            ask.relate("zone in XML", in_zone, baseline={"headers": zone(code)}, accept=kind, headers=zone(code))


@requirement(
    "TZ-05", SHOULD, "An unknown time-zone code is answered without 5xx", source=ZONE, fault="unknown-time-zone-crashes"
)
def test_unknown_zones(ask: Probe) -> None:
    """Codes that no server has: converted by nothing or refused, but no failure."""
    for code in ("Mars/Olympus_Mons", "999999", "not a zone!", "../../etc/passwd", "+25:00"):
        answer = ask("unknown zone", intent=Intent.UNCERTAIN, headers=zone(code))
        ask.check(
            0 < answer.status < 500,
            f"SO-TimeZone: {code} makes the server fail",
            expected="no 5xx",
            actual=answer.outcome,
            of=[answer],
        )


@requirement("TZ-06", MAY, "Properties that stay in UTC in every zone", source=ZONE, fault="created-kept-in-utc")
def test_kept_in_utc(ask: Probe) -> None:
    """Dates of creation and change that are the same in every zone while others move."""
    zones = require_zones(ask)
    answers = [ask("zone", headers=zone(code)) for code in zones]
    ask.require_success(*answers)
    kept = [name for name in documented(ask) if len(answers) > 1 and stays(ask, name, answers)]
    ask.observe(f"stays as it is in every zone: {', '.join(kept)}" if kept else "every date-time is converted")


@requirement(
    "TZ-07",
    MUST,
    "The time zone of one request has no effect on the next",
    source=rfc(9110, "3.3"),
    fault=("time-zone-sticky", "time-zone-lingers"),
)
def test_zones_do_not_leak(ask: Probe) -> None:
    """The plain request right after one in a time zone, on the same connection, against the plain request before."""
    codes = list(require_zones(ask))

    def provoke() -> None:
        ask("zone", headers=zone(codes[0]), bypass_cache=True)

    def reset() -> None:
        ask("zone", headers=zone(codes[-1]), bypass_cache=True)

    judge = expect_same_elements(ask, "a time zone in the request before")
    ask.relate("plain after zone", judge, bypass_cache=True, provoke=provoke, reset=reset)
