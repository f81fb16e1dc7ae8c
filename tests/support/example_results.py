"""Results and exchanges for the writers of reports, without a run."""

from __future__ import annotations

from xml.etree import ElementTree

import msgspec

from conformance.client.exchange import Exchange, Request, Response
from conformance.engine.result import Finding, Level, Place, RequirementResult, Status
from conformance.reporting.results import FORMAT, Discovered, Results, RunInfo, Suite, TargetInfo
from conformance.reporting.verdict import Scope, decide

HOSTILE = "</script><img src=x onerror=alert(1)> \x00\x0b \u202e & ]]> {{ 7*7 }} 'q' \"d\" ünï\U0001f600"


def exchange(number: int, body: bytes = b'[{"Id":1}]', *, answered: bool = True) -> Exchange:
    response = Response(
        status=200, reason="OK", headers=(("Content-Type", "application/json"),), body=body, wire_size=len(body)
    )
    return Exchange(
        number=number,
        operation="op",
        requirement="SEL-03",
        purpose="selected",
        request=Request(
            method="POST", target="/x?$select=Id", headers=(("Accept", "application/json"),), body=b'{"a":1}'
        ),
        response=response if answered else None,
        url="http://127.0.0.1:1/x?$select=Id",
        started="2026-01-01T00:00:00.000+00:00",
        seconds=0.0123,
        failure=None if answered else "timeout",
        failure_text="" if answered else "no answer within 30 s",
    )


def results(text: str = "something", statuses: tuple[Status, ...] = tuple(Status), *, strict: bool = False) -> Results:
    finding = Finding(
        id="F-1", message=text, expected=text, actual=text, exchanges=(0, 1), curl="curl -i http://127.0.0.1:1/x"
    )
    rows = tuple(
        RequirementResult(
            id=f"X-{number:02}",
            operation="op",
            level={Status.WARNING: Level.SHOULD, Status.OBSERVED: Level.MAY}.get(status, Level.MUST),
            title=f"title {text}",
            chapter=f"Chapter {number % 2}",
            source=Place(page="page.md", section="$select", line=7),
            status=status,
            reason=text,
            findings=(msgspec.structs.replace(finding, id=f"X-{number:02}-op-1"),)
            if status in (Status.FAILED, Status.WARNING)
            else (),
        )
        for number, status in enumerate(statuses, 1)
    )
    verdict, reason = decide(rows, strict=strict)
    return Results(
        format=FORMAT,
        suite=Suite(version="0", contract_digest="d" * 64),
        target=TargetInfo(url="http://127.0.0.1:1", installation="onsite"),
        run=RunInfo(started="2026-01-01T00:00:00+00:00", finished="2026-01-01T00:00:01+00:00", profile="standard", seed=1,
                requests=2, workers=1, requests_digest="e" * 64, id="0123456789ab4def8123456789abcdef", strict=strict),
        verdict=verdict,
        reason=reason,
        requirements=rows,
        scope=Scope(tried=4, of=6, operations_tried=1, operations_of=1),
        learned=(Discovered(operation="op", name="languages", value=text, found=False),),
    )  # fmt: skip


EXCHANGES = [exchange(0), exchange(1, answered=False)]


def case(report: bytes, id_: str) -> ElementTree.Element:
    return next(c for c in ElementTree.fromstring(report).iter("testcase") if c.get("name", "").startswith(id_))
