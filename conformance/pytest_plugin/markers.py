"""pytest's markers, for ``-m``: a requirement's level, and its chapter by the name of its module."""

from __future__ import annotations

import pytest

from conformance.engine.chapters import chapter_of
from conformance.engine.requirement import Requirement
from conformance.engine.result import Level
from conformance.requirements import CONTENTS

LEVEL_MARKERS = {level.value.lower(): f"requirements of the level {level.value}" for level in Level}
CHAPTER_MARKERS = {chapter.name: f"the chapter {chapter.title}" for chapter in CONTENTS.chapters}
REQUIREMENT_MARKER = (
    "requirement(id, level): what the documentation or a standard asks of the server (MUST, SHOULD, MAY)"
)


def markers_of(requirement: Requirement) -> list[pytest.MarkDecorator]:
    """The markers of a requirement."""
    chapter = chapter_of(requirement.module)
    names = [requirement.level.value.lower(), *([chapter.name] if chapter else [])]
    marker = pytest.mark.requirement(requirement.id, requirement.level.value)
    return [marker, *(getattr(pytest.mark, name) for name in names)]
