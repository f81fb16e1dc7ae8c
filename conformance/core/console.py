"""The terminal that messages go to, in color or not (``--color``)."""

from __future__ import annotations

from typing import IO, Any

from rich.console import Console


def color_of(when: str) -> dict[str, Any]:
    """What makes a ``Console`` obey ``--color``: ``auto``, ``always`` or ``never``.

    ``auto`` leaves it to the terminal, and to NO_COLOR and FORCE_COLOR. ``always`` does not treat a file as a
    terminal: there is no animation in it.
    """
    if when == "auto":
        return {}
    return {"color_system": "standard" if when == "always" else None}


def console(when: str, file: IO[str] | None = None) -> Console:
    """A console in that color."""
    return Console(file=file, **color_of(when))
