"""Staging servers with ordinary troubles: WSGI middleware in front of the reference server."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from conformance.client.in_process import serve
from conformance.engine.config import Config
from conformance.engine.result import RequirementResult, Status
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, ReferenceApplication
from support.suite_runner import contract

Environ = dict[str, Any]
Answerer = Callable[[int, Environ], tuple[str, str, bytes] | None]
"""From the number of the request (from 1) to status, media type and body; None lets the server answer."""


class Disturbed:
    """The reference server, of which some answers come from somewhere else."""

    def __init__(self, answer: Answerer, faults: Sequence[str] = ()) -> None:
        self._inner = ReferenceApplication(contract(), faults=faults)
        self._answer = answer
        self._lock = threading.Lock()
        self.count = 0
        self.seen: list[Environ] = []

    def __call__(self, environ: Environ, start: Any) -> Any:
        with self._lock:
            self.count += 1
            number = self.count
            self.seen.append(environ)
        other = self._answer(number, environ)
        if other is None:
            return self._inner(environ, start)
        status, kind, body = other
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]


def expires_after(count: int) -> Answerer:
    """The credentials are accepted for this many requests."""
    return lambda number, _: ("401 Unauthorized", "text/plain", b"expired") if number > count else None


def flaky(share: float, seed: int) -> Answerer:
    """A gateway that fails for a share of the requests, drawn with a seed."""
    draw = random.Random(seed)
    lock = threading.Lock()

    def answer(number: int, environ: Environ) -> tuple[str, str, bytes] | None:
        with lock:
            fails = draw.random() < share
        return ("502 Bad Gateway", "text/html", b"<h1>502</h1>") if fails else None

    return answer


class Outcome:
    """What a run against a disturbed server gave."""

    def __init__(self, session: Run, server: Disturbed) -> None:
        self.results = {result.id: result for result in session.results}
        self.sent = session.target.sent
        self.stopped = session.target.stopped
        self.server = server
        self.exchanges = list(session.target.recorder.evidence)

    def of(self, *statuses: Status) -> list[str]:
        return [each.id for each in self.results.values() if each.status in statuses]

    def last_exchange_of(self, result: RequirementResult) -> int:
        return max((e.number for e in self.exchanges if e.requirement == result.id), default=-1)


def run(
    server: Disturbed, requirements: Sequence[str] = (), *, auth: Sequence[str] = DEMO_AUTH, **more: Any
) -> Outcome:
    with running(server, requirements, auth=auth, **more) as session:
        session.discover()
        session.execute_expected()
        return Outcome(session, server)


@contextmanager
def running(server: Any, requirements: Sequence[str], *, auth: Sequence[str], **more: Any) -> Iterator[Run]:
    with serve(server) as url:
        settings = Settings(target=url, auth=tuple(auth), requirements=tuple(requirements), **{"seed": 1, **more})
        session = Run(settings, Config(time_zones=DEMO_TIME_ZONES))
        try:
            yield session
        finally:
            session.close()
