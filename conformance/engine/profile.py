"""The profiles: how thoroughly a run searches."""

from __future__ import annotations

import msgspec

from conformance.core.errors import InputError


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """``examples`` is the number of draws for each requirement that draws, ``shrinks`` the number of requests to
    shrink a failure.

    With ``smoke_only`` only the requirements that are marked with ``smoke`` are tried.
    """

    name: str
    examples: int
    shrinks: int
    smoke_only: bool = False


PROFILES = {
    "smoke": Profile(name="smoke", examples=1, shrinks=0, smoke_only=True),
    "standard": Profile(name="standard", examples=4, shrinks=12),
    "certify": Profile(name="certify", examples=40, shrinks=60),
}


def find_profile(name: str) -> Profile:
    """The profile with this name. Raises InputError that lists the names."""
    if name not in PROFILES:
        raise InputError(f"--profile: there is no profile {name!r}; use one of {', '.join(PROFILES)}")
    return PROFILES[name]
