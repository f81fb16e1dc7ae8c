"""``index.html``: one file, no network; the verdict first, then what shows it."""

from __future__ import annotations

import json
import xml.dom.minidom
from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.parsers.expat import ExpatError

from conformance.contract.model import Contract
from conformance.report.results import Results
from conformance.report.templating import ENVIRONMENT
from conformance.report.text import cut, header_lines
from conformance.suite.result import Finding, Level, RequirementResult, Status
from conformance.target.exchange import Exchange, Headers, header

SYMBOL = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.WARNING: "!",
    Status.INCONCLUSIVE: "?",
    Status.OBSERVED: "○",
    Status.SKIPPED: "–",
}
ORDER = (Status.FAILED, Status.WARNING, Status.INCONCLUSIVE, Status.PASSED, Status.OBSERVED, Status.SKIPPED)
_BODY = 20_000


def html(results: Results, exchanges: Sequence[Exchange], contract: Contract) -> bytes:
    """The report as UTF-8; ``exchanges`` are redacted, and only those that findings name are put in."""
    chapters: dict[str, Counter[str]] = {}
    for result in results.requirements:
        chapters.setdefault(result.chapter, Counter())[result.status.value] += 1
    by_number = {exchange.number: exchange for exchange in exchanges}
    page = ENVIRONMENT.get_template("index.html").render(
        results=results,
        chapters=chapters,
        statuses=[status.value for status in ORDER],
        symbol={status.value: symbol for status, symbol in SYMBOL.items()},
        counts=Counter(result.status.value for result in results.requirements),
        operations=[each.operation for each in contract.operations],
        findings=[_card(result, finding, by_number) for result, finding in _findings(results)],
        undecided=[r for r in results.requirements if r.status is Status.INCONCLUSIVE],
        requirements=sorted(results.requirements, key=lambda r: ORDER.index(r.status)),
        levels=[level.value for level in Level],
    )
    return page.encode("utf-8", "replace")


def _findings(results: Results) -> list[tuple[RequirementResult, Finding]]:
    found = [(result, finding) for result in results.requirements for finding in result.findings]
    return sorted(found, key=lambda pair: (pair[1].level is not Level.MUST, ORDER.index(pair[0].status)))


def _card(result: RequirementResult, finding: Finding, exchanges: dict[int, Exchange]) -> dict[str, Any]:
    return {
        "result": result,
        "finding": finding,
        "fails": result.status is Status.FAILED and finding.level is Level.MUST,
        "exchanges": [_exchange(exchanges[number]) for number in finding.exchanges if number in exchanges],
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    return {
        "number": exchange.number,
        "role": exchange.role,
        "milliseconds": round(exchange.seconds * 1000),
        "request": "\n".join([f"{request.method} {exchange.url}", *header_lines(request.headers)]),
        "request_body": pretty(request.body, request.headers),
        "status": f"{response.status} {response.reason}".strip() if response else exchange.failure_text,
        "response": "\n".join(
            [f"{response.version} {response.status} {response.reason}".strip(), *header_lines(response.headers)]
        )
        if response
        else f"({exchange.failure_text})",
        "response_body": pretty(response.body, response.headers) if response else "",
    }


def pretty(body: bytes, headers: Headers) -> str:
    """A body for reading: JSON and XML indented where they parse, other bytes as they are; long ones cut."""
    text = body.decode("utf-8", errors="replace")
    kind = (header(headers, "Content-Type") or "").lower()
    if len(body) <= _BODY:
        try:
            if "json" in kind:
                text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
            elif "xml" in kind and b"<!" not in body:
                text = xml.dom.minidom.parseString(body).toprettyxml(indent="  ")
        except (ValueError, ExpatError, RecursionError):
            # Shown as it came: that it does not parse may be the finding.
            pass
    return cut("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text), _BODY)
