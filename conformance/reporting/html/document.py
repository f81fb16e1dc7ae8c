"""``index.html``: one file, no network; the verdict first, then the documentation page, then the findings."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from conformance.comparison.target_facts import TargetFacts
from conformance.contract.model import Contract
from conformance.engine.options.effective import UsedOption
from conformance.engine.result import Level, Status
from conformance.reporting.evidence import Exchanges
from conformance.reporting.html.causes import Cause, Occurrence, causes
from conformance.reporting.html.charts import charts
from conformance.reporting.html.difference import difference
from conformance.reporting.html.exchange_view import view_exchanges
from conformance.reporting.html.page_view import render_page
from conformance.reporting.results import Results
from conformance.reporting.status_presentation import ORDER, SYMBOL, anchors, state
from conformance.reporting.templating import ENVIRONMENT
from conformance.reporting.text import exchanges_of

_BUDGET = 3_000_000
"""The most characters of requests and answers in total; what is beyond is only in the evidence."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def html(
    results: Results,
    exchanges: Exchanges,
    contract: Contract,
    pages: Mapping[str, str] | None = None,
    facts: Mapping[str, TargetFacts] | None = None,
) -> bytes:
    """The report as UTF-8.

    ``exchanges`` are redacted, and only those that findings name are put in; ``pages`` are the Markdown texts of the
    documentation pages by file name; ``facts`` are those of the run by operation, which say how elements are paired.
    """
    rows = results.requirements
    fragments = anchors(rows)
    style, script = (_asset(name) for name in ("style.css", "script.js"))
    page = ENVIRONMENT.get_template("index.html").render(
        results=results,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        chapters=results.counts,
        statuses=[status.value for status in ORDER],
        symbol={status.value: symbol for status, symbol in SYMBOL.items()},
        counts=Counter(result.status.value for result in rows),
        operations=[each.operation for each in contract.operations],
        pages=_pages(results, contract, pages or {}, fragments),
        causes=_cards(results, exchanges, contract, facts or {}),
        inconclusive=[r for r in rows if r.status is Status.INCONCLUSIVE],
        skipped=[r for r in rows if r.status is Status.SKIPPED],
        requirements=sorted(rows, key=lambda r: ORDER.index(r.status)),
        fragments=fragments,
        state=state,
        options=[f"--{name} {_shown(used.value)}".strip() for name, used in _given(results)],
        levels=[level.value for level in Level],
        charts=charts(exchanges, rows),
    )
    # Characters that a terminal or a browser would obey, or that change the direction of the text, are replaced.
    return _CONTROL.sub("\ufffd", page).encode("utf-8", "replace")


def _given(results: Results) -> list[tuple[str, UsedOption]]:
    """The options that were given, on the command line or elsewhere, by name."""
    return [(name, used) for name, used in results.run.options.items() if used.origin != "default"]


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is True else "off" if value is False else str(value)


def _asset(name: str) -> Markup:
    assert ENVIRONMENT.loader is not None
    return Markup(ENVIRONMENT.loader.get_source(ENVIRONMENT, name)[0])


def _hash(text: str) -> str:
    """The hash that the page's Content-Security-Policy allows: no other script or style is used."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _pages(
    results: Results, contract: Contract, pages: Mapping[str, str], fragments: Mapping[tuple[str, str], str]
) -> list[tuple[str, str, Markup]]:
    found = []
    for operation in (each.operation for each in contract.operations):
        if operation.page in pages:
            mine = [r for r in results.requirements if r.operation == operation.id and r.source.line]
            found.append((operation.page, operation.title, render_page(pages[operation.page], mine, fragments)))
    return found


def _cards(
    results: Results, exchanges: Exchanges, contract: Contract, facts: Mapping[str, TargetFacts]
) -> list[dict[str, Any]]:
    contracts = {each.operation.id: each for each in contract.operations}
    left = _BUDGET
    cards = []
    for cause in causes(results.requirements, exchanges):
        finding = cause.first.finding
        shown = exchanges_of(finding, exchanges)
        views = view_exchanges(shown)
        size = sum(len(line.text) for view in views for line in (*view.request, *view.response))
        if size > left:
            views = []
        left -= size if views else 0
        operation = cause.first.result.operation
        known = contracts.get(operation)
        cards.append(
            {
                "result": cause.first.result,
                "finding": finding,
                "kind": _kind(cause.first),
                "count": len(cause.occurrences),
                "others": cause.occurrences[1:],
                "exchanges": views,
                "numbers": list(finding.exchanges),
                "difference": difference(shown, known, facts.get(operation, TargetFacts())) if known else None,
                "variables": sorted(set(re.findall(r"CONFORMANCE_[A-Z_0-9]+", finding.curl))),
                "search": _search_text(cause),
            }
        )
    return cards


def _kind(occurrence: Occurrence) -> str:
    if occurrence.result.status is Status.INCONCLUSIVE:
        return Status.INCONCLUSIVE.value
    fails = occurrence.result.status is Status.FAILED and occurrence.finding.level is Level.MUST
    return Status.FAILED.value if fails else Status.WARNING.value


def _search_text(cause: Cause) -> str:
    """What the filter searches of a card: not its exchanges, because almost any word would match."""
    parts = [(o.result.id, o.result.title, o.result.operation, o.finding.message) for o in cause.occurrences[:50]]
    return " ".join(dict.fromkeys(part for each in parts for part in each)).lower()
