"""Batch tasks: which belong to whom, and how one is shown under a selection, a language, a culture and a time zone."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from servers.texts import Counted, Day, Number, convert, is_locale, languages_of

Row = dict[str, Any]
ZERO_DATE = dt.datetime(1, 1, 1)
INTEGERS = ("Id", "AssociateId", "DetailsTable", "DetailsRecord", "StartCount", "ProgressPercent")
BOOLEANS = ("IsSystemTask", "IsInternalTask")
DATES = ("LastStarted", "Created")


class Unknown(Exception):
    """A value of a request header that this server does not know; the text names the header."""


@dataclass(frozen=True)
class View:
    """How a client wants to see the tasks; None: it did not say."""

    select: str | None = None
    languages: tuple[str, ...] = ()
    culture: str | None = None
    zone: ZoneInfo | None = None
    with_offset: bool = False


@dataclass(frozen=True)
class Store:
    """One server's data, and what it does where the page does not specify it."""

    rows: Sequence[Row]
    references: Mapping[str, Mapping[str, str]]
    base_zone: ZoneInfo
    zones: Mapping[str, str]
    variants: frozenset[str]
    created_in_utc: bool = False
    utc_as_z: bool = False
    timespec: str = "auto"
    unknown_zone_is_error: bool = True
    default_language: str = "en"
    shuffler: random.Random = field(default_factory=lambda: random.Random(5))

    def find(self, ids: Sequence[int], state: str | None) -> list[Row]:
        """The tasks of these associates in this state, in the order of the store."""
        if state == "All" and "single-states-only" in self.variants:
            return []
        wanted = set(ids)
        found = [row for row in self.rows if row["AssociateId"] in wanted and state in ("All", row["State"])]
        if "order-unstable" in self.variants:
            self.shuffler.shuffle(found)
        return found

    def view(
        self, select: str | None, accept_language: str, so_language: str, culture: str, zone: str, known: Sequence[str]
    ) -> View:
        """What the request headers ask for; `known` are the ISO codes that the texts are held in.

        Raises:
            Unknown: the zone, or, with the variant, a language or culture.
        """
        picky = "null-for-unknown-header" in self.variants
        chosen = so_language or accept_language
        languages = languages_of(chosen)
        off = so_language.strip().lower() in ("*", "x")
        if off:
            languages = []
        if picky and chosen and not off and not set(languages) & {*known, "*"}:
            raise Unknown("language")
        if picky and culture and not is_locale(culture):
            raise Unknown("culture")
        form = next((tag for tag in (culture, *languages) if tag and is_locale(tag)), None) if languages else None
        if not languages and "default-language" in self.variants and not off:
            languages = [self.default_language]
        code, _, rest = zone.partition(",")
        code = code.strip()
        if code and code not in self.zones and (self.unknown_zone_is_error or picky):
            raise Unknown("time zone")
        name = self.zones.get(code)
        return View(
            select=select,
            languages=tuple(languages),
            culture=form.replace("-", "_") if form else None,
            zone=ZoneInfo(name) if name else None,
            with_offset=rest.strip().lower() == "includetzoffset",
        )

    def show(self, row: Row, view: View) -> Row:
        """One task as JSON has it."""
        shown = {name: self._value(name, value, view) for name, value in self._lively(row).items()}
        if view.select is not None and view.select.strip():
            shown = self._selected(shown, view.select)
        if "nulls-left-out" in self.variants or "nulls-left-out-one-never-set" in self.variants:
            shown = _without_nulls(shown)
        if "integers-as-decimals" in self.variants:
            shown = _as_decimals(shown)
        if "members-by-language" in self.variants and view.languages:
            shown = dict(sorted(shown.items(), key=lambda item: item[0][::-1] + view.languages[0]))
        return shown

    def show_all(self, rows: Sequence[Row], view: View) -> list[Any] | None:
        """The whole answer, malformed if a non-conforming variant says so."""
        if not rows and self.variants & {"null-for-nothing", "empty-for-nothing"}:
            return None
        shown: list[Any] = [self.show(row, view) for row in rows]
        if "null-element" in self.variants and shown:
            shown[len(shown) // 2] = None
        for variant, name in (("object-for-string", "Name"), ("object-for-number", "StartCount")):
            if variant in self.variants:
                shown = [{**row, name: row[name] and {"value": row[name]}} for row in shown]
        if "lower-camel-case" in self.variants:
            shown = [_camel(row) for row in shown]
        return shown

    def _lively(self, row: Row) -> Row:
        now = time.time()
        if row["State"] in ("Running", "Active"):
            if "progress-moves" in self.variants:
                row = {**row, "ProgressPercent": int(now / 2) % 101}
            if "last-started-moves" in self.variants:
                moment = dt.datetime.fromtimestamp(int(now / 3) * 3, self.base_zone)
                row = {**row, "LastStarted": moment}
        return row

    def _value(self, name: str, value: Any, view: View) -> Any:
        match value:
            case dt.datetime():
                return self._date_time(value, view, name == "Created" and self.created_in_utc)
            case Number() | Day():
                local = view.culture and "one-language" not in self.variants
                return value.local(view.culture) if local else value.neutral()
            case Counted():
                number = self._value(name, value.number, view)
                return self._text(value.text, view).replace("{}", number)
            case str():
                return self._text(value, view)
            case dict():
                return {key: self._value(key, each, view) for key, each in value.items()}
            case list():
                return [self._value(name, each, view) for each in value]
        return value

    def _text(self, raw: str, view: View) -> str:
        if not view.languages:
            return raw
        return convert(raw, view.languages, self.references, self.default_language)

    def _date_time(self, moment: dt.datetime, view: View, in_utc: bool) -> str:
        bare = "dates-without-offset" in self.variants and not view.with_offset
        if moment.replace(tzinfo=None) == ZERO_DATE:
            return ZERO_DATE.isoformat() + ("" if bare else "Z" if self.utc_as_z else "+00:00")
        moment = moment.astimezone(dt.UTC if in_utc else view.zone or self.base_zone)
        text, offset = moment.isoformat(timespec=self.timespec)[:-6], moment.isoformat()[-6:]
        if "seven-digits" in self.variants:
            text = f"{text[:19]}.{moment.microsecond:06d}0"
        if bare:
            return text
        return text + ("Z" if self.utc_as_z and moment.utcoffset() == dt.timedelta() else offset)

    def _selected(self, shown: Row, select: str) -> Row:
        paths = [path.strip().lower().split("/") for path in select.split(",") if path.strip()]
        kept: Row = {}
        for name, value in shown.items():
            mine = [path[1:] for path in paths if path[0] == name.lower()]
            if mine:
                kept[name] = value if [] in mine else _part(value, mine)
            elif "zero-for-not-selected" in self.variants:
                zero = "0001-01-01T00:00:00" + ("Z" if self.utc_as_z else "+00:00")
                kept[name] = 0 if name in INTEGERS else False if name in BOOLEANS else zero if name in DATES else None
            else:
                kept[name] = None
        return kept


def _part(value: Any, paths: Sequence[Sequence[str]]) -> Any:
    """The value with only what the paths name in it; [] in `paths` keeps all."""
    if [] in paths or not isinstance(value, dict):
        return value
    kept = {}
    for name, each in value.items():
        mine = [path[1:] for path in paths if path[0] == name.lower()]
        kept[name] = _part(each, mine) if mine else None
    return kept


ODD_TEXTS = (
    "  two blanks on each side  ",
    "first line\r\nsecond line\rthird\nfourth\ttab",
    "   ",
    "\U0001f4e6 \u00a0\u200b e\u0301 \u0000\u001f \u2028 \ufffe",
    "<![CDATA[ ]]> &amp; &#65; \"quoted\" 'single' \\",
    "\u202eright to left\u202c \u0634\u0631\u0643\u0629",
)


def varied(rows: list[Row], variants: frozenset[str]) -> list[Row]:
    """The rows as the variants about the data's amount and texts have them."""
    if "one-task" in variants:
        rows = rows[:1]
    if "odd-texts" in variants:
        rows = [
            {**row, "Request": ODD_TEXTS[number % 6], "Context": ODD_TEXTS[-number % 6]}
            for number, row in enumerate(rows)
        ]
    if "one-never-set" in variants:
        rows = [{**row, "FileName": None} for row in rows]
    if "many-tasks" in variants:
        rows = [{**row, "Id": row["Id"] + 1_000 * copy} for copy in range(40) for row in rows][:600]
    return rows


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _camel(each) for name, each in value.items()}
    return [_camel(each) for each in value] if isinstance(value, list) else value


def _as_decimals(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_decimals(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_decimals(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
