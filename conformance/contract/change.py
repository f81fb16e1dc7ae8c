"""One difference between two contracts, and what it does to a client of the old one."""

from __future__ import annotations

import enum

import msgspec


class Effect(enum.StrEnum):
    """What a change does to a client of the old contract."""

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    WORDING = "wording"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: the operation, what it is about, and the lines of both pages (0 if there is none)."""

    operation: str
    effect: Effect
    about: str
    message: str
    page: str
    old_line: int = 0
    new_line: int = 0
