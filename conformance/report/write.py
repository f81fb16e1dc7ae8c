"""All reports of a run into one folder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.contract.errors import InputError
from conformance.contract.model import Contract
from conformance.report.badge import badge
from conformance.report.ctrf import ctrf
from conformance.report.har import har
from conformance.report.html import html
from conformance.report.junit import junit
from conformance.report.markdown import markdown
from conformance.report.results import Results, to_json
from conformance.report.sarif import sarif
from conformance.target.exchange import Exchange

FILES = (
    "index.html",
    "junit.xml",
    "results.json",
    "evidence.har",
    "ctrf.json",
    "results.sarif",
    "summary.md",
    "badge.svg",
)


def prepare_folder(folder: Path) -> None:
    """Make the folder, and take the reports of an earlier run out of it: they must not speak for this one.

    Raises InputError where it cannot be written to, before anything is sent.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"--reports {folder}: cannot write there: {error.strerror}") from None


def write_reports(
    results: Results,
    exchanges: Sequence[Exchange],
    contract: Contract,
    folder: Path,
    pages: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write every report, each one whole or not at all; ``exchanges`` are redacted. Raises InputError.

    ``pages`` are the Markdown texts of the documentation pages by file name.
    """
    content = {
        "results.json": to_json(results),
        "evidence.har": har(results, exchanges),
        "junit.xml": junit(results, exchanges),
        "ctrf.json": ctrf(results, exchanges),
        "results.sarif": sarif(results, exchanges),
        "summary.md": markdown(results),
        "badge.svg": badge(results),
        "index.html": html(results, exchanges, contract, pages),
    }
    written = []
    try:
        for name, data in content.items():
            path = folder / name
            unfinished = path.with_name(f".{name}-{os.getpid()}")
            unfinished.write_bytes(data)
            unfinished.replace(path)
            written.append(path)
    except OSError as error:
        raise InputError(f"--reports {folder}: cannot write there: {error.strerror}") from None
    return written
