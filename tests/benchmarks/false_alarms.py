"""False alarms at servers that do nothing wrong: every variant, on every stack, with several seeds.

    python tests/benchmarks/false_alarms.py [--seeds 10] [--profile standard] [VARIANT...]

A VARIANT is one of the reference server's, or `fastapi/NAME`, `django/NAME`; the servers as they are end with the stroke.
Prints a line a variant as Markdown, then the sums; ends with 1 where there was any false alarm, or a verdict that is
not the one that the variant has to get.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.reference import VARIANTS
from support.server_runs import MATRIX, ServerRun, run_server
from support.variant_runs import VariantRun, run_variant

NAMES = ("", *VARIANTS, *(f"{server}/{variant}" for server, variant in MATRIX))


def run_one(name: str, seed: int, profile: str) -> VariantRun | ServerRun:
    """One run against the server of that name."""
    server, stroke, variant = name.rpartition("/")
    return run_server(server, variant, seed, profile=profile) if stroke else run_variant(name, seed, profile)


def main() -> int:
    """Run all and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("variants", nargs="*", choices=[[], *NAMES[1:]], metavar="VARIANT")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--profile", default="standard")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    names = options.variants or list(NAMES)
    jobs = [(name, seed) for name in names for seed in range(1, options.seeds + 1)]
    write = sys.stdout.write
    write(
        "| variant | verdict | failed | unexpected warnings | expected warnings | inconclusive | requests | seconds |\n"
    )
    write("|---|---|---|---|---|---|---|---|\n")
    found: list[VariantRun | ServerRun] = []
    with ProcessPoolExecutor(options.workers) as pool:
        results = pool.map(run_one, *zip(*jobs, strict=True), [options.profile] * len(jobs))
        for name in names:
            runs = [next(results) for _ in range(options.seeds)]
            found += runs
            write(line(name, runs))
            sys.stdout.flush()
    alarms = sum(len(run.false_alarms) for run in found)
    verdicts = sum(run.verdict != run.expected_verdict for run in found)
    requests = [run.requests for run in found]
    seconds = [run.seconds for run in found]
    write(f"\n{len(names)} servers, {len(found)} runs: {alarms} false alarms, {verdicts} unexpected verdicts; ")
    write(f"requests {statistics.median(requests):.0f} (at most {max(requests)}), ")
    write(f"seconds {statistics.median(seconds):.1f} (at most {max(seconds):.1f})\n")
    return 1 if alarms or verdicts else 0


def line(name: str, runs: list[VariantRun | ServerRun]) -> str:
    """One variant's line of the table."""
    alarms = {id for run in runs for id in run.false_alarms}
    failed = {id for run in runs for id in run.failed}
    cells = (
        name or "(as it is)",
        ", ".join(sorted({run.verdict for run in runs})),
        ", ".join(sorted(failed)) or "-",
        ", ".join(sorted(alarms - failed)) or "-",
        ", ".join(sorted({id for run in runs for id in run.warned} - alarms)) or "-",
        ", ".join(sorted({id for run in runs for id in run.inconclusive})) or "-",
        f"{statistics.median(run.requests for run in runs):.0f}",
        f"{statistics.median(run.seconds for run in runs):.1f}",
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    sys.exit(main())
