"""All reports of a run into one folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from conformance.contract.errors import InputError
from conformance.contract.model import Contract
from conformance.report.badge import badge
from conformance.report.ctrf import ctrf
from conformance.report.folder import MODE, put
from conformance.report.har import har
from conformance.report.html import html
from conformance.report.junit import junit
from conformance.report.markdown import markdown
from conformance.report.results import Results, to_json
from conformance.report.sarif import sarif
from conformance.target.exchange import Exchange


def write_reports(
    results: Results,
    exchanges: Sequence[Exchange],
    contract: Contract,
    folder: Path,
    pages: Mapping[str, str] | None = None,
    *,
    mode: int = MODE,
) -> list[Path]:
    """Write every report, each one whole or not at all; ``exchanges`` are redacted.

    What keeps one from being written keeps no other: raises InputError at the end, with all that went wrong.
    ``pages`` are the Markdown texts of the documentation pages by file name; ``mode`` is that of each file.
    """
    writers: dict[str, Callable[[], bytes]] = {
        # The small and most needed first, should the disk be nearly full.
        "results.json": lambda: to_json(results),
        "junit.xml": lambda: junit(results, exchanges),
        "summary.md": lambda: markdown(results),
        "badge.svg": lambda: badge(results),
        "ctrf.json": lambda: ctrf(results, exchanges),
        "results.sarif": lambda: sarif(results, exchanges),
        "index.html": lambda: html(results, exchanges, contract, pages),
        "evidence.har": lambda: har(results, exchanges),
    }
    problems = put(folder, writers, mode)
    if problems:
        raise InputError(f"--reports {folder}: could not be written: {'; '.join(problems)}")
    return [folder / name for name in writers]
