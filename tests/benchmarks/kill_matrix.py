"""Which requirement finds which fault: the kill matrix, as Markdown and JSON.

    python tests/benchmarks/kill_matrix.py [--fault ID...] [--profile smoke standard certify] [--check] [--out tests/self_test]

Runs the suite against every fault of the reference server (or these), with each of the profiles, and writes their rows of
kill_matrix.md and kill_matrix.json; with --check it writes nothing and ends with 1 where they would change. Prints
what each profile finds, and what that costs in requests and seconds (median and most).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.reference import FAULTS
from conformance.requirements import load_requirements
from support.kill_runs import NAMED, is_found, row, run_fault

PROFILES = ("smoke", "standard", "certify")
Matrix = dict[str, dict[str, dict[str, list[str]]]]
"""By fault and profile: what became of which requirements."""


def main() -> int:
    """Run, write or compare, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--profile", nargs="+", choices=PROFILES, default=list(PROFILES))
    parser.add_argument("--fault", nargs="+", choices=list(FAULTS), default=list(FAULTS), metavar="FAULT")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "self_test")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    before = options.out / "kill_matrix.json"
    kept: Matrix = json.loads(before.read_text(encoding="utf-8")) if before.is_file() else {}
    # The rows of the faults and profiles that are not run stay as they were.
    matrix: Matrix = {fault: {name: {} for name in PROFILES} | kept.get(fault, {}) for fault in FAULTS}
    with ProcessPoolExecutor(options.workers) as pool:
        for profile in options.profile:
            clean = run_fault("", profile)
            runs = list(pool.map(run_fault, options.fault, [profile] * len(options.fault)))
            for run in runs:
                matrix[run.fault][profile] = row(run, clean)
            found = sum(is_found(run.fault, matrix[run.fault][profile]) for run in runs)
            requests, seconds = [run.requests for run in runs], [run.seconds for run in runs]
            missed = [run.fault for run in runs if not is_found(run.fault, matrix[run.fault][profile])]
            sys.stdout.write(
                f"{profile:8} finds {found} of {len(runs)} faults ({100 * found / len(runs):.0f} %); without any fault "
                f"{clean.requests} requests; requests {statistics.median(requests):.0f} (at most {max(requests)}), "
                f"seconds {statistics.median(seconds):.1f} (at most {max(seconds):.1f})\n"
            )
            if missed and profile != "smoke":
                sys.stdout.write(f"         missed: {', '.join(missed)}\n")
    files = {"kill_matrix.md": markdown(matrix), "kill_matrix.json": json.dumps(matrix, indent=1) + "\n"}
    stale = [name for name, text in files.items() if not _is(options.out / name, text)]
    if options.check:
        for name in stale:
            sys.stdout.write(f"{name} is not current\n")
        return 1 if stale else 0
    for name in stale:
        (options.out / name).write_text(files[name], encoding="utf-8")
    return 0


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def markdown(matrix: Matrix) -> str:
    """A table a chapter: the fault, who names it, who finds it, and the profiles that do."""
    lines = ["# Which requirement finds which fault", ""]
    lines += [
        "Made by `python tests/benchmarks/kill_matrix.py`. In bold the requirement that names the fault; then what"
    ]
    lines += ["else fails (or, in brackets, only warns or is inconclusive) with the standard profile.", ""]
    requirements = load_requirements()
    chapter = ""
    for fault in sorted(FAULTS, key=lambda each: list(requirements).index(NAMED[each])):
        requirement = requirements[NAMED[fault]]
        if requirement.chapter != chapter:
            chapter = requirement.chapter
            lines += ["", f"## {chapter}", "", "| fault | found by | profiles |", "|---|---|---|"]
        profiles = [name for name, changed in matrix[fault].items() if is_found(fault, changed)]
        only = " (only this one)" if profiles == ["certify"] else ""
        lines.append(
            f"| {fault} | {_found_by(fault, matrix[fault].get('standard', {}))} | {', '.join(profiles)}{only} |"
        )
    return "\n".join([*lines, ""])


def _found_by(fault: str, changed: dict[str, list[str]]) -> str:
    failed = [id for id in changed.get("failed", []) if id != NAMED[fault]]
    others = [
        id for word in ("warning", "observed", "inconclusive") for id in changed.get(word, []) if id != NAMED[fault]
    ]
    parts = [f"**{NAMED[fault]}**", *failed]
    return ", ".join(parts) + (f" ({', '.join(others)})" if others else "")


if __name__ == "__main__":
    sys.exit(main())
