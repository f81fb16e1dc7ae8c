"""pytest's own options work on collected requirements: -k, -m, -x, --lf, --junitxml, --html; and the requirement hook."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.reference import DEMO_AUTH, RunningServer
from support.suite_runner import contract

CONFTEST = """
from pathlib import Path
from conformance import hookimpl

@hookimpl
def conformance_requirements():
    return [Path(__file__).with_name("acme_rules.py")]
"""
CUSTOM = '''
"""Acme rules."""
from conformance import SHOULD, Probe, expect_success, principle, requirement

@requirement("ACME-01", SHOULD, "The baseline request is successful", source=principle("Acme"))
def test_it(ask: Probe) -> None:
    """The baseline request."""
    expect_success(ask, ask.baseline(), "the baseline request")
'''


def run(server: RunningServer, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    line = [
        sys.executable,
        "-m",
        "pytest",
        "--pyargs",
        "conformance.requirements",
        "-q",
        "-n",
        "0",
        "--conformance-seed",
        "1",
    ]
    given = ["--target", server.url, "--auth", DEMO_AUTH[0], "--reports", "reports", *options]
    return subprocess.run([*line, *given], cwd=folder, capture_output=True, text=True, timeout=100)


def test_the_operation_is_a_part_of_the_node_id(faulty: RunningServer, tmp_path: Path) -> None:
    """``--lf`` and the distribution over workers go by node ids."""
    ended = run(faulty, tmp_path, "-k", "SEL-03", "--collect-only")
    operation = contract().operations[0].operation.id
    (collected,) = [line for line in ended.stdout.splitlines() if "::" in line]
    assert collected.endswith(f"[{operation}]"), ended.stdout + ended.stderr


def test_by_id_with_the_reports_of_pytest(faulty: RunningServer, tmp_path: Path) -> None:
    ended = run(faulty, tmp_path, "-k", "SEL-03 or SEL-12", "--junitxml", "junit.xml", "--html", "page.html")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "test_query_select" in page or "query_select/" in page


@pytest.mark.slow(reason="runs of pytest in processes of their own")
def test_it_ends_at_the_first_failure_and_tries_it_first_the_next_time(faulty: RunningServer, tmp_path: Path) -> None:
    chosen = ["-m", "query_select and must", "-o", "cache_dir=cache"]
    first = run(faulty, tmp_path, *chosen, "-x")
    assert "1 failed" in first.stdout
    assert "stopping after 1 failures" in first.stdout
    again = run(faulty, tmp_path, *chosen, "--lf")
    assert "1 failed" in again.stdout
    assert "passed" not in again.stdout.splitlines()[-1]


@pytest.mark.slow(reason="runs of pytest in processes of their own")
def test_a_conftest_brings_requirements(faulty: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "acme_rules.py").write_text(CUSTOM)
    ended = run(faulty, tmp_path, "-k", "ACME-01")
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr
