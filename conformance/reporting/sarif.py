"""``results.sarif``: SARIF 2.1.0 (OASIS). Rules are requirements, results are findings at the page's line."""

from __future__ import annotations

import contextlib
import hashlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec

from conformance.client.exchange import Headers, RedactedExchange
from conformance.engine.result import Finding, Level, RequirementResult, Status
from conformance.reporting.evidence import Exchanges, find_all
from conformance.reporting.json_parts import json_parts, marker
from conformance.reporting.results import Results
from conformance.reporting.severity import Severity, finding_severity, place
from conformance.reporting.status_presentation import state
from conformance.reporting.text import body_text
from conformance.reporting.verdict import Verdict

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.MUST: "error", Level.SHOULD: "warning", Level.MAY: "note"}


def sarif(results: Results, exchanges: Exchanges) -> bytes:
    """The log as JSON; ``exchanges`` are redacted.

    What is inconclusive is a notification, not a result: viewers show every result as a fault that was found.
    """
    return b"".join(sarif_parts(results, exchanges))


def sarif_parts(results: Results, exchanges: Exchanges) -> Iterator[bytes]:
    """The same in parts, a finding at a time."""
    rules = {result.id: result for result in results.requirements}
    index = {id_: position for position, id_ in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "conformance",
                "version": results.suite.version,
                "rules": [_rule(result) for result in rules.values()],
            }
        },
        "automationDetails": _automation(results),
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The repository that holds the pages."}}},
        "invocations": [_invocation(results)],
        "results": marker("results"),
        "properties": {
            "run": results.run.id,
            "scope": msgspec.to_builtins(results.scope),
            "verdict": results.verdict.value,
            "reason": results.reason,
            "target": results.target.url,
            "seed": results.run.seed,
            "contract": results.suite.contract_digest,
        },
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    found = (
        _result(results, result, finding, index[result.id], exchanges)
        for result in results.requirements
        if result.status is not Status.INCONCLUSIVE
        for finding in result.findings
    )
    return json_parts(log, {"results": found})


def _automation(results: Results) -> dict[str, Any]:
    """Which runs belong together: a reader removes what a later run does not have, so a part is on its own."""
    part = "" if results.scope.complete else f"{Verdict.PARTIAL.value}/"
    details: dict[str, Any] = {
        "id": f"conformance/{results.run.profile}/{part}",
        "description": {"text": results.sentence},
    }
    with contextlib.suppress(ValueError):
        details["guid"] = str(uuid.UUID(hex=results.run.id))
    return details


def _rule(result: RequirementResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "shortDescription": {"text": result.title},
        "help": {"text": f"{result.level.value}: {result.title}. Source: {result.source.section}."},
        "defaultConfiguration": {"level": _LEVELS[result.level]},
        "properties": {"tags": [result.level.value, result.chapter]},
    }


def _invocation(results: Results) -> dict[str, Any]:
    run = results.run
    return {
        "executionSuccessful": not (run.interrupted or run.unfinished or run.stopped or run.error),
        "startTimeUtc": _utc(results.run.started),
        "endTimeUtc": _utc(results.run.finished),
        "exitCode": results.exit_status,
        "toolExecutionNotifications": [
            *_about_the_whole(results),
            *(
                {
                    "level": "error" if result.level is Level.MUST else "warning",
                    "message": {"text": f"{result.id} is {state(result)}: {result.reason}"},
                    "associatedRule": {"id": result.id},
                    "locations": [_location(results, result)],
                }
                for result in results.requirements
                if result.status is Status.INCONCLUSIVE
            ),
        ],
    }


def _about_the_whole(results: Results) -> list[dict[str, Any]]:
    """What the findings alone do not show: that only a part was tried, or nothing."""
    run = results.run
    if results.scope.complete and not (run.interrupted or run.unfinished or run.stopped or run.error):
        return []
    level = "note" if results.exit_status == 0 else "error"
    return [{"level": level, "message": {"text": results.sentence}}]


def _result(
    results: Results, result: RequirementResult, finding: Finding, rule: int, exchanges: Exchanges
) -> dict[str, Any]:
    weight = finding_severity(result, finding, strict=results.run.strict)
    text = f"{finding.message}. Expected: {finding.expected}. Actual: {finding.actual}."
    fingerprint = hashlib.sha256(
        f"{result.id} {result.operation} {finding.message}".encode("utf-8", "replace")
    ).hexdigest()
    found: dict[str, Any] = {
        "ruleId": result.id,
        "ruleIndex": rule,
        "level": "error" if weight is Severity.ERROR else "warning",
        "message": {"text": text},
        "locations": [_location(results, result)],
        "partialFingerprints": {"finding/v1": fingerprint},
        "properties": {"finding": finding.id, "curl": finding.curl, "replay": finding.replay},
    }
    if result.known:
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": result.known}]
    for exchange in find_all(exchanges, finding.exchanges[-1:]):
        found |= _web(exchange)
    return found


def _location(results: Results, result: RequirementResult) -> dict[str, Any]:
    path, line = place(result, results.suite.pages)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path), "uriBaseId": "SRCROOT"},
            "region": {"startLine": line},
        },
        "logicalLocations": [{"name": result.operation, "fullyQualifiedName": result.source.section}],
    }


def _web(exchange: RedactedExchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    sent = {"method": request.method, "target": exchange.url, "headers": _headers(request.headers)}
    came: dict[str, Any] = {"noResponseReceived": True}
    if response is not None:
        came = {"statusCode": response.status, "reasonPhrase": response.reason, "headers": _headers(response.headers)}
        came["body"] = {"text": body_text(response.body)}
    return {"webRequest": {**sent, "body": {"text": body_text(request.body)}}, "webResponse": came}


def _headers(headers: Headers) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _utc(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
