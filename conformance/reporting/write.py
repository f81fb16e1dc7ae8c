"""All reports of a run into one folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from conformance.comparison.target_facts import TargetFacts
from conformance.contract.model import Contract
from conformance.core.errors import InputError
from conformance.reporting.badge import badge
from conformance.reporting.ctrf import ctrf_parts
from conformance.reporting.evidence import Exchanges
from conformance.reporting.folder import FORMATS, MODE, put
from conformance.reporting.har import har_parts
from conformance.reporting.html.document import html
from conformance.reporting.junit import junit_parts
from conformance.reporting.markdown import markdown
from conformance.reporting.results import Results, to_json
from conformance.reporting.sarif import sarif_parts


def write_reports(
    results: Results,
    exchanges: Exchanges,
    contract: Contract,
    folder: Path,
    pages: Mapping[str, str] | None = None,
    *,
    facts: Mapping[str, TargetFacts] | None = None,
    mode: int = MODE,
    formats: Collection[str] = (),
) -> list[Path]:
    """Write every report, each one whole or not at all; ``exchanges`` are redacted.

    What keeps one from being written keeps no other: raises InputError at the end, with all that went wrong.
    ``pages`` are the Markdown texts of the documentation pages by file name; ``facts`` are what
    discovery found, by operation; ``mode`` is that of each file. ``formats`` are names of ``FORMATS``; empty for all.
    """
    writers: dict[str, Callable[[], bytes | Iterable[bytes]]] = {
        # The small and most needed first, should the disk be nearly full.
        "results.json": lambda: to_json(results),
        "junit.xml": lambda: junit_parts(results, exchanges),
        "summary.md": lambda: markdown(results),
        "badge.svg": lambda: badge(results),
        "ctrf.json": lambda: ctrf_parts(results, exchanges),
        "results.sarif": lambda: sarif_parts(results, exchanges),
        "index.html": lambda: html(results, exchanges, contract, pages, facts),
        "evidence.har": lambda: har_parts(results, exchanges),
    }
    if formats:
        wanted = {FORMATS[each] for each in formats}
        writers = {name: writer for name, writer in writers.items() if name in wanted}
    problems = put(folder, writers, mode)
    if problems:
        raise InputError(f"--reports {folder}: could not be written: {'; '.join(problems)}")
    return [folder / name for name in writers]
