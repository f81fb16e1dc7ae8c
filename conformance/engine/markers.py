"""pytest's markers of the suite, for ``-m``: a requirement's level, and its chapter by the name of its module."""

from __future__ import annotations

import pkgutil
from importlib.util import find_spec

import pytest

from conformance.engine.result import Level

_PREFIX = "test_"
_CHAPTERS = find_spec("conformance.requirements")

LEVEL_MARKERS = {level.value.lower(): f"requirements of the level {level.value}" for level in Level}
CHAPTER_MARKERS = {
    module.name.removeprefix(_PREFIX): f"the chapter of {module.name}"
    for module in pkgutil.iter_modules(_CHAPTERS.submodule_search_locations if _CHAPTERS else None)
    if module.name.startswith(_PREFIX)
}


def markers_of(module: str, level: Level) -> list[pytest.MarkDecorator]:
    """The markers of a requirement that is defined in that module."""
    chapter = module.rpartition(".")[2].removeprefix(_PREFIX)
    names = [level.value.lower(), *([chapter] if chapter in CHAPTER_MARKERS else [])]
    return [getattr(pytest.mark, name) for name in names]
