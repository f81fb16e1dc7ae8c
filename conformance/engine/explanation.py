"""What ``conformance explain`` says about a requirement without a run: what its level means, what can make it
inconclusive, and where it is defined."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import conformance
from conformance.comparison.outcomes import Inconclusive
from conformance.engine.requirement import Requirement
from conformance.engine.result import Level
from conformance.engine.score import Score

LEVELS = {
    Level.MUST: "a failure makes the server non-conformant; if it is inconclusive, so is the verdict",
    Level.SHOULD: "a failure is a warning, and fails the run with --strict",
    Level.MAY: "the behaviour of the server is recorded, never judged",
}

_MAX_DEPTH = 3
_EXPLAINED = ("conformance.requirements", "conformance.assertions")


def defined_at(requirement: Requirement) -> str:
    """File and line of the requirement; the file relative to the package's parent, or to the working directory."""
    file = Path(inspect.getsourcefile(requirement.body) or "").resolve()
    package, here = Path(conformance.__file__).resolve().parent, Path.cwd()
    if file.is_relative_to(package):
        file = file.relative_to(package.parent)
    elif file.is_relative_to(here):
        file = file.relative_to(here)
    return f"{file.as_posix()}:{inspect.getsourcelines(requirement.body)[1]}"


def inconclusive_because(requirement: Requirement) -> list[str]:
    """The reasons for being inconclusive in the code of the requirement and of the functions that it calls."""
    found = dict.fromkeys(_reasons(requirement.body, set(), _MAX_DEPTH))
    return [*found, "no comparison could be made with the target's data"]


def _reasons(function: Callable[..., Any], seen: set[str], depth: int) -> Iterator[str]:
    name = f"{function.__module__}.{function.__qualname__}"
    if depth == 0 or name in seen or not function.__module__.startswith(_EXPLAINED):
        return
    seen.add(name)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    module = vars(sys.modules[function.__module__])
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in (Inconclusive.__name__, Score.leave_inconclusive.__name__) and node.args:
            yield _text(node.args[0])
        other = module.get(called)
        if inspect.isfunction(other):
            yield from _reasons(other, seen, depth - 1)


def _text(node: ast.expr) -> str:
    """A message as it is in the code, with ``...`` for values that only a run knows."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values)
    return "..."
