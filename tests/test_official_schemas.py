"""Reports against the schemas that their readers use (``official/``), whatever the verdict and whatever a target says."""

from __future__ import annotations

import functools
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry, Resource
from suite_runner import contract
from test_command import auth, command
from test_reports import EXCHANGES, HOSTILE, exchange, results

from conformance.client.exchange import Exchange, Response
from conformance.engine.baseline.application import BaselineReport
from conformance.engine.result import Status
from conformance.reference import serve
from conformance.reporting.ctrf import ctrf
from conformance.reporting.har import har
from conformance.reporting.junit import junit
from conformance.reporting.results import Results
from conformance.reporting.sarif import sarif
from conformance.reporting.verdict import Verdict

OFFICIAL = Path(__file__).parent / "official"

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


def known(record: Results, *, accept: bool) -> Results:
    rows = tuple(msgspec.structs.replace(row, known="the next release mends it") for row in record.requirements)
    baseline = BaselineReport(file="known.toml", entries=(), all_known=True, accept_known=accept)
    return msgspec.structs.replace(record, requirements=rows, baseline=baseline, verdict=Verdict.ALL_KNOWN)


@pytest.mark.parametrize("text", ["plain", "", HOSTILE, "\ud800", "{0} [a](1) %zz"], ids=ascii)
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("status", list(Status))
def test_each_status_fits(status: Status, strict: bool, text: str) -> None:
    record = results(text, (status,), strict=strict)
    check(record)
    for accept in (False, True):
        check(known(record, accept=accept))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_each_verdict_fits(verdict: Verdict) -> None:
    record = msgspec.structs.replace(results(), verdict=verdict)
    check(record)
    check(msgspec.structs.replace(record, run=msgspec.structs.replace(record.run, interrupted=True)))


@pytest.mark.parametrize("statuses", [(), (Status.SKIPPED,)])
def test_a_run_that_decided_nothing_fits(statuses: tuple[Status, ...]) -> None:
    check(results(statuses=statuses), [])


@pytest.mark.parametrize("seconds", [0.00001, 0.1 + 0.2, 1 / 3, 12345.678901])
def test_any_duration_fits(seconds: float) -> None:
    record = results()
    rows = tuple(msgspec.structs.replace(row, seconds=seconds) for row in record.requirements)
    check(msgspec.structs.replace(record, requirements=rows))
    # A reader of decimals knows no exponent.
    assert not re.search(rb'time="[^"]*e', junit(msgspec.structs.replace(record, requirements=rows), EXCHANGES))


@pytest.mark.parametrize("pages", ["my docs/pages", "docs#1/100%", "dåcs", "c:/x"])
def test_a_folder_of_any_name_fits(pages: str) -> None:
    record = results()
    check(msgspec.structs.replace(record, suite=msgspec.structs.replace(record.suite, pages=pages)))


@pytest.mark.parametrize("body", [b"", b"\xff\x00", HOSTILE.encode(), b"\xed\xa0\x80"])
def test_any_answer_fits(body: bytes) -> None:
    headers = (("X-A", HOSTILE), ("X-A", "again"), ("", ""), ("Location", "not a URL at all"))
    odd = Response(status=599, reason=HOSTILE, headers=headers, body=body, wire_size=0)
    check(results(HOSTILE), [msgspec.structs.replace(exchange(n), response=odd) for n in range(2)])


@given(st.text(max_size=40))
def test_no_text_makes_a_report_that_does_not_fit(text: str) -> None:
    record = results(text, (Status.FAILED, Status.INCONCLUSIVE, Status.SKIPPED))
    exchanges = [exchange(0, text.encode()), exchange(1, answered=False)]
    fits_junit(junit(record, exchanges))
    fits_ctrf(ctrf(record, exchanges))
    fits_sarif(sarif(record, exchanges))
    fits_har(har(record, exchanges))


@pytest.mark.slow(reason="whole runs of the command")
@pytest.mark.parametrize("fault", ["", "select-ignored"])
def test_the_reports_of_a_real_run_fit(fault: str, tmp_path: Path) -> None:
    with serve(contract(), faults=[fault] if fault else []) as server:
        result = command("run", server.url, *auth(), "--seed", "1", "-q", cwd=tmp_path)
    assert result.returncode in (0, 1, 3), result.stderr
    for name, fits in FITS.items():
        fits((tmp_path / "reports" / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("junit.xml", b"<testsuites><testsuite/></testsuites>"),
        ("ctrf.json", b'{"reportFormat": "CTRF", "specVersion": "0.0.0", "results": {}}'),
        ("results.sarif", b'{"version": "2.1.0", "runs": [{}]}'),
        ("evidence.har", b'{"log": {"version": "1.2", "creator": {"name": "a"}, "entries": []}}'),
    ],
)
def test_what_does_not_fit_is_found(name: str, broken: bytes) -> None:
    """Otherwise a schema that was not loaded, or whose references lead nowhere, would pass anything."""
    with pytest.raises((jsonschema.ValidationError, xmlschema.XMLSchemaValidationError)):
        FITS[name](broken)
