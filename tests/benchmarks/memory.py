"""What a run needs of memory, live and with all its reports, for contracts of a growing number of operations.

    python tests/benchmarks/memory.py [OPERATIONS...] [--command]

An operation takes about 400 exchanges: 3, 50 and 250 operations give about 1,000, 20,000 and 100,000. The contract is the
reference page under other ids and paths, the target the reference server in a process of its own. Each run is in a process
of its own too, so that its peak memory is its own: that of the engine alone (a journal, no pytest), or with --command that
of `conformance run`. Peaks are to stay within 20 % of the first one.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from conformance.contract.folder import load  # noqa: E402
from conformance.engine.config import Config  # noqa: E402
from conformance.engine.run import Run  # noqa: E402
from conformance.engine.settings import Settings  # noqa: E402
from conformance.pages.compile import derive_pages  # noqa: E402
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, serve  # noqa: E402
from conformance.reporting.conclude import conclude  # noqa: E402
from conformance.reporting.journaling import keep_journal  # noqa: E402
from conformance.requirements import load_requirements  # noqa: E402

PAGE = next((ROOT / "schemas/pages").glob("*.md"))
NAME = PAGE.stem.partition("_")[2]
OPERATIONS = (3, 50, 250)


def multiplied(count: int, folder: Path) -> Path:
    """A contract folder with this many operations, each like the one of the reference page."""
    text, pages = PAGE.read_text(encoding="utf-8"), folder / "pages"
    pages.mkdir()
    for number in range(count):
        page = text.replace(NAME, f"{NAME}{number:04}")
        (pages / f"{PAGE.stem}{number:04}.md").write_text(page, encoding="utf-8")
    report = derive_pages([pages], folder / "schemas", workers=1)
    if report.errors:
        raise SystemExit(report.errors[0])
    return folder / "schemas"


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def serve_forever(schemas: Path) -> None:
    """The target: prints its URL, and ends with its standard input."""
    with serve(load(schemas)) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def measure(url: str, schemas: Path, reports: Path) -> None:
    """Run, and print what it took."""
    load_requirements()
    settings = Settings(target=url, auth=DEMO_AUTH, schemas=schemas, seed=1, reports=reports)
    run = Run(settings, Config(time_zones=DEMO_TIME_ZONES))
    loaded = peak()
    keep_journal(run)
    began = time.perf_counter()
    run.execute_all()
    live, took = peak(), time.perf_counter() - began
    began = time.perf_counter()
    results = conclude(run)
    run.close()
    if run.unwritten is not None:
        raise SystemExit(str(run.unwritten))
    sys.stdout.write(
        f"{len(run.probes):>4} operations, {results.run.requests:>7} exchanges: contract {loaded:.0f} MB, run {live:.0f} MB "
        f"({took:.0f} s), with reports {peak():.0f} MB ({time.perf_counter() - began:.1f} s); {results.verdict.value}\n"
    )


def command(url: str, schemas: Path, reports: Path) -> None:
    """Run the command, and print what it took."""
    words = ["run", url, "--schemas", str(schemas), "--reports", str(reports), "--seed", "1", "-q"]
    words += [word for auth in DEMO_AUTH for word in ("--auth", auth)]
    status = subprocess.run([sys.executable, "-m", "conformance", *words], check=False).returncode
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(f"conformance run: {most:.0f} MB, exit status {status}\n")


STEPS = {"serve": serve_forever, "run": measure, "command": command}


def main() -> None:
    """Measure each number of operations."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("operations", type=int, nargs="*", default=OPERATIONS)
    parser.add_argument("--command", action="store_true", help="measure the command, pytest included")
    options = parser.parse_args()
    for count in options.operations:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            schemas = multiplied(count, folder)
            words = [sys.executable, __file__]
            with subprocess.Popen(
                [*words, "serve", str(schemas)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as server:
                assert server.stdout is not None
                url = server.stdout.readline().strip()
                step = "command" if options.command else "run"
                subprocess.run([*words, step, url, str(schemas), str(folder / "reports")], check=True)
                server.communicate()


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in STEPS:
        if sys.argv[1] == "serve":
            serve_forever(Path(sys.argv[2]))
        else:
            STEPS[sys.argv[1]](sys.argv[2], *map(Path, sys.argv[3:]))  # type: ignore[operator]
    else:
        main()
