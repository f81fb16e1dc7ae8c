"""Limits for reading a body: how many values, and how deep, before anything is built of them.

Without these, 8 MiB of ``{},{},{}`` become 200 MB of Python objects. RFC 8259, section 9, lets a reader set such
limits; what exceeds them is not malformed.
"""

from __future__ import annotations

MAX_VALUES = 1_000_000
"""JSON: every array, object, string, number, true, false and null. XML: every element and attribute."""

MAX_DEPTH = 200
"""Arrays, objects or elements inside each other. What compares two values recurses; Python stops that at 1000 calls."""


class BeyondLimits(Exception):
    """A body that is not read because it holds too many values or is nested too deeply; says which, and the limit."""


def check_values(count: int) -> None:
    """Raise BeyondLimits if ``count`` values are too many to be read."""
    if count > MAX_VALUES:
        raise BeyondLimits(f"it holds more than {MAX_VALUES:,} values, which is the most that is read of one response")


def check_depth(depth: int) -> None:
    """Raise BeyondLimits if ``depth`` is too deep to be read."""
    if depth > MAX_DEPTH:
        raise BeyondLimits(f"it is nested more than {MAX_DEPTH} levels deep, which is the most that is read")
