"""What the FastAPI server holds: sixteen tasks of five associates and of the system; its base zone is Oslo's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from servers.batch_tasks import ZERO_DATE, Row, Store, varied
from servers.texts import CODES, PART, Number

OSLO = ZoneInfo("Europe/Oslo")
ZONES = {
    "NO": "Europe/Oslo",
    "UTC": "UTC",
    "US-NY": "America/New_York",
    "AU-ACT": "Australia/Canberra",
    "BD": "Asia/Dhaka",
    "261": "Europe/Oslo",
    "460": "America/New_York",
}
OWN_ZONES = {"Z-07": "America/New_York", "Z-19": "Asia/Kolkata", "Z-23": "Europe/Oslo"}
LANGUAGES = ("en", "nb", "de")
IDS = (5, 12, 88, 203, 1440)
STATES = ("Waiting", "Running", "Completed", "Failed")

REFERENCES = {
    "SR_STAGE_READ": {"en": "Reading the file", "nb": "Leser filen", "de": "Datei wird gelesen"},
    "SR_STAGE_DONE": {"en": "All rows written", "nb": "Alle rader skrevet", "de": "Alle Zeilen geschrieben"},
    "SR_REQUIRED": {"en": "The company's name", "nb": "Firmaets navn", "de": "Name der Firma"},
}
NAMES = (
    'US:"Import of persons";NO:"Personimport";GE:"Personenimport"',
    'US:"Export of invoices";NO:"Fakturaeksport";GE:"Rechnungsexport"',
    "Plain cleanup",
    'US:"Mailing";NO:"Utsendelse"',
)
STAGES = ("[SR_STAGE_READ]", "[SR_STAGE_DONE]", None, "")


def _moment(day: int, hour: int, *, year: int = 2023, fold: int = 0) -> dt.datetime:
    """A moment in Oslo: the day of the year, the hour."""
    start = dt.datetime(year, 1, 1, hour, 17 + day % 40, day % 60, day * 1000 % 1_000_000, tzinfo=OSLO, fold=fold)
    return start + dt.timedelta(days=day)


def _parameters(number: int, variants: frozenset[str]) -> dict[str, Any]:
    if "object-holds-anything" in variants:
        return {
            "limit": 500 + number,
            "ratio": 0.25,
            "dry": number % 2 == 0,
            "tags": ["new", f"batch {number}"],
            "window": {"from": 6, "to": 22, "days": ["mon", "fri"]},
        }
    if variants & {"xml-keys-respelled", "xml-keys-in-attributes"}:
        return {"2nd pass": "yes", "max size": str(number), "source": "crm", "Größe/kB": "12"}
    return {"source": f"crm{number}", "target": "archive"}


def _row(number: int, variants: frozenset[str]) -> Row:
    owner = (*IDS, 0)[number % 6]
    state = STATES[number % 4]
    # The ninth is in the hour that is there twice when summer time ends.
    created = (
        dt.datetime(2022, 10, 30, 2, 41, 7, 500_000, tzinfo=OSLO, fold=1) if number == 9 else _moment(number * 21, 5)
    )
    started: dt.datetime | None = _moment(number * 23, 22)
    if state == "Waiting" and "never-started" in variants:
        started = None
    if state == "Waiting" and "never-started-zero-date" in variants:
        started = ZERO_DATE
    return {
        "Id": 50_210 + number * 7,
        "Name": NAMES[number % 4],
        "AssociateId": 0 if "id-zero-only" in variants else owner,
        "DetailsTable": 127 if number % 3 else 0,
        "DetailsRecord": 9_000 + number,
        "IsSystemTask": owner == 0 or "id-zero-only" in variants,
        "IsInternalTask": number % 5 == 0,
        "ParameterObject": _parameters(number, variants) if number % 4 != 3 else None,
        "LastStarted": started,
        "Created": created,
        "StartCount": number * 3,
        "DatabaseSerialNumber": "771030",
        "Context": ("import", "export", "cleanup", "mailing")[number % 4],
        "Result": Number(Decimal(f"{1000 + number * 37}.{number % 10}5")) if number % 3 else None,
        "State": state,
        "Description": f'US:"Run no. {number}, weekly";NO:"Kjøring nr. {number}, ukentlig";GE:"Lauf Nr. {number}"',
        "Response": None if number % 2 else "accepted <by> & queue",
        "Request": f"rows since {2000 + number}",
        "ProgressDescription": STAGES[number % 4],
        "ProgressPercent": (0, 40, 100, 73)[number % 4],
        "FileName": None if "nulls-left-out-one-never-set" in variants else f"run-{number}.csv" if number % 5 else "",
        "TableRight": {"Mask": "Read, Update", "Reason": "[SR_REQUIRED]" if number % 2 else ""},
        "FieldProperties": {
            "Name": {
                "FieldRight": {"Mask": "Update", "Reason": "[SR_REQUIRED]"},
                "FieldType": "System.String",
                "FieldLength": 239,
            },
            "StartCount": {"FieldRight": {"Mask": "Read", "Reason": ""}, "FieldType": "System.Int32", "FieldLength": 4},
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
        return {"NO": "Europe/Oslo"}
    return OWN_ZONES if "own-zone-codes" in variants else ZONES


def store(variants: frozenset[str]) -> Store:
    """The tasks of a new server."""
    rows = varied([_row(number, variants) for number in range(16)], variants)
    references: Mapping[str, Mapping[str, str]] = REFERENCES
    if "one-language" in variants:
        rows = [_in_one_language(row) for row in rows]
        references = {name: {"en": texts["en"]} for name, texts in REFERENCES.items()}
    assert set(LANGUAGES) <= set(CODES.values())
    return Store(rows, references, OSLO, zones(variants), variants)
