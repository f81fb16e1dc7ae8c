"""Reports against the schemas that their readers use (``official/``), whatever the verdict and whatever a target says."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import msgspec
import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.exchange import Response
from conformance.engine.baseline.application import BaselineReport
from conformance.engine.result import Status
from conformance.reference import serve
from conformance.reporting.ctrf import ctrf
from conformance.reporting.har import har
from conformance.reporting.junit import junit
from conformance.reporting.results import Results
from conformance.reporting.sarif import sarif
from conformance.reporting.verdict import Verdict
from support.commands import auth, command
from support.example_results import EXCHANGES, HOSTILE, exchange, results
from support.official_schemas import FITS, check, fits_ctrf, fits_har, fits_junit, fits_sarif
from support.suite_runner import contract


def known(record: Results, *, accept: bool) -> Results:
    rows = tuple(msgspec.structs.replace(row, known="the next release fixes it") for row in record.requirements)
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
    ("name", "malformed"),
    [
        ("junit.xml", b"<testsuites><testsuite/></testsuites>"),
        ("ctrf.json", b'{"reportFormat": "CTRF", "specVersion": "0.0.0", "results": {}}'),
        ("results.sarif", b'{"version": "2.1.0", "runs": [{}]}'),
        ("evidence.har", b'{"log": {"version": "1.2", "creator": {"name": "a"}, "entries": []}}'),
    ],
)
def test_what_does_not_fit_is_found(name: str, malformed: bytes) -> None:
    """Otherwise a schema that was not loaded, or whose references lead nowhere, would pass anything."""
    with pytest.raises((jsonschema.ValidationError, xmlschema.XMLSchemaValidationError)):
        FITS[name](malformed)
