"""Texts in several languages, and numbers and dates inside them, as a server of this kind converts them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

# The codes in the data, beside the ISO code that a client sends.
CODES = {"US": "en", "NO": "nb", "GE": "de", "FR": "fr", "SW": "sv"}
PART = re.compile(r'([A-Z]{2}):"([^"]*)"(?:;|$)')
WHOLE = re.compile(r'(?:[A-Z]{2}:"[^"]*"(?:;|$))+')
REFERENCE = re.compile(r"\[(SR_[A-Z_]+)\]")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SAME = {"no": "nb", "nn": "nb"}


@dataclass(frozen=True)
class Number:
    """A number that the interface documents as a string."""

    value: Decimal

    def neutral(self) -> str:
        return str(self.value)

    def local(self, culture: str) -> str:
        return format_decimal(self.value, locale=culture, decimal_quantization=False)


@dataclass(frozen=True)
class Day:
    """A date that the interface documents as a string."""

    value: dt.date

    def neutral(self) -> str:
        return self.value.isoformat()

    def local(self, culture: str) -> str:
        return format_date(self.value, format="short", locale=culture)


@dataclass(frozen=True)
class Counted:
    """A text with one number in it: `text` holds {} in each language."""

    text: str
    number: Number


def is_locale(tag: str) -> bool:
    """True if the tag names a culture that exists."""
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, TypeError, LookupError):
        return False
    except Exception:  # Babel has an error class of its own for a locale that it has no data for.
        return False
    return True


def languages_of(header: str) -> list[str]:
    """ISO codes in the order in which a client wants them; a weight of 0 and what cannot be read are left out."""
    wanted: list[tuple[float, str]] = []
    for item in header.split(","):
        tag, *parameters = [part.strip() for part in item.split(";")]
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        code = tag.split("-")[0].lower()
        if code and 0 < weight <= 1:
            wanted.append((weight, SAME.get(code, code)))
    return [code for _, code in sorted(wanted, key=lambda pair: -pair[0])]


def convert(raw: str, languages: Sequence[str], references: Mapping[str, Mapping[str, str]], default: str) -> str:
    """The text in the first of the languages that it has, else in `default`, else as it is."""

    def choose(parts: Mapping[str, str], otherwise: str) -> str:
        for language in (*languages, default):
            if language in parts:
                return parts[language]
        return otherwise

    if WHOLE.fullmatch(raw):
        return choose({CODES[code]: text for code, text in PART.findall(raw)}, raw)
    return REFERENCE.sub(lambda found: choose(references.get(found[1], {}), found[0]), raw)
