"""What the Django server holds: thirty tasks of six associates and of the system; its base zone is UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from servers.batch_tasks import ZERO_DATE, Row, Store, varied
from servers.texts import PART, Counted, Day, Number

ZONES = {
    "UTC": "UTC",
    "GB": "Europe/London",
    "FR": "Europe/Paris",
    "IN": "Asia/Kolkata",
    "US-CA": "America/Los_Angeles",
    "US-HI": "Pacific/Honolulu",
}
OWN_ZONES = {"zone/1": "UTC", "zone/2": "America/Los_Angeles", "zone/3": "Europe/Paris"}
LANGUAGES = ("en", "fr", "sv")
IDS = (301, 302, 417, 650, 999, 70_001)
STATES = ("Queued", "Active", "Done", "Error", "Stopped")

REFERENCES = {
    "SR_WAITING_FOR_WORKER": {
        "en": "Waiting for a worker",
        "fr": "En attente d'un agent",
        "sv": "Väntar på en arbetare",
    },
    "SR_COUNTING": {"en": "Counting", "fr": "Comptage", "sv": "Räknar"},
    "SR_READ_ONLY": {"en": "Read only", "fr": "Lecture seule", "sv": "Endast läsning"},
}
DESCRIPTIONS = (
    'US:"Weekly statistics";FR:"Statistiques de la semaine";SW:"Veckans statistik"',
    'US:"Duplicates, merged";FR:"Doublons fusionnés";SW:"Sammanslagna dubbletter"',
    "",
    'US:"Nightly index"',
    "Übernahme der Stammdaten",
)


def _parameters(number: int, variants: frozenset[str]) -> Any:
    if "object-holds-anything" in variants:
        return {
            "pages": number,
            "weights": [0.5, 1.5],
            "owner": {"id": number, "groups": [1, 2]},
            "notify": True,
            "to": None,
        }
    if "xml-keys-respelled" in variants:
        return {"1": "first", "retry after": "30", "mode": "fast", "a:b": "c"}
    return {"mode": "fast", "page": str(number)}


def _row(number: int, variants: frozenset[str]) -> Row:
    owner = (*IDS, 0)[number % 7]
    state = STATES[number % 5]
    system = owner == 0 or "id-zero-only" in variants
    started: dt.datetime | None = dt.datetime(2024, 1, 3, 21, 30, 0, 250_000, tzinfo=dt.UTC) + dt.timedelta(
        days=number * 12
    )
    if state == "Queued" and "never-started" in variants:
        started = None
    if state == "Queued" and "never-started-zero-date" in variants:
        started = ZERO_DATE
    stage = "[SR_WAITING_FOR_WORKER]" if state == "Queued" else "[SR_COUNTING] (2/3)"
    if "numbers-in-texts" in variants:
        text = 'US:"{} MB read";FR:"{} Mo lus";SW:"{} MB lästa"'
        stage = Counted(text, Number(Decimal(f"{number * 211}.5")))
    return {
        "Id": 9_000_000 - number * 13,
        "Name": f"job-{number:03d}",
        "AssociateId": 0 if "id-zero-only" in variants else owner,
        "DetailsTable": 55,
        "DetailsRecord": number,
        "IsSystemTask": system,
        "IsInternalTask": number % 4 == 1,
        "ParameterObject": _parameters(number, variants) if number % 6 else {},
        "LastStarted": started,
        "Created": dt.datetime(2023, 11, 5, 4, 5, 6, tzinfo=dt.UTC) + dt.timedelta(hours=number * 31),
        "StartCount": number % 9,
        "DatabaseSerialNumber": None if "nulls-left-out-one-never-set" in variants else "000123",
        "Context": "index" if number % 2 else None,
        "Result": Day(dt.date(2024, 2, 1) + dt.timedelta(days=number)) if state == "Done" else "",
        "State": state,
        "Description": DESCRIPTIONS[number % 5],
        "Response": "OK" if state == "Done" else None,
        "Request": '{"since": "2024-01-01T00:00:00"}',
        "ProgressDescription": stage,
        "ProgressPercent": number * 3 % 101,
        "FileName": f"C:\\export\\{number}.txt",
        "TableRight": None if number % 3 == 0 else {"Mask": "Read", "Reason": "[SR_READ_ONLY]"},
        "FieldProperties": {
            "Description": {
                "FieldRight": {"Mask": "Read", "Reason": "[SR_READ_ONLY]" if number % 2 else None},
                "FieldType": "System.String",
                "FieldLength": 1999,
            }
        },
    }


def _in_one_language(value: Any) -> Any:
    """The value with only the English part of each text."""
    if isinstance(value, str) and (parts := dict(PART.findall(value))):
        return f'US:"{parts["US"]}"'
    return {key: _in_one_language(each) for key, each in value.items()} if isinstance(value, dict) else value


def zones(variants: frozenset[str]) -> Mapping[str, str]:
    """The codes that this server knows, and what they mean."""
    if "one-zone" in variants:
        return {"UTC": "UTC"}
    return OWN_ZONES if "own-zone-codes" in variants else ZONES


def store(variants: frozenset[str]) -> Store:
    """The tasks of a new server."""
    rows = varied([_row(number, variants) for number in range(30)], variants)
    references: Mapping[str, Mapping[str, str]] = REFERENCES
    if "one-language" in variants:
        rows = [_in_one_language(row) for row in rows]
        references = {name: {"en": texts["en"]} for name, texts in REFERENCES.items()}
    return Store(
        rows,
        references,
        ZoneInfo("UTC"),
        zones(variants),
        variants,
        created_in_utc=True,
        utc_as_z=True,
        timespec="milliseconds",
        unknown_zone_is_error="one-zone" in variants,
    )
