"""Date-times as the page's responses have them, and what a time zone does to them (ISO 8601, RFC 3339)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII)

NO_OFFSET = timedelta(0)


def parse_date_time(text: Any) -> datetime | None:
    """The date-time that ``text`` is in ISO 8601's extended format, offset optional; None where it is none.

    An impossible date (30 February) is none.
    """
    if not isinstance(text, str) or not _FORM.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def is_placeholder(moment: datetime) -> bool:
    """Whether this is a server's word for "no date" (the first or last year of its calendar)."""
    return moment.year in (1, 9999) or (moment.year, moment.month, moment.day) == (1760, 1, 1)


# The zero of .NET and of Go, of the vendor's database, of SQL Server (two types), of OLE, of Unix.
_ZEROS = ((1, 1, 1), (1760, 1, 1), (1753, 1, 1), (1900, 1, 1), (1899, 12, 30), (1970, 1, 1))
_MAX_OFFSET = timedelta(hours=15)


def is_zero_date(moment: datetime) -> bool:
    """Whether this is the zero of a type that has no null: midnight of such a day, as some time zone shows it."""
    for day in _ZEROS:
        away = without_offset(moment) - datetime(*day)
        if abs(away) <= _MAX_OFFSET:
            return moment.utcoffset() in (None, away) or not away
    return False


def wall_clock_times(moment: datetime, zone: ZoneInfo) -> set[datetime]:
    """The wall clocks that ``moment`` may be in ``zone``, without offset; a set, for naive input may be ambiguous."""
    return {moment.astimezone(zone).replace(tzinfo=None, fold=0)}


def moments(wall: datetime, zone: ZoneInfo) -> set[datetime]:
    """The moments that a wall clock names in ``zone``: none in the spring gap, two in the autumn fold."""
    found: set[datetime] = set()
    for fold in (0, 1):
        moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall.replace(fold=0):
            found.add(moment)
    return found


def offset_of(moment: datetime, zone: ZoneInfo) -> timedelta:
    """What ``zone`` is ahead of UTC at that moment."""
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def without_offset(moment: datetime) -> datetime:
    """The wall clock alone."""
    return moment.replace(tzinfo=None, fold=0)


def conversion_problem(before: datetime, anchor: ZoneInfo | None, after: datetime, zone: ZoneInfo) -> str | None:
    """Why ``after`` is not ``before`` converted to ``zone``; None where it is, or where nobody can tell.

    ``before`` names its moment by its offset, or by the zone that it was asked for in (``anchor``). ``after`` is
    right if its wall clock is that zone's at that moment. With an offset it must name the same moment; the offset
    may also be the one of ``before`` or UTC's (kept as it was).
    """
    if before.tzinfo is not None:
        at = {before.astimezone(UTC)}
    elif anchor is not None:
        at = moments(before, anchor)
    else:
        return None
    if not at:
        return None
    if after.tzinfo is None:
        expected = {wall for moment in at for wall in wall_clock_times(moment, zone)}
        if after in expected:
            return None
        return f"{' or '.join(sorted(w.isoformat() for w in expected))} (wall clock of {zone.key})"
    moment = after.astimezone(UTC)
    if moment not in at:
        return f"the moment {' or '.join(sorted(m.isoformat() for m in at))}"
    if after.utcoffset() in (offset_of(moment, zone), before.utcoffset(), timedelta(0)):
        return None
    return f"{moment.astimezone(zone).isoformat()} (offset of {zone.key} at that moment)"
