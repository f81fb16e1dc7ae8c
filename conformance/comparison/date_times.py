"""Date-times in ISO 8601's extended format (RFC 3339), and their conversion to a time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII)

NO_OFFSET = timedelta(0)


def parse_date_time(text: Any) -> datetime | None:
    """``text`` as a date-time in ISO 8601's extended format with an optional offset; None if it is not one.

    A date that does not exist (30 February) is not one.
    """
    if not isinstance(text, str) or not _FORM.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def is_placeholder(moment: datetime) -> bool:
    """Whether a server writes this instead of "no date" (the first or last year of its calendar)."""
    return moment.year in (1, 9999) or (moment.year, moment.month, moment.day) == (1760, 1, 1)


# The zero date of .NET and Go, of the vendor's database, of SQL Server (two types), of OLE, and of Unix.
_ZEROS = ((1, 1, 1), (1760, 1, 1), (1753, 1, 1), (1900, 1, 1), (1899, 12, 30), (1970, 1, 1))
_MAX_OFFSET = timedelta(hours=15)


def is_zero_date(moment: datetime) -> bool:
    """Whether this is the zero of a type without null: midnight of a zero date, as any time zone writes it."""
    for day in _ZEROS:
        away = without_offset(moment) - datetime(*day)
        if abs(away) <= _MAX_OFFSET:
            return moment.utcoffset() in (None, away) or not away
    return False


def wall_clock_times(moment: datetime, zone: ZoneInfo) -> set[datetime]:
    """The wall clock of ``moment`` in ``zone``, without offset.

    It is a set because a ``moment`` without offset may be ambiguous.
    """
    return {moment.astimezone(zone).replace(tzinfo=None, fold=0)}


def moments(wall_clock: datetime, zone: ZoneInfo) -> set[datetime]:
    """The moments (UTC) that have this wall clock in ``zone``: none in the spring gap, two in the autumn fold."""
    found: set[datetime] = set()
    for fold in (0, 1):
        moment = wall_clock.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall_clock.replace(fold=0):
            found.add(moment)
    return found


def offset_of(moment: datetime, zone: ZoneInfo) -> timedelta:
    """How far ``zone`` is ahead of UTC at ``moment``."""
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def without_offset(moment: datetime) -> datetime:
    """The wall clock of a date-time, without offset and fold."""
    return moment.replace(tzinfo=None, fold=0)


def conversion_problem(before: datetime, anchor: ZoneInfo | None, after: datetime, zone: ZoneInfo) -> str | None:
    """What was expected instead of ``after``, for a message; None if it is ``before`` converted to ``zone``.

    The moment of ``before`` follows from its offset, or from ``anchor``, the zone of the request that it answers. If
    it has neither, the conversion cannot be checked, and the result is None. The wall clock of ``after`` must be that
    of ``zone`` at this moment. If ``after`` has an offset, it must be the same moment; the offset may also be that of
    ``before`` or UTC, as some servers do not change it.
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
        expected = {wall_clock for moment in at for wall_clock in wall_clock_times(moment, zone)}
        if after in expected:
            return None
        return f"{' or '.join(sorted(w.isoformat() for w in expected))} (wall clock of {zone.key})"
    moment = after.astimezone(UTC)
    if moment not in at:
        return f"the moment {' or '.join(sorted(m.isoformat() for m in at))}"
    if after.utcoffset() in (offset_of(moment, zone), before.utcoffset(), timedelta(0)):
        return None
    return f"{moment.astimezone(zone).isoformat()} (offset of {zone.key} at that moment)"
