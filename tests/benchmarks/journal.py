"""What the journal costs: milliseconds for each exchange, and the memory of reading many of them.

    python tests/benchmarks/journal.py [COUNT...]

Bodies have 2 to 20 KB, every second one is new. Reading runs in a process of its own, so that its peak memory is its own:
all exchanges are iterated over, with every body. At most 0.3 ms for each exchange, and memory that does not grow.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from conformance.journal.reader import JournalReader  # noqa: E402
from conformance.journal.writer import Journal  # noqa: E402
from support.journals import body_of, exchange_of  # noqa: E402

SIZES = (2_000, 5_000, 10_000, 20_000)
COUNTS = (1_000, 20_000, 100_000)
READ = "--read"


def say(line: str) -> None:
    """Print a line, before another process prints its own."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def write(path: Path, count: int) -> None:
    """Write this many exchanges; making them is not measured."""
    base = [body_of(size, seed) for seed, size in enumerate(SIZES)]
    journal = Journal.create(path)
    costs = []
    cpu = 0.0
    for number in range(count):
        # A number in front makes another body of it.
        new = b"%d" % (number // 2) + base[number // 2 % len(base)]
        exchange = exchange_of(number, new)
        start, used = time.perf_counter(), time.thread_time()
        journal.add_exchange(exchange)
        costs.append((time.perf_counter() - start) * 1000)
        cpu += time.thread_time() - used
    start = time.perf_counter()
    journal.close()
    closing = time.perf_counter() - start
    if journal.problem:
        raise SystemExit(journal.problem)
    costs.sort()
    say(
        f"{count:>7} written: mean {statistics.fmean(costs):.3f} ms (CPU {cpu / count * 1000:.3f}), median "
        f"{costs[count // 2]:.3f}, 99 % {costs[count * 99 // 100]:.3f}, most {costs[-1]:.1f}; closing {closing:.2f} s; "
        f"{path.stat().st_size / 1e6:.1f} MB"
    )


def read(path: Path) -> None:
    """Read all of it, and say what that took."""
    start = time.perf_counter()
    count = size = 0
    with JournalReader(path) as reader:
        for exchange in reader.exchanges():
            count += 1
            size += len(exchange.response.body) if exchange.response else 0
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        for _ in reader.exchanges():
            pass
        bare = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(
        f"{count:>7} read: {seconds:.2f} s with {size / 1e6:.0f} MB of bodies, {bare:.2f} s without; peak {peak:.1f} MiB"
    )


def main() -> None:
    """Write and read journals of these sizes."""
    if sys.argv[1:2] == [READ]:
        read(Path(sys.argv[2]))
        return
    for count in [int(each) for each in sys.argv[1:]] or COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "journal.sqlite"
            write(path, count)
            subprocess.run([sys.executable, __file__, READ, str(path)], check=True)


if __name__ == "__main__":
    main()
