"""The HTML report in a real browser: what a reader does with it, what axe says, and that nothing leaves the page."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.reference import serve
from support.commands import auth, command
from support.reproducing import variables
from support.suite_runner import contract

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = [name for name in ("playwright", "axe_core_python") if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.xdist_group("browser"),
]


UNFOLD = "for (const each of document.querySelectorAll('details')) each.open = true"


@dataclass
class Report:
    """A report in a browser, with everything that the page asked for or complained of."""

    page: Any
    data: dict[str, Any]
    asked: list[str]
    errors: list[str]

    def visible(self, kind: str) -> set[str]:
        return {each.get_attribute("id") for each in self.page.locator(f'[data-item="{kind}"]:visible').all()}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Reports of a conforming, a faulty and an inconclusive run; the faulty server is running still."""
    made: dict[str, Path] = {}
    with (
        serve(contract()) as right,
        serve(contract(), faults=["select-ignored", "password-case-ignored", "charset-wrong"]) as wrong,
        serve(contract(), variants=["no-data"]) as empty,
    ):
        for kind, server, status in (("conforming", right, 0), ("faulty", wrong, 1), ("inconclusive", empty, 3)):
            made[kind] = tmp_path_factory.mktemp(kind)
            zones = made[kind] / "zones.toml"
            zones.write_text('[time_zones]\n"Europe/Oslo" = "Europe/Oslo"\n"America/New_York" = "America/New_York"\n')
            run = command("run", server.url, *auth(), "--config", zones.name, "--seed", "1", cwd=made[kind])
            assert run.returncode == status, run.stdout + run.stderr
        yield made


def opened(browser: Any, folder: Path, fragment: str = "", **options: Any) -> Report:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **options)
    page = context.new_page()
    file = folder / "reports" / "index.html"
    report = Report(page, json.loads(file.with_name("results.json").read_text()), [], [])
    page.on("request", lambda request: report.asked.append(request.url))
    page.on("console", lambda message: report.errors.append(message.text))
    page.on("pageerror", lambda error: report.errors.append(str(error)))
    page.goto(file.as_uri() + fragment)
    return report


@pytest.mark.ci
@pytest.mark.slow(reason="a browser")
@pytest.mark.parametrize("kind", ["conforming", "faulty", "inconclusive"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_reader_searches_filters_and_follows_links(
    browser: Any, folders: dict[str, Path], kind: str, width: int
) -> None:
    report = opened(browser, folders[kind], viewport={"width": width, "height": 800})
    page, rows = report.page, report.data["requirements"]
    every = {row["id"] for row in rows}
    everything = page.inner_text("#shown")
    assert everything.startswith(f"{len(every)} of {len(every)} requirements, ")
    assert page.inner_text("h1") == report.data["verdict"]
    page.keyboard.press("/")
    page.keyboard.type("nulled select")
    found = report.visible("requirement")
    assert 0 < len(found) < 10
    assert any(id.startswith("SEL-") for id in found)
    page.click("#reset")
    for status in ("passed", "failed", "inconclusive"):
        page.select_option("#status", status)
        assert report.visible("requirement") == {row["id"] for row in rows if row["status"] == status}
    page.click("#reset")
    page.click("[data-choose-chapter='SO-TimeZone']")
    assert report.visible("requirement") == {id for id in every if id.startswith("TZ-")}
    page.evaluate("location.hash = '#SEL-03'")
    page.wait_for_function("document.getElementById('SEL-03').getBoundingClientRect().top < innerHeight")
    assert page.is_visible("#SEL-03")
    assert page.inner_text("#shown") == everything
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert report.errors == []
    assert [url for url in report.asked if not url.startswith("file:")] == []
    assert len(report.asked) == 1, "one file, and nothing else"


@pytest.mark.slow(reason="a browser")
@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="no curl or no bash")
def test_every_copied_line_shows_its_finding_on_the_faulty_server(browser: Any, folders: dict[str, Path]) -> None:
    report = opened(browser, folders["faulty"])
    findings = {each["id"]: each for row in report.data["requirements"] for each in row["findings"]}
    har = json.loads((folders["faulty"] / "reports" / "evidence.har").read_text())["log"]["entries"]
    assert len(findings) == 9
    report.page.evaluate(UNFOLD)
    for name, finding in findings.items():
        button = report.page.locator(f'[data-copy="curl-{name}"]')
        button.click()
        button.get_by_text("Copied").wait_for()
        copied = report.page.evaluate("navigator.clipboard.readText()")
        assert copied == finding["curl"]
        ran = subprocess.run(
            ["bash", "-c", copied], env={**os.environ, **variables()}, capture_output=True, check=False, text=True
        )
        blamed = har[finding["exchanges"][-1]]["response"]
        assert f"HTTP/1.1 {blamed['status']} " in ran.stdout
        assert ran.stdout.endswith(blamed["content"]["text"])
    assert report.errors == []


@pytest.mark.slow(reason="a browser")
@pytest.mark.parametrize("kind", ["conforming", "faulty", "inconclusive"])
@pytest.mark.parametrize("options", [
    {}, {"color_scheme": "dark"}, {"viewport": {"width": 360, "height": 800}}, {"forced_colors": "active"},
], ids=["light", "dark", "phone", "forced-colors"])  # fmt: skip
def test_axe_finds_no_violation(browser: Any, folders: dict[str, Path], kind: str, options: dict[str, Any]) -> None:
    import axe_core_python

    # Only axe itself needs the policy out of the way.
    report = opened(browser, folders[kind], bypass_csp=True, **options)
    report.page.evaluate(UNFOLD)
    report.page.add_script_tag(path=Path(axe_core_python.__file__).with_name("axe.min.js"))
    found = report.page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    assert found == []


@pytest.mark.slow(reason="a browser")
def test_everything_can_be_reached_by_keyboard(browser: Any, folders: dict[str, Path]) -> None:
    page = opened(browser, folders["faulty"]).page
    page.evaluate(UNFOLD)
    wanted = page.evaluate(
        "[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex]')]"
        ".filter(each => each.checkVisibility()).length"
    )
    reached = 0
    page.evaluate("document.body.focus()")
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'"), (
            "where the focus is can be seen"
        )
        reached += 1
    assert reached >= wanted


@pytest.mark.slow(reason="a browser")
def test_print_shows_what_is_folded(browser: Any, folders: dict[str, Path], tmp_path: Path) -> None:
    report = opened(browser, folders["faulty"])
    report.page.emulate_media(media="print")
    report.page.pdf(path=tmp_path / "report.pdf")
    assert report.page.locator("main details:not([open])").count() == 0
    assert report.page.locator("button:visible").count() == 0
    assert (tmp_path / "report.pdf").stat().st_size > 20_000
