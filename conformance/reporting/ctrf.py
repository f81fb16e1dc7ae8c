"""``ctrf.json``: the Common Test Report Format (ctrf.io), a test a requirement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from conformance.engine.result import RequirementResult, Status
from conformance.reporting.evidence import Exchanges
from conformance.reporting.json_parts import json_parts, marker
from conformance.reporting.results import Results
from conformance.reporting.severity import Severity, place, severity
from conformance.reporting.text import finding_text

_VERSION = "0.0.0"
"""The only one there is so far: CTRF's reference implementation refuses others."""
_STATUSES = ("passed", "failed", "skipped", "pending", "other")


def ctrf(results: Results, exchanges: Exchanges) -> bytes:
    """The report as JSON; ``exchanges`` are redacted. ``rawStatus`` has our own word for each status."""
    return b"".join(ctrf_parts(results, exchanges))


def ctrf_parts(results: Results, exchanges: Exchanges) -> Iterator[bytes]:
    """The same in parts, a test at a time."""
    run = results.run
    # Without a test, tools would call it a success.
    verdict = {"name": "verdict", "status": "other", "duration": 0, "message": results.sentence}
    rows = results.requirements
    tests = (_test(result, exchanges, results) for result in rows) if rows else iter([verdict])
    counts = Counter(_status(result, results) for result in rows) if rows else Counter(["other"])
    start, stop = _milliseconds(run.started), _milliseconds(run.finished)
    report = {
        "reportFormat": "CTRF",
        "specVersion": _VERSION,
        **({"runId": run.id} if run.id else {}),
        "extra": {"verdict": results.sentence},
        "timestamp": run.finished,
        "generatedBy": f"conformance {results.suite.version}",
        "results": {
            "tool": {"name": "conformance", "version": results.suite.version},
            "summary": {
                "tests": counts.total(),
                **{status: counts[status] for status in _STATUSES},
                "suites": len({result.chapter for result in results.requirements}),
                "start": start,
                "stop": stop,
                "duration": stop - start,
            },
            "tests": marker("tests"),
            "environment": {"extra": {"target": results.target.url, "installation": results.target.installation}},
            "extra": {
                "verdict": results.verdict.value,
                "reason": results.reason,
                "scope": msgspec.to_builtins(results.scope),
                "exitStatus": results.exit_status,
                "seed": run.seed,
                "profile": run.profile,
                "contract": results.suite.contract_digest,
            },
        },
    }
    return json_parts(report, {"tests": tests})


def _test(result: RequirementResult, exchanges: Exchanges, results: Results) -> dict[str, Any]:
    path, line = place(result, results.suite.pages)
    test: dict[str, Any] = {
        "name": f"{result.id} {result.title} [{result.operation}]",
        "status": _status(result, results),
        "duration": round(result.seconds * 1000),
        "suite": [result.chapter],
        "rawStatus": result.status.value,
        "tags": [result.id, result.level.value],
        "type": "conformance",
        "filePath": path,
        "line": line,
    }
    if result.reason:
        test["message"] = result.reason
    if result.unstable:
        test["flaky"] = True
    if result.known:
        test["labels"] = {"known": result.known}
    if result.findings:
        test["trace"] = "\n\n".join(finding_text(finding, exchanges) for finding in result.findings)
    return test


def _status(result: RequirementResult, results: Results) -> str:
    if result.status is Status.SKIPPED:
        return "skipped"
    if result.status is Status.INCONCLUSIVE:
        # Neither "skipped" nor "pending": tools treat both as harmless.
        return "other"
    is_failure = severity(result, strict=results.run.strict) is Severity.ERROR
    if is_failure and results.accepts(result):
        return "other"
    return "failed" if is_failure else "passed"


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
