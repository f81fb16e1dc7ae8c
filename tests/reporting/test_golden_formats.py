"""Golden files: each format as it was reviewed. CONFORMANCE_GOLDEN=write writes them again, for review."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from conformance import __version__
from conformance.reporting.badge import badge
from conformance.reporting.ctrf import ctrf
from conformance.reporting.github import workflow_commands
from conformance.reporting.har import har
from conformance.reporting.html.document import html
from conformance.reporting.junit import junit
from conformance.reporting.markdown import markdown
from conformance.reporting.results import Results, to_json
from conformance.reporting.sarif import sarif
from support.example_results import EXCHANGES, exchange, results
from support.suite_runner import contract

GOLDEN = Path(__file__).parent / "golden"
OPERATION = next(
    each for each in contract().operations if each.operation.id.endswith("GetBatchTaskInfosByAssociatesAndState")
)
# This operation alone: others may come, and these files need no review then: do not review these files again.
CONTRACT = msgspec.structs.replace(contract(), operations=(OPERATION,))
PAGES = {OPERATION.operation.page: "# A page\n\nWhat it does.\n\n| a | b |\n|---|---|\n| x | y |\n"}


def record() -> Results:
    """Every status once, based on the rows of a small page of the contract's operation."""
    whole = results("what was found")
    id_, page = OPERATION.operation.id, OPERATION.operation.page
    rows = tuple(
        msgspec.structs.replace(
            row, operation=id_, source=msgspec.structs.replace(row.source, page=page, line=3 + index % 2 * 4)
        )
        for index, row in enumerate(whole.requirements)
    )
    return msgspec.structs.replace(whole, requirements=rows)


def normalised(page: bytes) -> bytes:
    """The report without style and script, which change more often than what it says."""
    text = re.sub(rb"<(style|script)>.*?</\1>", rb"<\1></\1>", page, flags=re.DOTALL)
    return re.sub(rb"sha256-[\w+/=]+", b"sha256-", text)


FORMATS: dict[str, Callable[[], bytes]] = {
    "results.json": lambda: to_json(record()),
    "junit.xml": lambda: junit(record(), EXCHANGES),
    "ctrf.json": lambda: ctrf(record(), EXCHANGES),
    "results.sarif": lambda: sarif(record(), EXCHANGES),
    "evidence.har": lambda: har(record(), [*EXCHANGES, exchange(2, b"\xff")]).replace(__version__.encode(), b"0"),
    "summary.md": lambda: markdown(record()),
    "badge.svg": lambda: badge(record()),
    "annotations.txt": lambda: "\n".join(workflow_commands(record())).encode(),
    "index.html": lambda: normalised(html(record(), EXCHANGES, CONTRACT, PAGES)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_format_is_as_it_was_reviewed(name: str) -> None:
    made = FORMATS[name]().rstrip() + b"\n"
    if os.environ.get("CONFORMANCE_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_bytes(made)
    assert made.decode() == (GOLDEN / name).read_text(encoding="utf-8")
