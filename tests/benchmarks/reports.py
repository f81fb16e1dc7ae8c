"""What the reports of a run cost: seconds and peak memory of writing all of them from a journal.

    python tests/benchmarks/reports.py [EXCHANGES...]

One result for two exchanges, each tenth of them failed with two exchanges; bodies have 0.2 to 5 KB, and every second
one is new. Each count runs in a process of its own, so that its peak memory is its own. ``--results N`` keeps the number
of results the same for all counts: then only what an exchange costs is seen.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import msgspec  # noqa: E402

from conformance.contract.folder import default_schemas, load_pages  # noqa: E402
from conformance.engine.result import Finding, Level, Place, RequirementResult, Status  # noqa: E402
from conformance.journal.reader import JournalReader  # noqa: E402
from conformance.journal.writer import Journal  # noqa: E402
from conformance.reporting.ctrf import ctrf_parts  # noqa: E402
from conformance.reporting.har import har_parts  # noqa: E402
from conformance.reporting.html.document import html  # noqa: E402
from conformance.reporting.junit import junit_parts  # noqa: E402
from conformance.reporting.limited_evidence import LimitedEvidence  # noqa: E402
from conformance.reporting.markdown import markdown  # noqa: E402
from conformance.reporting.results import Results, to_json  # noqa: E402
from conformance.reporting.sarif import sarif_parts  # noqa: E402
from support.example_results import results  # noqa: E402
from support.journals import body_of, exchange_of  # noqa: E402
from support.suite_runner import contract  # noqa: E402

COUNTS = (1_000, 20_000, 100_000)
SIZES = (200, 1_000, 5_000)
CONTRACT = msgspec.structs.replace(contract(), operations=contract().operations[:7])
IDS = [each.operation.id for each in CONTRACT.operations]


def write_journal(path: Path, exchanges: int, rows: int) -> None:
    """A journal as a run of this size leaves it."""
    base = [body_of(size, seed) for seed, size in enumerate(SIZES)]
    journal = Journal.create(path)
    for number in range(exchanges):
        new = b"%d" % (number // 2) + base[number // 2 % len(base)]
        journal.add_exchange(exchange_of(number, new))
    for number in range(rows):
        result = result_of(number, exchanges)
        trial = journal.start(result.id, result.operation)
        journal.finish(trial, msgspec.json.encode(result), result.status, [])
    journal.close()
    if journal.problem:
        raise SystemExit(journal.problem)


def result_of(number: int, exchanges: int) -> RequirementResult:
    """Every tenth one failed."""
    failed = number % 10 == 0
    shown = (number * 2 % exchanges, (number * 2 + 1) % exchanges)
    finding = Finding(id=f"F-{number}", message=f"message {number}", expected="null", actual=f"{number % 20}",
                      exchanges=shown, roles=("unselected", "selected"), curl="curl " + "x" * 500)  # fmt: skip
    return RequirementResult(
        id=f"SEL-{number % 180:02}",
        operation=IDS[number // 180 % len(IDS)] if number < 180 * len(IDS) else f"operation-{number // 180}",
        level=Level.MUST,
        title="What was not selected is null",
        chapter=f"Chapter {number % 12}",
        source=Place(page="page.md", section="$select", line=7),
        status=Status.FAILED if failed else Status.PASSED,
        reason="a reason",
        exchanges=2,
        checks=4,
        findings=(finding,) if failed else (),
    )


def write_reports(journal: Path) -> str:
    """Write all reports, each in parts; gives the seconds of each."""
    costs: dict[str, float] = {}

    def timed(name: str, make: Callable[[], Iterable[bytes]]) -> None:
        start = time.perf_counter()
        with (journal.parent / name).open("wb") as file:
            file.writelines(make())
        costs[name] = time.perf_counter() - start

    start = time.perf_counter()
    with JournalReader(journal) as reader:
        rows = tuple(msgspec.json.decode(each, type=RequirementResult) for each in reader.results())
        shown = {number for row in rows for finding in row.findings for number in finding.exchanges}
        evidence = LimitedEvidence(reader.exchanges(), shown)
        made: Results = msgspec.structs.replace(results(), requirements=rows)
        costs["reading"] = time.perf_counter() - start
        pages = load_pages(default_schemas(), CONTRACT)
        timed("results.json", lambda: [to_json(made)])
        timed("junit.xml", lambda: junit_parts(made, evidence))
        timed("summary.md", lambda: [markdown(made)])
        timed("ctrf.json", lambda: ctrf_parts(made, evidence))
        timed("results.sarif", lambda: sarif_parts(made, evidence))
        timed("index.html", lambda: [html(made, evidence, CONTRACT, pages)])
        timed("evidence.har", lambda: har_parts(made, evidence))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = ", ".join(f"{name} {seconds:.1f}" for name, seconds in costs.items())
    return f"{sum(costs.values()):6.1f} s, peak {peak:4.0f} MiB ({each})"


def main() -> None:
    """Measure each count."""
    parser = argparse.ArgumentParser()
    parser.add_argument("counts", type=int, nargs="*", default=COUNTS)
    parser.add_argument("--results", type=int)
    parser.add_argument("--read", type=Path)
    options = parser.parse_args()
    if options.read:
        sys.stdout.write(write_reports(options.read) + "\n")
        return
    for count in options.counts:
        rows = options.results or count // 2
        with tempfile.TemporaryDirectory() as folder:
            journal = Path(folder) / "journal.sqlite"
            write_journal(journal, count, rows)
            sys.stdout.write(f"{count:>7} exchanges, {rows:>6} results: ")
            sys.stdout.flush()
            subprocess.run([sys.executable, __file__, "--read", str(journal)], check=True)


if __name__ == "__main__":
    main()
