"""A run with many results, for the HTML report."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from conformance.client.exchange import Exchange
from conformance.contract.folder import default_schemas, load_pages
from conformance.engine.result import Finding, Level, Place, RequirementResult, Status
from conformance.reporting.results import Results
from support.example_results import exchange, results
from support.suite_runner import contract

PAGES = load_pages(default_schemas(), contract())


OPERATION = contract().operations[0]


def row(id_: str, line: int, status: Status = Status.PASSED, operation: str = "op", **more: Any) -> RequirementResult:
    source = Place(page="page.md", section="s", line=line)
    return RequirementResult(
        id=id_, operation=operation, level=Level.MUST, title="title", chapter="c", source=source, status=status, **more
    )


def big() -> tuple[Results, list[Exchange]]:
    body = json.dumps([{"Id": i, "Name": "x" * 60, "Description": "<&>" * 30} for i in range(60)]).encode()
    exchanges = [exchange(number, body) for number in range(5000)]
    rows = []
    for operation in range(50):
        for number in range(96):
            failure = failed(
                f"X-{number:02}",
                f"message {number} {'y' * (number + 1)}",
                actual=f"{number}",
                operation=f"op{operation}",
            )
            finding = msgspec.structs.replace(
                failure.findings[0], exchanges=(number, 4999 - number - operation), curl="curl " + "z" * 300
            )
            rows.append(
                msgspec.structs.replace(failure, findings=(finding,))
                if number % 3 == 0
                else row(f"X-{number:02}", 5, operation=f"op{operation}")
            )
    return msgspec.structs.replace(results(), requirements=tuple(rows)), exchanges


def failed(
    id_: str,
    message: str,
    *,
    expected: str = "2xx",
    actual: str = "x",
    operation: str = "op",
    level: Level = Level.MUST,
) -> RequirementResult:
    finding = Finding(
        id=f"{id_}-{operation}-1", message=message, expected=expected, actual=actual, exchanges=(0,), level=level
    )
    return row(id_, 1, Status.FAILED, operation, findings=(finding,))
