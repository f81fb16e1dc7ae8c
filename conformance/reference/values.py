"""What the data holds beyond plain JSON values: text in several languages, numbers and days inside text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

FALLBACK = "US"
"""The language of text that lacks the one asked for."""


class Text(msgspec.Struct, frozen=True):
    """Text in several languages by the vendor's code, or a reference to such; ``raw`` is what is stored."""

    raw: str
    parts: dict[str, str]

    def translated(self, language: str) -> str:
        """The text in a language, else in the fallback language, else as it is stored."""
        return self.parts.get(language) or self.parts.get(FALLBACK) or self.raw


def text(**parts: str) -> Text:
    """Multi-language text: ``NO:"...";US:"..."``."""
    return Text(";".join(f'{code}:"{part}"' for code, part in parts.items()), parts)


def reference(name: str, **parts: str) -> Text:
    """A string resource: ``[SR_NAME]``."""
    return Text(f"[SR_{name}]", parts)


class Number(msgspec.Struct, frozen=True):
    """A number that is sent as text."""

    value: Decimal


class Day(msgspec.Struct, frozen=True):
    """A date that is sent as text."""

    value: date


Element = dict[str, Any]
"""One element: documented names to JSON values, datetimes, and the values above."""
