"""SO-TimeZone: which zone, and date-times in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from conformance.reference.faults.catalogue import Crash, Faults

BASE_ZONE = ZoneInfo("Europe/Oslo")
"""The zone that date-times are stored and sent in."""
_CODES = {
    "NO": "Europe/Oslo",
    "DK": "Europe/Copenhagen",
    "FR": "Europe/Paris",
    "UTC": "UTC",
    "US-NY": "America/New_York",
    "US-CA": "America/Los_Angeles",
    "US-HI": "Pacific/Honolulu",
}
_LANGUAGES = {"Europe/Oslo": "NO", "Europe/Paris": "FR", "Europe/Berlin": "GE", "Europe/Stockholm": "SW"}


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()} | {
        code.lower(): name for code, name in _CODES.items()
    }


def find_zone(header: str | None, faults: Faults) -> ZoneInfo | None:
    """The zone of an IANA name or one of the vendor's codes, after which options may follow; None: unknown."""
    if header is None:
        return None
    name = _names().get(header.partition(",")[0].strip().lower())
    if name is None:
        if faults("unknown-time-zone-crashes"):
            raise Crash
        return None
    zone = ZoneInfo(name)
    return None if faults("time-zone-ignored") else zone


def language_of(zone: ZoneInfo) -> str:
    """The language that is spoken in a zone, as a developer may assume."""
    return _LANGUAGES.get(zone.key, "US")


def write_moment(moment: datetime, zone: ZoneInfo | None, faults: Faults) -> str:
    """The date-time in a zone (None: the base zone), with its offset at that moment."""
    local = moment.astimezone(zone or BASE_ZONE)
    if zone is not None:
        standard = (local.utcoffset() or timedelta()) - (local.dst() or timedelta())
        if local.dst() and faults("time-zone-standard-offset"):
            local = _moved(moment, standard, zone)
        today = datetime.now(zone).utcoffset() or timedelta()
        if today != local.utcoffset() and faults("time-zone-current-offset"):
            local = _moved(moment, today, zone)
        if faults("time-zone-bad-shape"):
            return f"{local:%Y-%m-%d %H:%M}{local.isoformat()[-6:]}"
    if faults("offset-missing"):
        local = local.replace(tzinfo=None)
    return local.isoformat()


def _moved(moment: datetime, offset: timedelta, zone: ZoneInfo) -> datetime:
    """The wall clock at a fixed offset, written as the zone's own."""
    return (moment.astimezone(UTC).replace(tzinfo=None) + offset).replace(tzinfo=zone)
