"""How thoroughly a run searches."""

from __future__ import annotations

import msgspec

from conformance.core.errors import InputError


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """``examples`` a drawn requirement; ``shrinks`` requests to make a failure smaller.

    With ``smoke_only`` only the requirements that are marked for it run.
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
    """The profile of that name; raises InputError that lists the names."""
    if name not in PROFILES:
        raise InputError(f"--profile: there is no profile {name!r}; use one of {', '.join(PROFILES)}")
    return PROFILES[name]
