"""What is inconclusive says why, from the facts that decided it, and which data or which key would decide it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.engine.config import Config
from conformance.engine.result import Status
from support.recorded_servers import server, tried

Rows = list[dict[str, Any]]


def changed(change: Callable[[Rows, dict[str, Any]], Rows]) -> Any:
    """The recorded Express server, its elements in JSON changed for each request."""
    inner = server("express")

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        (body,) = inner(environ, start)
        found = json.loads(body) if body.startswith(b"[") else None
        return [body if found is None else json.dumps(change(found, environ)).encode()]

    return app


def reason(app: Any, requirement: str, config: Config | None = None) -> str:
    result = tried(app, requirement, config=config)[requirement]
    assert result.status is Status.INCONCLUSIVE, (result.status, result.reason)
    return result.reason


NUMBERS = itertools.count()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda row: {name: f"2024-01-01T00:{next(NUMBERS) % 60:02}:00Z" for name in ("LastStarted", "Created")},
            "the elements' date-times (LastStarted, Created) change without a request, so they cannot show a conversion",
        ),
        (lambda row: {"LastStarted": None, "Created": None}, "LastStarted, Created: no element has a value"),
        (
            lambda row: {"LastStarted": "0001-01-01T00:00:00", "Created": None},
            "LastStarted: only the date that stands for no date",
        ),
        (
            lambda row: {"LastStarted": "yesterday", "Created": None},
            "LastStarted, Created: no element has an ISO 8601 date-time (SHAPE-04 judges that)",
        ),
    ],
    ids=["moving", "null", "zero", "another form"],
)
def test_why_no_date_time_shows_a_conversion(change: Any, why: str) -> None:
    text = reason(changed(lambda rows, environ: [row | change(row) for row in rows]), "TZ-01")
    key = "ids of elements with a date-time"
    assert text.startswith(f"{why}; {key}")
    assert "under ids in conformance.toml" in text


def test_why_no_zone_is_known() -> None:
    text = reason(server("express"), "TZ-02")
    assert text.startswith(
        "no time-zone code is known that changes a date-time (tried: America/New_York, Asia/Kolkata,"
    )
    assert text.endswith(
        'name other codes that the target knows under [time_zones] in conformance.toml (CODE = "Area/City")'
    )


def test_why_the_one_zone_shows_nothing() -> None:
    # Europe/Oslo has the offsets that the recorded date-times have already.
    text = reason(server("express"), "TZ-07", Config(time_zones={"NO": "Europe/Oslo"}))
    assert text.startswith("NO is the time zone that the date-times are already in; name other codes")


def test_why_one_zone_is_not_enough_without_offsets() -> None:
    def without_offset(rows: Rows, environ: dict[str, Any]) -> Rows:
        zoned = "HTTP_SO_TIMEZONE" in environ
        return [
            row
            | {name: row[name][:11] + ("0" if zoned else "1") + row[name][12:19] for name in ("LastStarted", "Created")}
            for row in rows
        ]

    text = reason(changed(without_offset), "TZ-01", Config(time_zones={"X": "America/New_York"}))
    assert text.startswith("the date-times have no offset, and no second time zone is known")
    assert text.endswith("name another code under [time_zones] in conformance.toml")


def test_why_no_language_is_known() -> None:
    text = reason(server("express"), "LANG-03", Config(languages=("ga",)))
    assert text.startswith("none of ga, en, de, fr,")
    assert text.endswith("name their ids under ids, and the languages under languages, in conformance.toml")


def test_why_one_language_is_not_enough() -> None:
    def in_norwegian(rows: Rows, environ: dict[str, Any]) -> Rows:
        norwegian = environ.get("HTTP_ACCEPT_LANGUAGE") == "nb"
        return [row | {"Description": "på norsk"} if norwegian else row for row in rows]

    text = reason(changed(in_norwegian), "LANG-03", Config(languages=("nb",)))
    assert text.startswith("only nb changes any text; elements with text in two languages would decide it")


def test_a_language_that_the_target_lacks_is_not_one_of_its_languages() -> None:
    def with_a_default(rows: Rows, environ: dict[str, Any]) -> Rows:
        asked = environ.get("HTTP_ACCEPT_LANGUAGE")
        text = {None: "NO:x", "sv": "på svenska"}.get(asked, "in the language of the house")
        return [row | {"Description": text} for row in rows]

    text = reason(changed(with_a_default), "LANG-04", Config(languages=("sv",)))
    assert text.startswith("only sv changes any text")


def test_a_text_that_moves_is_not_taken_for_a_language() -> None:
    count = itertools.count()

    def moving(rows: Rows, environ: dict[str, Any]) -> Rows:
        # It moves once, after discovery has looked whether it moves.
        moved = next(count) > 6
        return [row | {"Description": "moved" if moved else "still"} for row in rows]

    assert reason(changed(moving), "LANG-03").startswith("none of en, de, fr,")
