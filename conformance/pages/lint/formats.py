"""Findings as text, as JSON and as SARIF 2.1.0; one function a format."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import PurePath
from typing import Any

import msgspec

from conformance import __version__
from conformance.pages.lint.rule import RULES, Finding
from conformance.pages.lint.run import LintReport

FORMAT = "conformance-lint/1"
_SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_text(report: LintReport) -> str:
    """A line a finding, then how many findings each rule has."""
    lines = [
        f"{each.path}:{each.line or 1}: {each.level.value} {each.rule}: {each.message}; assumed: {each.assumed}"
        for each in report.findings
    ]
    counted = Counter(each.rule for each in report.findings)
    lines.append(f"{report.pages} pages, {len(report.findings)} findings")
    width = max(map(len, counted), default=0)
    for id, count in sorted(counted.items(), key=lambda each: (-each[1], each[0])):
        lines.append(f"{count:6} {id:{width}}  {RULES[id].title}")
    return "\n".join(lines) + "\n"


def as_json(report: LintReport) -> str:
    """All of the report, with the rules of its findings."""
    used = {each.rule for each in report.findings}
    content = {
        "format": FORMAT,
        "pages": report.pages,
        "rules": [rule for id, rule in sorted(RULES.items()) if id in used],
        "findings": report.findings,
        "errors": report.errors,
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def as_sarif(report: LintReport) -> str:
    """A SARIF log with one run (SARIF 2.1.0, 3.14)."""
    ids = sorted(RULES)
    rules = [
        {
            "id": id,
            "shortDescription": {"text": RULES[id].title},
            "defaultConfiguration": {"level": RULES[id].level.value},
        }
        for id in ids
    ]
    notifications = [{"level": "error", "message": {"text": error}} for error in report.errors]
    run = {
        "tool": {"driver": {"name": "conformance lint", "version": __version__, "rules": rules}},
        "invocations": [{"executionSuccessful": not report.errors, "toolExecutionNotifications": notifications}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, ids.index(each.rule)) for each in report.findings],
    }
    log = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _result(finding: Finding, index: int) -> dict[str, Any]:
    path = PurePath(finding.path)
    uri = path.as_uri() if path.is_absolute() else path.as_posix()
    # Not the line: a finding that moves with its page is the same one.
    content = f"{finding.rule} {finding.operation} {finding.message}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level.value,
        "message": {"text": f"{finding.message}; assumed: {finding.assumed}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": finding.line or 1}},
                "logicalLocations": [{"name": finding.operation, "kind": "member"}],
            }
        ],
        "partialFingerprints": {"finding/v1": hashlib.sha256(content.encode()).hexdigest()[:32]},
    }


FORMATS = {"text": as_text, "json": as_json, "sarif": as_sarif}
