"""How many findings are shown again by what the report offers: curl lines pasted into a shell, and replay.

    python tests/benchmarks/reproduce.py [--workers 2] [FAULT...]

Runs the suite against each fault of the reference server (by default all) and shows every finding again: its curl lines
against the server that is still running, which must answer as it did where a correct one does not, and replay against one
that was just started. Prints those that are not shown, then the sums; ends with 1 where there were any.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.reference import FAULTS
from conformance.reporting.reproduction.replay import ReplayOutcome
from support.reproducing import show_again


def main() -> int:
    """Show all and count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("faults", nargs="*", choices=[[], *FAULTS], metavar="FAULT")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    faults = options.faults or list(FAULTS)
    curl = replay = count = 0
    with ProcessPoolExecutor(options.workers) as pool:
        for fault, shown in zip(faults, pool.map(show_again, faults), strict=True):
            for each in shown:
                count += 1
                curl += not each.curl
                replay += each.replay is ReplayOutcome.REPRODUCED
                if not each.is_shown:
                    sys.stdout.write(f"{fault}: {each.finding}: curl: {each.curl or 'shown'}; replay: {each.replay}\n")
    sys.stdout.write(f"{len(faults)} faults, {count} findings: {curl} shown by their curl lines, {replay} by replay\n")
    return 1 if min(curl, replay) < count else 0


if __name__ == "__main__":
    sys.exit(main())
