"""How long ``conformance run`` takes against the embedded reference server, and how many requests it sends.

    python tests/benchmarks/reference_run.py [RUNS]

Whole processes, one after the other, with one seed; prints requests, and the least, middle and greatest seconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runs", type=int, nargs="?", default=5)
    runs = parser.parse_args().runs
    for profile in ("smoke", "standard", "certify"):
        seconds, digests = [], set()
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(runs):
                began = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "conformance", "run", "-q", "--seed", "1", "--profile", profile],
                    cwd=folder,
                    check=True,
                )
                seconds.append(time.perf_counter() - began)
                results = json.loads((Path(folder) / "reports/results.json").read_text())
                digests.add(results["run"]["requests_digest"])
        passed = sum(each["status"] == "passed" for each in results["requirements"])
        sys.stdout.write(
            f"{profile:8} {results['verdict']}: {passed} passed, {results['run']['requests']} requests, "
            f"{min(seconds):.1f} / {statistics.median(seconds):.1f} / {max(seconds):.1f} s, "
            f"{'the same requests each time' if len(digests) == 1 else 'NOT the same requests each time'}\n"
        )


if __name__ == "__main__":
    main()
