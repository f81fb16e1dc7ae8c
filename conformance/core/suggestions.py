"""Names that were mistyped: the nearest valid one, for a message."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def nearest(name: str, valid: Iterable[str], *, cutoff: float = 0.5) -> str:
    """``; did you mean X?`` for the nearest valid name, or nothing if none is similar enough (``cutoff``)."""
    by_lower = {candidate.lower(): candidate for candidate in valid}
    # SEL-3, SEL3 and sel_03 are all SEL-03.
    same = next((candidate for lower, candidate in by_lower.items() if _bare(lower) == _bare(name.lower())), None)
    if same is not None:
        return f"; did you mean {same}?"
    found = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=cutoff)
    return f"; did you mean {by_lower[found[0]]}?" if found else ""


def _bare(name: str) -> str:
    return re.sub(r"0*(\d+)", r"\1", re.sub(r"[^a-z0-9]", "", name))
