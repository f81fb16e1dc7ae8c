"""Conforming servers that differ from the reference server: no false alarm, and no pass without evidence."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from werkzeug.test import run_wsgi_app

from conformance.client.in_process import serve
from conformance.engine.config import Config
from conformance.engine.result import Status
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, ReferenceApplication
from conformance.reporting.results import Results
from conformance.reporting.verdict import Verdict
from support.suite_runner import contract, run_settings

Environ = dict[str, Any]
Answer = tuple[int, list[tuple[str, str]], bytes]
Change = Callable[[Environ, Answer], Answer]
_NUMBERS = itertools.count()


def changed(change: Change) -> Any:
    inner = ReferenceApplication(contract())

    def app(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        body, status, headers = run_wsgi_app(inner, environ, buffered=True)
        answer = (int(status.split()[0]), [(k, v) for k, v in headers if k.lower() != "content-length"], b"".join(body))
        code, lines, data = change(environ, answer)
        start(f"{code} Status", [*lines, ("Content-Length", str(len(data)))])
        return [data]

    return app


def is_json(answer: Answer) -> bool:
    kind = dict(answer[1]).get("Content-Type", "")
    return answer[0] == 200 and "json" in kind and not dict(answer[1]).get("Content-Encoding")


def rows(change: Callable[[list[dict[str, Any]], Environ], list[dict[str, Any]]]) -> Change:
    def apply(environ: Environ, answer: Answer) -> Answer:
        if not is_json(answer):
            return answer
        return answer[0], answer[1], json.dumps(change(json.loads(answer[2]), environ)).encode()

    return apply


def absent_where_not_selected(found: list[dict[str, Any]], environ: Environ) -> list[dict[str, Any]]:
    if "select=" not in environ["QUERY_STRING"]:
        return found
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def forbidden(environ: Environ, answer: Answer) -> Answer:
    return (403, [("Content-Type", "text/html")], b"<h1>No</h1>") if answer[0] == 401 else answer


def proxied(environ: Environ, answer: Answer) -> Answer:
    return (
        answer[0],
        [*answer[1], ("Set-Cookie", f"lb={next(_NUMBERS)}"), ("Via", "1.1 proxy"), ("X-Request-Id", "1")],
        answer[2],
    )


class Unordered:
    def __init__(self) -> None:
        self.draw = random.Random(0)

    def __call__(self, found: list[dict[str, Any]], environ: Environ) -> list[dict[str, Any]]:
        return self.draw.sample(found, len(found))


class Alive:
    def __init__(self) -> None:
        self.percent = 0

    def __call__(self, found: list[dict[str, Any]], environ: Environ) -> list[dict[str, Any]]:
        self.percent = (self.percent + 1) % 101
        for row in found[:1]:
            if row.get("ProgressPercent") is not None:
                row["ProgressPercent"] = self.percent
        return found


def run(change: Change) -> Results:
    with serve(changed(change)) as url:
        return run_settings(Settings(target=url, auth=DEMO_AUTH, seed=3), Config(time_zones=DEMO_TIME_ZONES))


def ids(results: Results, status: Status) -> list[str]:
    return [each.id for each in results.requirements if each.status is status]


@pytest.mark.slow(reason="a run of the suite for each server")
# What only the project's own HTTP server sees of a request is not on a plain WSGI server.
@pytest.mark.parametrize(
    ("change", "warnings"),
    [
        (lambda environ, answer: answer, []),
        (rows(absent_where_not_selected), []),
        (forbidden, ["AUTH-02"]),
        (proxied, []),
        (rows(Unordered()), []),
        (rows(Alive()), []),
    ],
    ids=["same", "absent", "403", "proxy", "unordered", "alive"],
)
def test_servers_conform(change: Change, warnings: list[str]) -> None:
    results = run(change)
    assert ids(results, Status.FAILED) == [], results.reason
    assert ids(results, Status.WARNING) == warnings
    assert results.verdict is Verdict.CONFORMANT, results.reason


def test_a_server_without_data_proves_nothing() -> None:
    def empty(environ: Environ, answer: Answer) -> Answer:
        if answer[0] != 200:
            return answer
        kind = dict(answer[1])["Content-Type"]
        return 200, [("Content-Type", kind)], b"[]" if "json" in kind else b"<ArrayOfItem/>"

    results = run(empty)
    assert results.verdict is Verdict.INCONCLUSIVE, results.reason
    passed = ids(results, Status.PASSED)
    assert not [
        each for each in passed if each.startswith(("SEL-", "TZ-01", "TZ-02", "TZ-04", "LANG-02", "LANG-03", "RES-0"))
    ]
    assert "AUTH-02" in passed


def answering(status: str, headers: list[tuple[str, str]], body: bytes) -> Change:
    return lambda environ, answer: (int(status), headers, body) if answer[0] == 200 else answer


@pytest.mark.slow(reason="a run of the suite for each server")
@pytest.mark.parametrize(
    "change",
    [
        answering("200", [("Content-Type", "application/json")], b'{"value": [1, 2'),
        answering("200", [("Content-Type", "application/json")], b"[1, null, []]"),
        answering("200", [("Content-Type", "application/json")], b"[" * 50_000),
        answering("200", [("Content-Type", "application/xml")], b"<a><b></a>"),
        answering("200", [], b"\xff\xfe\x00"),
        answering("200", [("Content-Type", "application/json; charset=no-such")], b"[]"),
        answering("204", [], b""),
    ],
    ids=["cut", "no objects", "deep", "xml", "bytes", "charset", "empty"],
)
def test_hostile_servers_get_a_verdict_and_no_traceback(change: Change) -> None:
    results = run(change)
    assert results.verdict is Verdict.NON_CONFORMANT
    assert not [each.reason for each in results.requirements if "could not judge" in each.reason]
