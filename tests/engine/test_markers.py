"""pytest's ``-m`` chooses requirements by level and chapter."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conformance.engine.requirement import Level
from conformance.pytest_plugin.markers import CHAPTER_MARKERS, LEVEL_MARKERS
from conformance.requirements import load_requirements
from support.suite_runner import contract


def collected(expression: str) -> set[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--pyargs",
        "conformance.requirements",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    options = ["--strict-markers", "-m", expression, "--target", "http://127.0.0.1:1"]
    ended = subprocess.run([*command, *options], capture_output=True, text=True, timeout=60)
    return {line for line in ended.stdout.splitlines() if "::" in line}


@pytest.mark.slow(reason="many collections under pytest")
def test_levels_and_chapters() -> None:
    levels = {name: collected(name) for name in LEVEL_MARKERS}
    assert sum(len(each) for each in levels.values()) == len(collected(" or ".join(LEVEL_MARKERS)))
    must = [each for each in load_requirements().values() if each.level is Level.MUST]
    assert len(levels["must"]) == len(must) * len(contract().operations)
    assert not levels["must"] & levels["should"]
    select = collected("query_select")
    assert select
    assert all("query_select" in each for each in select)
    assert collected("query_select and must") == select & levels["must"]


def test_every_requirement_has_its_markers() -> None:
    assert len(CHAPTER_MARKERS) == 12
    assert set(LEVEL_MARKERS) == {each.level.value.lower() for each in load_requirements().values()}


@pytest.mark.parametrize("name", [*LEVEL_MARKERS, *CHAPTER_MARKERS])
def test_a_marker_says_what_it_is(name: str) -> None:
    assert {**LEVEL_MARKERS, **CHAPTER_MARKERS}[name]
    assert name.isidentifier()
