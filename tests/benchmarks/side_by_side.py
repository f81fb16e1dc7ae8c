"""This suite beside Schemathesis' own command line, in one run, on the same faults and the same conforming servers.

    python tests/benchmarks/side_by_side.py [--faults N] [--variants N] [--seed 1]

Schemathesis runs twice, with all checks and all phases: on the OpenAPI document that ``conformance export openapi``
writes, and on that document tuned as somebody who knows the server could: ids and states that have data, nulls where
they come, the refusals that come too. A fault counts as found by Schemathesis where it reports a kind of failure that it
does not report on the correct server too; an alarm is any failure that it reports on a server that does nothing wrong.
Prints a table as Markdown, and the faults that only one of the two finds. N takes an evenly spread part of them.
"""

from __future__ import annotations

import argparse
import base64
import copy
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import msgspec

from conformance.contract.folder import default_schemas, load_parts
from conformance.contract.openapi import documents
from conformance.reference import DEMO_AUTH, FAULTS, VARIANTS, ReferenceApplication
from conformance.reference.server import RunningServer
from support.kill_runs import is_found, row, run_fault
from support.suite_runner import contract
from support.variant_runs import run_variant

OURS, AS_EXPORTED, TUNED = "this suite, standard", "Schemathesis, exported document", "Schemathesis, tuned document"
_KINDS = re.compile(r"^\s*- ([A-Z][^\n]{3,80})$", re.MULTILINE)
_SECONDS = 120
_OTHER_THAN_BASIC = ("ticket-only", "bearer-only", "session-only")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one tool against one server: the kinds of failures, and what it cost."""

    server: str
    failures: tuple[str, ...]
    requests: int
    seconds: float


class Counting:
    """The application, and how many requests came."""

    def __init__(self, application: ReferenceApplication) -> None:
        self.inner = application
        self.requests = 0

    def __call__(self, environ: Any, start: Callable[..., Any]) -> Iterable[bytes]:
        self.requests += 1
        return self.inner(environ, start)


def exported() -> dict[str, Any]:
    """The document of the project's operation."""
    contracts, components, digest = load_parts(default_schemas())
    (document,) = documents(contracts, components, digest)
    return document


def tuned() -> dict[str, Any]:
    """The same with what one knows of this server."""
    document = copy.deepcopy(exported())
    ((path, methods),) = document["paths"].items()
    operation = methods["post"]
    for code in ("400", "401", "404", "405", "406", "415"):
        operation["responses"].setdefault(code, {"description": "refused"})
    # In a form or XML every value is text: a wrong type is right there, and would count as a failure of the server.
    kinds = operation["requestBody"]["content"]
    operation["requestBody"]["content"] = {name: each for name, each in kinds.items() if name.endswith("json")}
    for content in operation["requestBody"]["content"].values():
        schema = content["schema"]
        states = ["All", "Waiting", "Started", "Finished", "Failed"]
        schema["properties"]["State"] = {"type": ["string", "null"], "enum": [*states, None]}
        content["example"] = {"AssociateIds": [3, 7, 12, 29, 38], "State": "All"}
    for content in operation["responses"]["200"]["content"].values():
        _allow_null(content["schema"])
    select = next(each for each in operation["parameters"] if each["name"] == "$select")
    select["examples"] = {"some": {"value": "Id,Name,State"}}
    document["paths"] = {path: methods}
    return document


def _allow_null(schema: dict[str, Any]) -> None:
    for inner in schema.get("items", schema).get("properties", {}).values():
        kinds = inner.get("type")
        if kinds is not None:
            inner["type"] = list(dict.fromkeys([*([kinds] if isinstance(kinds, str) else kinds), "null"]))
        inner.pop("format", None)


def run_schemathesis(job: tuple[str, str, str, int]) -> Outcome:
    """Run the command line on a document against a server (``fault:ID``, ``variant:ID`` or empty)."""
    server, document, _, seed = job
    kind, _, name = server.partition(":")
    application = Counting(
        ReferenceApplication(
            contract(), faults=[name] if kind == "fault" else [], variants=[name] if kind == "variant" else []
        )
    )
    user = DEMO_AUTH[0].removeprefix("basic:")
    header = f"Authorization: Basic {base64.b64encode(user.encode()).decode()}"
    with tempfile.TemporaryDirectory() as folder, RunningServer(application, 0) as running:  # type: ignore[arg-type]
        path = Path(folder) / "openapi.json"
        path.write_text(document, encoding="utf-8")
        command = [sys.executable, "-m", "schemathesis.cli", "run", str(path), "--url", running.url, "-H", header]
        options = [
            "--checks",
            "all",
            "--phases",
            "examples,coverage,fuzzing,stateful",
            "--seed",
            str(seed),
            "--no-color",
            "--continue-on-failure",
        ]
        began = time.perf_counter()
        try:
            ended = subprocess.run(
                [*command, *options], capture_output=True, text=True, timeout=_SECONDS, cwd=folder, check=False
            )
            output, status = ended.stdout + ended.stderr, ended.returncode
        except subprocess.TimeoutExpired as expired:
            output, status = str(expired.stdout or ""), 0
        seconds = time.perf_counter() - began
    failures = tuple(sorted(set(_KINDS.findall(output)))) if status == 1 else ()
    return Outcome(server=server, failures=failures, requests=application.requests, seconds=seconds)


def run_ours(job: tuple[str, int]) -> Outcome:
    """Run this suite against a server."""
    server, seed = job
    kind, _, name = server.partition(":")
    if kind == "variant":
        found = run_variant(name, seed)
        return Outcome(
            server=server, failures=tuple(found.false_alarms), requests=found.requests, seconds=found.seconds
        )
    clean, faulty = run_fault("", seed=seed), run_fault(name, seed=seed)
    shown = (name,) if name and is_found(name, row(faulty, clean)) else ()
    return Outcome(server=server, failures=shown, requests=faulty.requests, seconds=faulty.seconds)


def main() -> int:
    """Run all three and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--faults", type=int, default=len(FAULTS))
    parser.add_argument("--variants", type=int, default=len(VARIANTS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # Schemathesis has one credential: Basic. A server that does not accept it is left out.
    conforming = [each for each in VARIANTS if each not in _OTHER_THAN_BASIC]
    faults = [f"fault:{each}" for each in spread(list(FAULTS), options.faults)]
    variants = ["", *(f"variant:{each}" for each in spread(conforming, options.variants))]
    runs: dict[str, list[Outcome]] = {}
    with ProcessPoolExecutor(2) as pool:
        runs[OURS] = list(pool.map(run_ours, [(each, options.seed) for each in [*faults, *variants]]))
        for name, document in ((AS_EXPORTED, exported()), (TUNED, tuned())):
            text = json.dumps(document)
            jobs = [(each, text, name, options.seed) for each in [*faults, *variants]]
            runs[name] = list(pool.map(run_schemathesis, jobs))
    report(runs, faults, variants)
    return 0


def spread(names: list[str], count: int) -> list[str]:
    """An evenly spread part of the names."""
    return [names[index * len(names) // count] for index in range(min(count, len(names)))] if count else []


def report(runs: dict[str, list[Outcome]], faults: list[str], variants: list[str]) -> None:
    """The table, and what only one of them finds."""
    write = sys.stdout.write
    write(f"{len(faults)} faults, {len(variants)} conforming servers\n\n")
    write("| | faults found | conforming servers alarmed on | alarms on the correct server | requests | seconds |\n")
    write("|---|---|---|---|---|---|\n")
    found: dict[str, set[str]] = {}
    for name, all_runs in runs.items():
        by_server = {run.server: run for run in all_runs}
        usual = set(by_server[""].failures)
        found[name] = {each for each in faults if set(by_server[each].failures) - usual}
        alarmed = [each for each in variants if by_server[each].failures]
        faulty = [by_server[each] for each in faults] or all_runs
        write(
            f"| {name} | {len(found[name])} ({100 * len(found[name]) / max(1, len(faults)):.0f} %) | "
            f"{len(alarmed)} of {len(variants)} | {len(usual)} | "
            f"{statistics.median(run.requests for run in faulty):.0f} (at most {max(run.requests for run in faulty)}) | "
            f"{statistics.median(run.seconds for run in faulty):.1f} |\n"
        )
    theirs = found[AS_EXPORTED] | found[TUNED]
    write(f"\nonly this suite: {_listed(found[OURS] - theirs)}\n")
    write(f"only Schemathesis: {_listed(theirs - found[OURS])}\n")


def _listed(servers: set[str]) -> str:
    return ", ".join(sorted(each.partition(":")[2] for each in servers)) or "none"


if __name__ == "__main__":
    sys.exit(main())
