"""pytest's markers of the suite, for ``-m``: a requirement's level, and its chapter by the name of its module."""

from __future__ import annotations

import pkgutil
from pathlib import Path

import pytest

from conformance.suite.result import Level

_PREFIX = "test_"

LEVEL_MARKS = {level.value.lower(): f"requirements of the level {level.value}" for level in Level}
CHAPTER_MARKS = {
    module.name.removeprefix(_PREFIX): f"the chapter of {module.name}"
    for module in pkgutil.iter_modules([str(Path(__file__).parent)])
    if module.name.startswith(_PREFIX)
}


def marks_of(module: str, level: Level) -> list[pytest.MarkDecorator]:
    """The markers of a requirement that is defined in that module."""
    chapter = module.rpartition(".")[2].removeprefix(_PREFIX)
    names = [level.value.lower(), *([chapter] if chapter in CHAPTER_MARKS else [])]
    return [getattr(pytest.mark, name) for name in names]
