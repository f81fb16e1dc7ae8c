"""All reports of a run into one folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
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
    """Write every report, each one whole or not at all; ``exchanges`` are redacted.

    What keeps one from being written keeps no other: raises InputError at the end, with all that went wrong.
    ``pages`` are the Markdown texts of the documentation pages by file name.
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
    written, problems = [], []
    for name, writer in writers.items():
        try:
            written.append(_write(folder / name, writer()))
        except OSError as error:
            problems.append(f"{name}: {error.strerror}")
        except Exception as error:
            if os.environ.get("CONFORMANCE_DEBUG"):
                raise
            problems.append(f"{name}: {type(error).__name__}: {error}")
    if problems:
        raise InputError(f"--reports {folder}: could not be written: {'; '.join(problems)}")
    return written


def _write(path: Path, data: bytes) -> Path:
    unfinished = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(data)
        unfinished.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    return path
