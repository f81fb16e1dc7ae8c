"""Values of answers that a secret was taken out of: what they were is not known, so no comparison with them decides.

They are read as texts and numbers of their own types. ``Score.check`` decides nothing by one, and requests that would
carry one are not sent.
"""

from __future__ import annotations

from typing import Any

from conformance.client.secret_names import mark_in
from conformance.comparison.outcomes import RedactedValue


class RedactedText(str):
    """A text with a mark in it."""

    __slots__ = ()


class RedactedNumber(int):
    """The number that stands for a secret in JSON."""


def as_redacted(value: Any) -> Any:
    """A parsed value in which the texts and numbers that hold a mark are known as such.

    Raises RedactedValue if a name in it holds one: then even the properties of an element are not known.
    """
    if isinstance(value, dict):
        for name in value:
            if mark_in(name):
                raise RedactedValue(name)
        return {name: as_redacted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_redacted(item) for item in value]
    if isinstance(value, str):
        return RedactedText(value) if mark_in(value) else value
    if isinstance(value, int) and not isinstance(value, bool):
        return RedactedNumber(value) if mark_in(str(value)) else value
    return value


def redacted_in(*values: Any) -> str:
    """The first redacted value in these values as text; empty if there is none."""
    for value in values:
        if isinstance(value, RedactedText | RedactedNumber):
            return str(value)
        if isinstance(value, dict | list | tuple):
            found = redacted_in(*(value.values() if isinstance(value, dict) else value))
            if found:
                return found
    return ""


def without_types(value: Any) -> Any:
    """A value as it was parsed, for libraries that know only the types of JSON."""
    if isinstance(value, dict):
        return {name: without_types(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_types(item) for item in value]
    if isinstance(value, RedactedText):
        return str(value)
    return int(value) if isinstance(value, RedactedNumber) else value
