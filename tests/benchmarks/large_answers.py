"""The memory and time of a run against a server whose every answer is as large as ``--max-body`` allows.

    python tests/benchmarks/large_answers.py [KIND...] [--requirement ID]... [--reports DIR]

The server runs in a process of its own, so that the figures are of the run alone: peak resident memory, seconds, requests.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

MIB = 1024 * 1024
LARGE = 8 * MIB - 4096
KINDS = ("elements", "keys", "strings", "objects", "depth", "larger")
"""What every answer holds: 60,000 elements; 200,000 members in one; strings of nearly 8 MiB; 2.7 million empty objects,
which is more than is read; 100,000 levels; and one that is larger than --max-body."""
MAX_MIB = 500


def grown(body: bytes, kind: str, count: int = 60_000) -> bytes:
    """An answer of the reference server in JSON, blown up; what is not an array of objects stays."""
    try:
        rows = json.loads(body)
    except ValueError:
        return body
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        return body
    if kind == "elements":
        # Few properties: with all of them 60,000 elements are 40 MB.
        names = ("Id", "AssociateId", "Description", "State", "ProgressPercent")
        short = [{name: row[name] for name in names if name in row} for row in rows]
        return json.dumps([{**short[i % len(short)], "Id": i} for i in range(count)]).encode()
    if kind == "keys":
        return json.dumps([{**rows[0], **{f"k{i}": i for i in range(200_000)}}, *rows[1:]]).encode()
    if kind == "strings":
        text = "x" * (LARGE - len(body))
        return json.dumps([{**rows[0], "Description": text}, *rows[1:]]).encode()
    if kind == "objects":
        return b"[" + b"{}," * (LARGE // 3 - 1) + b"{}]"
    if kind == "depth":
        return b"[" * 100_000 + b"]" * 100_000
    return json.dumps(rows).encode() + b" " * (LARGE + MIB)


class Grown:
    """The reference server with every JSON answer blown up."""

    def __init__(self, kind: str, count: int = 60_000) -> None:
        from conformance.contract.folder import default_schemas, load
        from conformance.reference import ReferenceApplication

        self._inner = ReferenceApplication(load(default_schemas()))
        self._kind = kind
        self._count = count

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        begun: list[Any] = []
        body = b"".join(self._inner(environ, lambda status, headers, *more: begun.append((status, headers))))
        status, headers = begun[0]
        names = {name.lower(): value for name, value in headers}
        if "json" in names.get("content-type", "") and "content-encoding" not in names:
            body = grown(body, self._kind, self._count)
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]


def _serve(kind: str, count: int) -> None:
    from conformance.client.in_process import serve

    with serve(Grown(kind, count)) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        threading.Event().wait()


def _run(url: str, requirements: list[str], reports: str) -> None:
    from conformance.core.errors import InputError
    from conformance.engine.config import Config
    from conformance.engine.run import Run
    from conformance.engine.settings import Settings
    from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES
    from conformance.reporting.conclude import conclude
    from conformance.requirements import load_requirements

    load_requirements()
    clock = time.perf_counter()
    settings = Settings(
        target=url, auth=DEMO_AUTH, seed=1, requirements=tuple(requirements), reports=Path(reports), timeout=60
    )
    session = Run(settings, Config(time_zones=DEMO_TIME_ZONES))
    try:
        session.discover()
    except InputError as error:
        sys.stderr.write(f"{error}\n")
    slow: list[tuple[float, str]] = []
    for requirement, operation in session.expected:
        result = session.execute(requirement, operation)
        slow.append((result.seconds, result.id))
    results = conclude(session)
    session.close()
    statuses = [each.status.value for each in results.requirements]
    sys.stdout.write(
        json.dumps(
            {
                "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "seconds": round(time.perf_counter() - clock, 1),
                "requests": results.run.requests,
                "verdict": results.verdict.value,
                **{status: statuses.count(status) for status in dict.fromkeys(statuses)},
                "reports MiB": round(sum(p.stat().st_size for p in Path(reports).iterdir()) / MIB, 1),
                "slowest": sorted(slow, reverse=True)[:5],
                "failed": [each.id for each in results.requirements if each.status.value == "failed"],
            }
        )
    )


def measure(kind: str, requirements: list[str], reports: str | None = None, count: int = 60_000) -> dict[str, Any]:
    """The figures of one run against one kind of server, each in a process of its own."""
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", kind, "--count", str(count)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        if not url:
            raise RuntimeError("the server did not start")
        with tempfile.TemporaryDirectory() as folder:
            words = [sys.executable, __file__, "--run", url, "--reports", reports or folder]
            words += [word for each in requirements for word in ("--requirement", each)]
            done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def main() -> int:
    """Exit status 1 where a run takes more memory than it may."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--requirement", action="append", default=[])
    parser.add_argument("--reports")
    parser.add_argument("--count", type=int, default=60_000, help="elements of each answer")
    parser.add_argument("--serve")
    parser.add_argument("--run")
    given = parser.parse_args()
    if given.serve is not None:
        _serve(given.serve, given.count)
    elif given.run is not None:
        _run(given.run, given.requirement, given.reports)
    else:
        found = {kind: measure(kind, given.requirement, given.reports, given.count) for kind in given.kinds or KINDS}
        for kind, figures in found.items():
            sys.stdout.write(f"{kind} {json.dumps(figures)}\n")
        return int(any(figures["peak MiB"] > MAX_MIB for figures in found.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
