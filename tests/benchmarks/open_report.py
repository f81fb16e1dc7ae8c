"""How big the HTML report of a big run is, and how long a browser takes to open it.

    python tests/benchmarks/open_report.py [--times 5]

A run of 50 operations, 5,000 exchanges and 1,600 findings, generated; opened by Chromium from a file, each time in a new
context. Prints the size, and the seconds until the page was loaded and until a search had filtered it.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.reporting.html.document import html
from support.big_report import PAGES, big
from support.suite_runner import contract


def main() -> int:
    """Write, open, measure; ends with 2 where there is no browser."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("no Chromium is installed\n")
        return 2
    from playwright.sync_api import sync_playwright

    results, exchanges = big()
    began = time.perf_counter()
    page = html(results, exchanges, contract(), PAGES)
    written = time.perf_counter() - began
    opened, searched = [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "index.html"
        file.write_bytes(page)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(options.times):
            context = browser.new_context()
            tab = context.new_page()
            began = time.perf_counter()
            tab.goto(file.as_uri())
            opened.append(time.perf_counter() - began)
            began = time.perf_counter()
            tab.fill("#search", "x-03 op7")
            shown = tab.inner_text("#shown")
            if f" of {len(results.requirements)} requirements" not in shown or shown.startswith("4800"):
                sys.stderr.write(f"the search did not filter: {shown}\n")
                return 1
            searched.append(time.perf_counter() - began)
            context.close()
        browser.close()
    rows = len(results.requirements)
    sys.stdout.write(
        f"{len(exchanges)} exchanges, {rows} results: {len(page) / 1e6:.1f} MB, written in {written:.1f} s, "
        f"opened in {statistics.median(opened):.2f} s (at most {max(opened):.2f}), "
        f"searched in {statistics.median(searched):.2f} s\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
