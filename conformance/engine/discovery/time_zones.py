"""Discovery of the time-zone codes for which the target converts date-times, and why none is known."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.date_times import is_placeholder, offset_of, parse_date_time
from conformance.comparison.elements import Element, answers_null, pairs
from conformance.comparison.outcomes import Inconclusive
from conformance.comparison.target_facts import FactName
from conformance.engine.live_data import resend_unless_changed
from conformance.engine.probe import Probe

_ZONES = {
    "America/New_York": "America/New_York",
    "Asia/Kolkata": "Asia/Kolkata",
    "Europe/Oslo": "Europe/Oslo",
    "UTC": "UTC",
    "Australia/Sydney": "Australia/Sydney",
}

# The vendor's own codes; its background pages show some of them.
_VENDOR_ZONES = {
    "US-NY": "America/New_York",
    "US-CA": "America/Los_Angeles",
    "NO": "Europe/Oslo",
    "UTC": "UTC",
    "US-HI": "Pacific/Honolulu",
}
_NAME_SOME = 'name other codes that the target knows under [time_zones] in conformance.toml (CODE = "Area/City")'


def discover_zones(ask: Probe) -> None:
    """Find time-zone codes for which this target converts date-times.

    Only configured codes are tried if there are any; the zone that the configuration gives for a code is not checked.
    """
    facts = ask.facts
    if ask.operation.header("SO-TimeZone") is None or not any(date_times(ask, ask.baseline())):
        return
    configured = {code: ZoneInfo(name) for code, name in ask.config.time_zones.items()}
    if configured:
        facts.tried_zones = tuple(configured)
        unknown = _unknown_zones(ask, configured)
        facts.zones = {code: zone for code, zone in configured.items() if code not in unknown}
        if facts.zones:
            ask.note(FactName.TIME_ZONES, f"{', '.join(facts.zones)} (configured)")
        if unknown:
            hint = "though others do" if facts.zones else f"so TZ-01 to TZ-07 are inconclusive; {_NAME_SOME}"
            text = f"{', '.join(unknown)} of the configuration changes no date-time, {hint}"
            ask.note(FactName.CONFIGURED_TIME_ZONES, text, found=False)
        return
    for candidates in (_ZONES, _VENDOR_ZONES):
        for position, (code, name) in enumerate(candidates.items()):
            if position == 2 and not facts.zones:
                break
            facts.tried_zones = tuple(dict.fromkeys((*facts.tried_zones, code)))
            if _converts(ask, code):
                facts.zones[code] = ZoneInfo(name)
        if facts.zones:
            break
    if facts.zones:
        ask.note(FactName.TIME_ZONES, f"converts by {', '.join(facts.zones)}")
    else:
        text = f"none of {', '.join(facts.tried_zones)} changes any date-time; {_NAME_SOME}"
        ask.note(FactName.TIME_ZONES, text, found=False)


def _converts(ask: Probe, code: str) -> bool:
    """Whether the target converts for a code: date-times change, and not because they are live data."""
    answer = ask("zone", intent=Intent.UNCERTAIN, headers=(("SO-TimeZone", code),))
    if not answer.is_success or answers_null(answer):
        return False
    changed, stayed = changes(ask, ask.baseline(), answer)
    if changed and stayed:
        # If all change, the time zone is the cause. If only some do, a task may have been started in between.
        resend_unless_changed(ask)
        changed, _ = changes(ask, ask.baseline(), answer)
    return bool(changed)


def can_show(ask: Probe) -> bool:
    """Whether the known zones can show a conversion. The zone that the date-times are already in cannot."""
    zones = ask.facts.zones
    moments = [m for _, text in date_times(ask, ask.baseline()) if (m := parse_date_time(text)) is not None]
    if any(m.utcoffset() != offset_of(m, zone) for m in moments if m.tzinfo is not None for zone in zones.values()):
        return True
    if any(len({offset_of(m, zone) for zone in zones.values()}) > 1 for m in moments):
        return True
    return any(changes(ask, ask.baseline(), ask("zone", headers=(("SO-TimeZone", code),)))[0] for code in zones)


def changes(ask: Probe, baseline: Answer, other: Answer) -> tuple[int, int]:
    """How many date-times of ``baseline`` have another text in ``other``, and how many have the same.

    Both are 0 if the elements cannot be paired.
    """
    changed = stayed = 0
    try:
        matched = pairs(baseline, other, ask.facts)
    except Inconclusive:
        return 0, 0
    for mine, theirs in matched:
        for name, text in _moments(ask, mine):
            if isinstance(theirs.get(name), str):
                changed += theirs[name] != text
                stayed += theirs[name] == text
    return changed, stayed


def _unknown_zones(ask: Probe, configured: dict[str, ZoneInfo]) -> list[str]:
    """The configured codes that the target does not seem to know: it answers null, or no date-time changes although
    the zone requires it.

    If none of several codes changes anything, the target does not convert at all, which TZ-01 judges.
    """
    moments = [parse_date_time(text) for _, text in date_times(ask, ask.baseline())]
    ignored, unmoved = [], []
    for code, zone in configured.items():
        if not any(m.utcoffset() != offset_of(m, zone) for m in moments if m is not None and m.tzinfo is not None):
            continue
        answer = ask("zone", intent=Intent.UNCERTAIN, headers=(("SO-TimeZone", code),))
        if answers_null(answer):
            ignored.append(code)
        elif changes(ask, ask.baseline(), answer) == (0, len(moments)):
            unmoved.append(code)
    known_ones = len(configured) - len(ignored)
    return [*ignored, *(unmoved if len(unmoved) < known_ones - 1 or known_ones == 1 else [])]


def documented(ask: Probe) -> list[str]:
    """The properties of the response that are date-times according to the page's table."""
    return [name for name, schema in ask.contract.properties.items() if schema.get("format") == "date-time"]


def date_times(ask: Probe, answer: Answer) -> Iterator[tuple[str, str]]:
    """(property, text) of every date-time in an answer, without placeholders and volatile properties."""
    for element in answer.read_elements(ask.facts.xml_path) or []:
        yield from _moments(ask, element)


def _moments(ask: Probe, element: Element) -> Iterator[tuple[str, str]]:
    for name in documented(ask):
        moment = parse_date_time(element.get(name))
        if moment is not None and not is_placeholder(moment) and name not in ask.facts.volatile:
            yield name, element[name]


def why_no_date_time(ask: Probe, elements: list[Element]) -> str:
    """Why the elements have no date-time that can show a conversion, and what data would decide it."""
    names = documented(ask)
    if not names:
        return "the page's table has no date-time among the properties of the response"
    found = {name: [m for each in elements if (m := parse_date_time(each.get(name))) is not None] for name in names}
    real = [name for name, moments in found.items() if not all(map(is_placeholder, moments))]
    volatile = [name for name in real if name in ask.facts.volatile]
    if volatile:
        return (
            f"the elements' date-times ({', '.join(volatile)}) change without a request, so they cannot show a "
            "conversion; ids of elements with a date-time that does not change, under ids in conformance.toml, would "
            "decide it"
        )
    if any(found.values()):
        held = ", ".join(name for name, moments in found.items() if moments)
        what = f"{held}: only the date that stands for no date"
    elif any(element.get(name) is not None for element in elements for name in names):
        what = f"{', '.join(names)}: no element has an ISO 8601 date-time (SHAPE-04 judges that)"
    else:
        what = f"{', '.join(names)}: no element has a value"
    return f"{what}; ids of elements with a date-time, under ids in conformance.toml, would decide it"


def why_nothing_shows(ask: Probe) -> str:
    """Why the known codes cannot show a conversion, and what would decide it."""
    return f"{', '.join(ask.facts.zones)} is the time zone that the date-times are already in; {_NAME_SOME}"


def why_no_zone(ask: Probe) -> str:
    """Why no code is known, and what would decide it."""
    tried = ", ".join(ask.facts.tried_zones) or "none"
    return f"no time-zone code is known that changes a date-time (tried: {tried}); {_NAME_SOME}"
