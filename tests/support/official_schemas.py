"""The schemas that readers of the reports publish, and the writers that have to fulfil them."""

from __future__ import annotations

import functools
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import xmlschema
from referencing import Registry, Resource

from conformance.client.exchange import Exchange
from conformance.reporting.ctrf import ctrf
from conformance.reporting.har import har
from conformance.reporting.junit import junit
from conformance.reporting.results import Results
from conformance.reporting.sarif import sarif
from support.example_results import EXCHANGES

OFFICIAL = Path(__file__).parents[1] / "reporting" / "official"


FORMATS = jsonschema.FormatChecker()


@FORMATS.checks("uri")
@FORMATS.checks("uri-reference")
def is_uri(value: object) -> bool:
    """RFC 3986: only these characters, and ``%`` only before two hexadecimal digits."""
    return not isinstance(value, str) or bool(
        re.fullmatch(r"([\w.~!$&'()*+,;=:@/?#\[\]-]|%[\dA-Fa-f]{2})*", value, re.A)
    )


def load(name: str) -> Any:
    return json.loads((OFFICIAL / name).read_text(encoding="utf-8"))


@functools.cache
def validator(name: str) -> Any:
    schema = load(name)
    # har-schema's files name each other by their ids.
    folder = [Resource.from_contents(load(f"har/{path.name}")) for path in (OFFICIAL / "har").glob("*.json")]
    registry: Registry[Any] = Registry().with_resources((each.id() or "", each) for each in folder)
    return jsonschema.validators.validator_for(schema)(schema, registry=registry, format_checker=FORMATS)


@functools.cache
def xsd() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(OFFICIAL / "junit-10.xsd")


def fits_junit(data: bytes) -> None:
    xsd().validate(io.BytesIO(data))


def fits_ctrf(data: bytes) -> None:
    report = json.loads(data)
    validator("ctrf-schema-0.0.json").validate(report)
    # The schema takes any version, its reference implementation this one.
    assert report["specVersion"] == "0.0.0"


def fits_sarif(data: bytes) -> None:
    log = json.loads(data)
    validator("sarif-2.1.0-rtm.5.json").validate(log)
    for run in log["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert all(rules[found["ruleIndex"]] == found["ruleId"] for found in run["results"])


def fits_har(data: bytes) -> None:
    validator("har/har.json").validate(json.loads(data))


FITS: dict[str, Callable[[bytes], None]] = {
    "junit.xml": fits_junit,
    "ctrf.json": fits_ctrf,
    "results.sarif": fits_sarif,
    "evidence.har": fits_har,
}


WRITERS: dict[str, Callable[[Results, Sequence[Exchange]], bytes]] = {
    "junit.xml": junit,
    "ctrf.json": ctrf,
    "results.sarif": sarif,
    "evidence.har": har,
}


def check(record: Results, exchanges: Sequence[Exchange] = EXCHANGES) -> None:
    for name, writer in WRITERS.items():
        FITS[name](writer(record, exchanges))
