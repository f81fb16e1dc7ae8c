"""Ids of requirements in a sentence: ranges instead of long lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conformance.engine.result import RequirementResult

_SHOWN = 8


def id_ranges(ids: Sequence[str]) -> str:
    """``XSRF-01 to XSRF-05 and APP-01``: three or more numbers in a row are a range; the order stays."""
    parts: list[str] = []
    for run in _runs(list(dict.fromkeys(ids))):
        parts += [f"{run[0]} to {run[-1]}"] if len(run) > 2 else run
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def some_ids(results: Sequence[RequirementResult]) -> str:
    """The ids, each once, in order; the first few if they are many."""
    names = list(dict.fromkeys(result.id for result in results))
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _runs(ids: Sequence[str]) -> list[list[str]]:
    """The ids, those with consecutive numbers together."""
    runs: list[list[str]] = []
    for name in ids:
        if runs and _next(runs[-1][-1]) == name:
            runs[-1].append(name)
        else:
            runs.append([name])
    return runs


def _next(name: str) -> str:
    found = re.fullmatch(r"(.*?)(\d+)", name)
    return f"{found[1]}{int(found[2]) + 1:0{len(found[2])}}" if found else ""
