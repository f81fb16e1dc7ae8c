"""Whether the suite still behaves as before: what it sends and says of each server, recorded and compared.

    python tests/benchmarks/behaviour.py record FILE [--profiles smoke] [--seeds 1 2 3] [--servers faults] [--workers 2]
    python tests/benchmarks/behaviour.py compare BEFORE AFTER [--profiles ...] [--seeds ...] [--servers ...]

The servers are the reference server as it should be (`correct`, `correct-online`), with each fault and with each variant;
--servers takes all, correct, faults, variants or names. `record` appends a line of JSON for each run, the most important
first; it can be stopped at any time, and goes on with what FILE lacks. `compare` prints what differs, and ends with 1 if
anything does. Runs of one day compare best: a few faults depend on whether it is summer.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))


from conformance.reference import FAULTS, VARIANTS
from conformance.reporting.results import Results
from support.kill_runs import against_fault
from support.suite_runner import run_reference
from support.variant_runs import against_variant

# Nothing below depends on where a module is.
Row = dict[str, Any]
Key = tuple[str, str, int]
"""Server, profile and seed."""

CORRECT = {"correct": "onsite", "correct-online": "online"}
GROUPS = {"correct": tuple(CORRECT), "faults": tuple(FAULTS), "variants": tuple(VARIANTS)}
GROUPS["all"] = tuple(server for servers in GROUPS.values() for server in servers)
SEEDS = (1, 2, 3)
STAGES = [("standard", 1), *(("smoke", seed) for seed in SEEDS), ("certify", 1)]
STAGES += [(profile, seed) for profile in ("standard", "certify") for seed in (2, 3)]
"""The most important first."""

AT_ONCE = "it keeps something between requests, and chance decides which of those sent at once HTTP-06 sees changed"
SENT = ("requests", "requests_digest")
NOT_DETERMINISTIC: dict[str, tuple[str, tuple[str, ...]]] = {
    "parallel-mix-up": (f"{AT_ONCE}; LANG-06 may judge one of these", (*SENT, "verdict", "HTTP-06", "LANG-06")),
    "select-sticky": (AT_ONCE, (*SENT, "HTTP-06")),
    "language-sticky": (AT_ONCE, (*SENT, "HTTP-06")),
    "time-zone-sticky": (AT_ONCE, (*SENT, "HTTP-06")),
    "time-zone-lingers": (AT_ONCE, (*SENT, "HTTP-06")),
    "rate-limited": ("the clock decides how often a request is refused and sent again", ("requests",)),
}
"""Servers that two runs of the same code differ at: why, and the fields and requirements that are not compared."""


def results_of(server: str, profile: str, seed: int) -> Results:
    """What one run says of one server."""
    if server in CORRECT:
        return run_reference(installation=CORRECT[server], profile=profile, seed=seed).results
    if server in VARIANTS:
        return against_variant(server, profile, seed)[0]
    return against_fault(server, profile, seed).results


def run_one(key: Key) -> Row:
    """The row of one run; the error instead of a result where it could not be made."""
    row: Row = dict(zip(("server", "profile", "seed"), key, strict=True))
    # Servers that shuffle do so the same way each time.
    random.seed(0)
    began = time.perf_counter()
    try:
        row |= row_of(results_of(*key))
    except Exception as error:
        row["error"] = repr(error)
    return row | {"seconds": round(time.perf_counter() - began, 1)}


def row_of(results: Results) -> Row:
    """What is compared: requests, statuses (those that passed only counted, all in a digest), verdict and findings."""
    statuses = {f"{each.id}/{each.operation}": each.status.value for each in results.requirements}
    lines = "\n".join(f"{name}={status}" for name, status in sorted(statuses.items()))
    return {
        "requests": results.run.requests,
        "requests_digest": results.run.requests_digest,
        "verdict": results.verdict.value,
        "passed": sum(status == "passed" for status in statuses.values()),
        "statuses_digest": hashlib.sha256(lines.encode()).hexdigest()[:16],
        "statuses": {name: status for name, status in sorted(statuses.items()) if status != "passed"},
        "findings": sorted(finding.id for each in results.requirements for finding in each.findings),
    }


def read(path: Path) -> dict[Key, Row]:
    """The rows of a file; the last one of a run counts."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    rows: list[Row] = [json.loads(line) for line in lines]
    return {(row["server"], row["profile"], row["seed"]): row for row in rows}


def prepare() -> None:
    """Make a worker that ends when it is asked to, and only then."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def record(path: Path, keys: list[Key], workers: int) -> int:
    """Append the rows that the file lacks; those that ended in an error are tried again."""
    known = read(path)
    missing = [key for key in keys if "error" in known.get(key, {"error": ""})]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with path.open("a", encoding="utf-8") as file, multiprocessing.Pool(workers, prepare) as pool:
        for number, row in enumerate(pool.imap_unordered(run_one, missing), start=1):
            file.write(json.dumps(row) + "\n")
            file.flush()
            said = row.get("error") or f"{row['requests']} requests, {row['verdict']}, {row['seconds']} s"
            sys.stdout.write(f"{number}/{len(missing)} {row['server']} {row['profile']} {row['seed']}: {said}\n")
            sys.stdout.flush()
    return 0


def differences(before: Row, after: Row) -> list[str]:
    """What differs between two rows of one run, a text each."""
    if "error" in before or "error" in after:
        one, other = before.get("error", "none"), after.get("error", "none")
        return [f"error {one} -> {other}"] if one != other else []
    left_out = NOT_DETERMINISTIC.get(before["server"], ("", ()))[1]
    is_whole = set(left_out) <= set(before)

    def compared(name: str) -> bool:
        return not any(name == each or name.startswith((f"{each}/", f"{each}-")) for each in left_out)

    names = filter(compared, ("verdict", *SENT, *(("passed",) if is_whole else ())))
    found = [f"{each} {before[each]!s:.16} -> {after[each]!s:.16}" for each in names if before[each] != after[each]]
    old, new = before["statuses"], after["statuses"]
    changed = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    found += [f"{name} {old.get(name, 'passed')} -> {new.get(name, 'passed')}" for name in changed if compared(name)]
    if is_whole and not changed and before["statuses_digest"] != after["statuses_digest"]:
        found.append("statuses: other requirements passed")
    for sign, one, other in (("-", before, after), ("+", after, before)):
        found += [f"{sign} finding {id}" for id in sorted({*one["findings"]} - {*other["findings"]}) if compared(id)]
    return found


def compare(before: dict[Key, Row], after: dict[Key, Row]) -> int:
    """Print what differs; the exit status."""
    every, both = sorted({*before, *after}), sorted({*before} & {*after})
    differing = {key: found for key in both if (found := differences(before[key], after[key]))}
    for key, found in differing.items():
        sys.stdout.write(f"{' '.join(map(str, key))}: {'; '.join(found)}\n")
    alone = [("before", [k for k in every if k not in after]), ("after", [k for k in every if k not in before])]
    for where, only in alone:
        for stage in sorted({key[1:] for key in only}):
            names = [key[0] for key in only if key[1:] == stage]
            shown = ", ".join(names[:5]) + ", ..." * (len(names) > 5)
            sys.stdout.write(f"only {where}: {len(names)} of {stage[0]} {stage[1]}: {shown}\n")
    sys.stdout.write(f"{len(both)} rows compared, {len(differing)} differ; ")
    sys.stdout.write(", ".join(f"{len(only)} only {where}" for where, only in alone) + "\n")
    return 1 if differing or any(only for _, only in alone) else 0


def main() -> int:
    """Record or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, files in (("record", ("file",)), ("compare", ("before", "after"))):
        command = commands.add_parser(name)
        for file in files:
            command.add_argument(file, type=Path)
        command.add_argument("--profiles", nargs="+", choices=sorted({profile for profile, _ in STAGES}))
        command.add_argument("--seeds", nargs="+", type=int, choices=SEEDS)
        command.add_argument("--servers", nargs="+", choices=[*GROUPS, *GROUPS["all"]], metavar="SERVER")
        if name == "record":
            command.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    profiles = options.profiles or [profile for profile, _ in STAGES]
    stages = [(profile, seed) for profile, seed in STAGES if profile in profiles and seed in (options.seeds or SEEDS)]
    servers = dict.fromkeys(server for name in options.servers or ["all"] for server in GROUPS.get(name, (name,)))
    if options.command == "record":
        return record(options.file, [(server, *stage) for stage in stages for server in servers], options.workers)
    # Without --servers also those that only a file knows.
    rows_of = [
        {key: row for key, row in rows.items() if key[1:] in stages and (key[0] in servers or not options.servers)}
        for rows in map(read, (options.before, options.after))
    ]
    return compare(*rows_of)


if __name__ == "__main__":
    sys.exit(main())
