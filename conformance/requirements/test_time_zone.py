"""SO-TimeZone.

Page: Request Headers: date-times of the response are converted to a time zone; nothing else changes.
"""

from __future__ import annotations

from functools import partial

from conformance.assertions.data import require_data
from conformance.assertions.elements import expect_same_membership, matched_values, same_elements, unless_unknown
from conformance.assertions.responses import expect_no_server_error
from conformance.assertions.time_zone import expect_converted, expect_none_left_behind, is_kept, require_zones, zone
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.date_times import conversion_problem, parse_date_time, without_offset
from conformance.comparison.elements import pairs
from conformance.comparison.equality import is_equal, is_null, leaves
from conformance.comparison.outcomes import Inconclusive, NotApplicable
from conformance.core.media_types import is_xml
from conformance.engine.discovery.time_zones import changes, date_times, documented
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, SHOULD, header, rfc

ZONE = header("SO-TimeZone")


@requirement(
    "TZ-01",
    MUST,
    "Date-times are converted to the time zone, with its offset at that moment",
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
    """Each known zone is compared with the baseline response if that has offsets, and with each other zone if it has
    not. With an offset the same moment must be named; without one the wall clock must be the zone's, daylight saving
    included. A date of creation or change may stay as it is in every zone (TZ-06)."""
    zones = dict(ask.limit_in_smoke(require_zones(ask).items(), 2))
    answers = {code: ask("zone", headers=zone(code)) for code in zones}
    ask.require_success(*answers.values())
    baseline = ask.baseline()
    codes = list(zones)
    if ask.config.time_zones and len(codes) > 1:
        ask.check(
            any(changes(ask, baseline, answers[code])[0] for code in codes),
            f"none of the configured time zones ({', '.join(codes)}) changes any date-time",
            expected="date-times in each zone's wall clock",
            actual=[text for _, text in date_times(ask, baseline)][:2],
            of=[baseline, answers[codes[0]]],
        )
    kept = {name for name in documented(ask) if is_kept(ask, name, [baseline, *answers.values()])}
    judged = 0
    for code in codes:
        judged += _relate_zone(ask, code, None, kept)
        expect_none_left_behind(ask, baseline, answers[code], code, kept)
    for position, code in enumerate(codes):
        for other in codes[:position]:
            judged += _relate_zone(ask, code, other, kept)
    if not judged:
        raise Inconclusive(
            "the date-times have no offset, and no second time zone is known to compare them with; name another code "
            "under [time_zones] in conformance.toml"
        )


def _relate_zone(ask: Probe, code: str, other: str | None, kept: set[str]) -> int:
    """Compare a zone with the baseline response, or with the ``other`` zone; how many date-times could be judged."""
    judged: list[int] = []
    anchor = ask.facts.zones[other] if other is not None else None

    def judge(before: Answer, after: Answer) -> None:
        ask.require_success(before, after)
        judged.append(expect_converted(ask, before, anchor, after, code, kept))

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
    """Each known zone and the baseline response, with and without a language: elements, order, and every value that is
    not a date-time."""
    require_zones(ask)
    names = [name for name in ask.contract.properties if name not in documented(ask)]

    def judge(before: Answer, after: Answer) -> None:
        ask.require_success(before, after)
        expect_same_membership(ask, before, after, "SO-TimeZone")
        for name, old, new in matched_values(ask, before, after, names):
            left, right = dict(leaves(old)), dict(leaves(new))
            moved = {path for path in left if parse_date_time(left[path]) and parse_date_time(right.get(path))}
            is_same = left.keys() == right.keys() and all(is_equal(left[p], right[p]) for p in left if p not in moved)
            ask.check(is_same, f"SO-TimeZone changes {name}", expected=old, actual=new, of=[before, after])

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
    """Every date-time that is valid without the header is valid with it, and none is lost. If no code is known that the
    target converts by, UTC is tried."""
    require_data(ask)

    def judge(before: Answer, after: Answer) -> None:
        ask.require_success(before, after)
        for mine, theirs in pairs(before, after, ask.facts):
            for name in documented(ask):
                if ask.is_known(mine.get(name)) and parse_date_time(mine.get(name)) is not None:
                    is_valid = parse_date_time(theirs.get(name)) is not None
                    message, expected = f"{name} is not a date-time once it is converted", "an ISO 8601 date-time"
                    ask.check(is_valid, message, expected=expected, actual=theirs.get(name), of=[before, after])

    intent = Intent.VARIATION if ask.facts.zones else Intent.UNCERTAIN
    for code in list(ask.facts.zones) or ["UTC"]:
        ask.relate("zone", unless_unknown(ask, f"SO-TimeZone: {code}", judge), intent=intent, headers=zone(code))


@requirement(
    "TZ-04", MUST, "Date-times are converted in XML as they are in JSON", source=ZONE, fault="time-zone-json-only"
)
def test_xml(ask: Probe) -> None:
    """For each documented XML type: each known zone in XML and the same zone in JSON."""
    zones = require_zones(ask)
    types = [fact.name for fact in ask.operation.response_types if is_xml(fact.name)]
    if not types:
        raise NotApplicable("the page lists no XML type")

    def judge(json: Answer, xml: Answer, code: str) -> None:
        ask.require_success(json, xml)
        for name, value, node in matched_values(ask, json, xml, documented(ask)):
            left, right = parse_date_time(value), parse_date_time(node)
            if left is None or is_null(node):
                continue
            # XML may leave the offset out if JSON has it, or write UTC: the moment and the zone must be right.
            is_same = right is not None and without_offset(left) == without_offset(right)
            if not is_same and right is not None and left.tzinfo is not None and right.tzinfo is not None:
                is_same = conversion_problem(left, None, right, zones[code]) is None
            message = f"{name} is another date-time in XML than in JSON, in the same time zone"
            ask.check(is_same, message, expected=value, actual=node, of=[json, xml])

    for kind in types:
        for code in list(zones)[:3]:
            in_zone = partial(judge, code=code)
            ask.relate("zone in XML", in_zone, baseline={"headers": zone(code)}, accept=kind, headers=zone(code))


@requirement(
    "TZ-05", SHOULD, "An unknown time-zone code is answered without 5xx", source=ZONE, fault="unknown-time-zone-crashes"
)
def test_unknown_zones(ask: Probe) -> None:
    """Codes that do not exist may be ignored or refused, but the server does not fail."""
    for code in ("Mars/Olympus_Mons", "999999", "not a zone!", "../../etc/passwd", "+25:00"):
        answer = ask("unknown zone", intent=Intent.UNCERTAIN, headers=zone(code))
        expect_no_server_error(ask, answer, f"SO-TimeZone: {code}")


@requirement(
    "TZ-06", MAY, "Whether dates of creation and change are converted too", source=ZONE, fault="created-kept-in-utc"
)
def test_kept_in_utc(ask: Probe) -> None:
    """Dates of creation and change that are the same in every zone although others change."""
    zones = require_zones(ask)
    answers = [ask("zone", headers=zone(code)) for code in zones]
    ask.require_success(*answers)
    kept = [name for name in documented(ask) if len(answers) > 1 and is_kept(ask, name, answers)]
    ask.observe(f"stays as it is in every zone: {', '.join(kept)}" if kept else "every date-time is converted")


@requirement(
    "TZ-07",
    MUST,
    "The time zone of one request has no effect on the next",
    source=rfc(9110, "3.3"),
    fault=("time-zone-sticky", "time-zone-lingers"),
)
def test_zones_do_not_leak(ask: Probe) -> None:
    """The baseline request right after one in a time zone, on the same connection, gives what it gave before."""
    codes = list(require_zones(ask))
    provoke = partial(ask, "zone", headers=zone(codes[0]), bypass_cache=True)
    reset = partial(ask, "zone", headers=zone(codes[-1]), bypass_cache=True)
    judge = same_elements(ask, "a time zone in the request before")
    ask.relate("baseline after zone", judge, bypass_cache=True, provoke=provoke, reset=reset)
