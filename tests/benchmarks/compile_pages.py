"""How fast pages compile, beside the time that only reading and parsing their Markdown takes.

    python tests/benchmarks/compile_pages.py [FOLDER_OF_PAGES] [--rounds 3] [--count 600]

Without a folder, pages are made: copies of the project's own, each with names of its own. Every measurement is a
process of its own; the four kinds take turns, so that they share what else the machine does. Prints pages a second,
the ratio to reading and parsing alone, the largest memory of any process, and the same for half of the pages, which
shows that the time grows with their number alone.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAGE = next((Path(__file__).parents[2] / "schemas" / "pages").glob("*.md"))


def parse_only(pages: list[Path]) -> None:
    """Read and parse each page with the Markdown library, as it comes, and do nothing more."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.front_matter import front_matter_plugin

    markdown = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)
    for page in pages:
        markdown.parse(page.read_text(encoding="utf-8"))


def compile_pages(pages: list[Path], workers: int, out: Path) -> None:
    """Derive the contract of each page into a new folder."""
    from conformance.pages.compile import derive_pages

    report = derive_pages(pages, out, workers=workers)
    if report.errors or len(report.index.pages) != len(pages):
        raise SystemExit("\n".join(report.errors) or "pages are missing")


KINDS = {"read and parse": 0, "compile, 1 process": 1, "compile, 2 processes": 2}


def measure(kind: str, folder: Path, share: float, outs: Path) -> tuple[float, float]:
    """Seconds and megabytes (of the largest process) of one kind in a process of its own, its start not counted."""
    command = [sys.executable, __file__, str(folder), "--measure", kind, "--share", str(share)]
    ended = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(outs)})
    if ended.returncode:
        raise SystemExit(ended.stderr)
    seconds, megabytes = ended.stdout.split()
    return float(seconds), float(megabytes)


def run_measured(kind: str, folder: Path, share: float) -> None:
    """What the process of a measurement does."""
    pages = pages_in(folder)
    pages = pages[: max(1, round(len(pages) * share))]
    # Imports are the start of a process, not the compiling of pages.
    import conformance.pages.compile  # noqa: F401

    # Removed with all others when everything is measured: a disk that still forgets files is slow to make new ones.
    out = Path(tempfile.mkdtemp())
    started = time.perf_counter()
    if KINDS[kind]:
        compile_pages(pages, KINDS[kind], out)
    else:
        parse_only(pages)
    seconds = time.perf_counter() - started
    # Kilobytes on Linux.
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    sys.stdout.write(f"{seconds} {used / 1024}\n")


def pages_in(folder: Path) -> list[Path]:
    """The pages of a folder, without the fragments that pages include."""
    return [page for page in sorted(folder.rglob("*.md")) if not page.read_text(encoding="utf-8").startswith("```")]


def generated(folder: Path, count: int) -> None:
    """Copies of the project's page, each with an id, a path and property names of its own."""
    text = PAGE.read_text(encoding="utf-8")
    for number in range(count):
        own = text.replace("GetBatchTaskInfosByAssociatesAndState", f"Get{number}").replace(
            "Progress", f"Progress{number}"
        )
        (folder / f"page{number}.md").write_text(own, encoding="utf-8")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=600, help="how many pages to make")
    parser.add_argument("--measure", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--share", type=float, default=1.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        run_measured(options.measure, options.folder, options.share)
        return
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as outs:
        folder = options.folder or Path(made)
        if options.folder is None:
            generated(folder, options.count)
        compare(folder, options.rounds, Path(outs))


def compare(folder: Path, rounds: int, outs: Path) -> None:
    """Measure each kind in turn, and print what came of it."""
    count = len(pages_in(folder))
    whole: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    half: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        for kind in KINDS:
            whole[kind].append(measure(kind, folder, 1.0, outs))
            half[kind].append(measure(kind, folder, 0.5, outs)[0])
    baseline = statistics.median(seconds for seconds, _ in whole["read and parse"])
    sys.stdout.write(f"{count} pages, median of {rounds}\n")
    for kind, found in whole.items():
        seconds = statistics.median(each for each, _ in found)
        ratio = f"{seconds / baseline:.2f} times reading and parsing"
        growth = f"{seconds / statistics.median(half[kind]):.2f} times half of the pages"
        memory = max(megabytes for _, megabytes in found)
        pace = f"{seconds:6.2f} s  {count / seconds:6.0f} pages/s"
        sys.stdout.write(f"{kind:22} {pace}  {ratio}, {growth}, {memory:.0f} MB\n")


if __name__ == "__main__":
    main()
