"""What a shell may complete: ids of requirements, faults and variants, names of profiles."""

from __future__ import annotations

from typing import Any


def profiles(context: Any, parameter: Any, beginning: str) -> list[str]:
    """The profiles."""
    from conformance.engine.profile import PROFILES

    return [name for name in PROFILES if name.startswith(beginning)]


def requirements(context: Any, parameter: Any, beginning: str) -> list[str]:
    """The ids of requirements."""
    from conformance.requirements import load_requirements

    return [id for id in load_requirements() if id.startswith(beginning.upper())]


def faults(context: Any, parameter: Any, beginning: str) -> list[str]:
    """The faults of the reference server."""
    from conformance.reference import FAULTS

    return [id for id in FAULTS if id.startswith(beginning)]


def variants(context: Any, parameter: Any, beginning: str) -> list[str]:
    """The variants of the reference server."""
    from conformance.reference import VARIANTS

    return [id for id in VARIANTS if id.startswith(beginning)]
