"""A table of contents: the chapters of requirements in order, and the modules of each."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence

import msgspec


class Chapter(msgspec.Struct, frozen=True):
    """One chapter: the module ``test_<name>``, or the package ``<name>`` with one module for each of ``sections``."""

    name: str
    title: str
    sections: tuple[str, ...] = ()

    def modules(self, package: str) -> Iterator[str]:
        """The full names of its modules, in order."""
        if not self.sections:
            yield f"{package}.test_{self.name}"
        for section in self.sections:
            yield f"{package}.{self.name}.test_{section}"


class Contents:
    """The chapters of a package of requirements, in the order of the documentation page."""

    def __init__(self, package: str, chapters: Sequence[Chapter]) -> None:
        self.chapters = tuple(chapters)
        found = [(module, chapter) for chapter in chapters for module in chapter.modules(package)]
        self._chapters = dict(found)
        self._places = {module: place for place, (module, _) in enumerate(found)}
        _ALL.append(self)

    def load(self) -> None:
        """Import every module, so that its requirements are registered."""
        for module in self._chapters:
            importlib.import_module(module)

    def chapter(self, module: str) -> Chapter | None:
        """The chapter that a module belongs to, or None."""
        return self._chapters.get(module)

    def place(self, module: str) -> int | None:
        """The position of a module in the table, or None."""
        return self._places.get(module)


_ALL: list[Contents] = []


def chapter_of(module: str) -> Chapter | None:
    """The chapter of a module in any table of contents, or None."""
    return next((found for found in (each.chapter(module) for each in _ALL) if found), None)


def place_of(module: str) -> int:
    """The position of a module; a module that is in no table of contents comes last."""
    places = (each.place(module) for each in _ALL)
    return next((place for place in places if place is not None), 1_000_000)
