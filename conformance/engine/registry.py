"""The requirements that are loaded: a decorator registers each one, and the catalogue lists them in order.

    @requirement("SEL-03", MUST, "Every property that was not selected is nulled", source=query("$select"),
                 fault="select-ignored", names=selections)
    def test_the_rest_is_nulled(ask: Probe, names: list[str]) -> None: ...

Keyword arguments that the decorator does not know are draws: functions from ``Probe`` to a Hypothesis strategy. The
function gets ``ask`` and the drawn values, and sends requests through ``ask`` only.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import TypeVar

from conformance.engine.chapters import chapter_of, place_of
from conformance.engine.requirement import Draw, Requirement, Source
from conformance.engine.result import Level

F = TypeVar("F", bound=Callable[..., None])

_BY_ID: dict[str, Requirement] = {}
_BY_FUNCTION: dict[Callable[..., None], Requirement] = {}


def requirement(
    id: str,
    level: Level,
    title: str,
    *,
    source: Source,
    fault: str | tuple[str, ...] = (),
    observes_all: bool = False,
    smoke: bool = False,
    installation: str = "",
    judges_baseline: bool = False,
    judges_disturbed: bool = False,
    **draws: Draw,
) -> Callable[[F], F]:
    """Register a test function as a requirement; the function itself is not changed.

    The chapter of a custom requirement is the first line of its module's docstring. Raises ValueError if the id is
    defined twice.
    """

    def register(function: F) -> F:
        module = function.__module__
        chapter = chapter_of(module)
        custom = (inspect.getdoc(sys.modules[module]) or module).partition("\n")[0].rstrip(".")
        if id in _BY_ID:
            raise ValueError(f"requirement {id} is defined twice: {module}.{function.__qualname__}")
        _BY_ID[id] = _BY_FUNCTION[function] = Requirement(
            id=id,
            level=level,
            title=title,
            chapter=chapter.title if chapter else custom,
            module=module,
            source=source,
            faults=(fault,) if isinstance(fault, str) else fault,
            body=function,
            draws=draws,
            observes_all=observes_all,
            smoke=smoke,
            installation=installation,
            judges_baseline=judges_baseline,
            judges_disturbed=judges_disturbed,
        )
        return function

    return register


def catalogue() -> dict[str, Requirement]:
    """The requirements by id: those of a table of contents in its order, the others after them."""
    ordered = sorted(_BY_ID.values(), key=lambda each: place_of(each.module))
    return {each.id: each for each in ordered}


def requirement_of(function: object) -> Requirement | None:
    """The requirement that was registered with this function, or None."""
    return _BY_FUNCTION.get(function) if inspect.isfunction(function) else None
