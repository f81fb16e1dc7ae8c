"""The kinds of value that an option can have, and how each is read from text and from TOML."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of value.

    ``read`` converts a text to a value, or raises ValueError. ``wants`` describes a correct text, for a message.
    ``toml`` are the types that a value in a TOML file may have. ``choices`` are all allowed texts; empty if any is.
    """

    wants: str
    read: Callable[[str], Any]
    toml: tuple[type, ...] = (str,)
    choices: tuple[str, ...] = ()
    is_path: bool = False
    is_flag: bool = False
    show: Callable[[Any], Any] = lambda value: value
    """Converts a value for a report: to a text, a number or a boolean."""

    def of_toml(self, value: Any) -> Any:
        """Convert a value in a TOML file. Raises ValueError."""
        # In Python a bool is an int.
        if type(value) not in self.toml:
            raise ValueError
        return value if self.is_flag else self.read(str(value))


def _flag(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return words[text.strip().lower()]
    except KeyError:
        raise ValueError from None


def _text(text: str) -> str:
    return text


TEXT = Kind("a text", _text)
PATH = Kind("a path", Path, is_path=True, show=str)
FLAG = Kind("true or false", _flag, toml=(bool,), is_flag=True)


def choice(*names: str) -> Kind:
    """The kind whose value is one of ``names``."""

    def read(text: str) -> str:
        if text not in names:
            raise ValueError
        return text

    return Kind(f"one of {', '.join(names)}", read, choices=names)


def whole(least: int, most: int | None = None) -> Kind:
    """The kind whose value is a whole number from ``least`` to ``most``, without an upper limit if it is None."""

    def read(text: str) -> int:
        number = int(text)
        if number < least or (most is not None and number > most):
            raise ValueError
        return number

    end = "" if most is None else f" to {most}"
    return Kind(f"a whole number from {least}{end}" + (" on" if most is None else ""), read, toml=(int,))


def number(*, above_zero: bool) -> Kind:
    """The kind whose value is a finite number, 0 or more; with ``above_zero`` more than 0."""

    def read(text: str) -> float:
        value = float(text)
        if not math.isfinite(value) or value < 0 or (above_zero and value == 0):
            raise ValueError
        return value

    wants = "a number above 0" if above_zero else "a number, 0 or more"
    return Kind(wants, read, toml=(int, float), show=lambda value: int(value) if value == int(value) else value)


_UNITS = {"": 1, "B": 1, "KIB": 1024, "MIB": 1024**2, "GIB": 1024**3}


def _size(text: str) -> int:
    parts = re.fullmatch(r"\s*(\d+)\s*([KMG]i?B|B|)\s*", text, re.IGNORECASE | re.ASCII)
    unit = parts and _UNITS.get(parts[2].upper())
    if not parts or not unit or not int(parts[1]):
        raise ValueError
    return int(parts[1]) * unit


def shown_size(count: int) -> str:
    """A number of bytes as text in the largest unit that divides it: ``8 MiB``, ``1000 B``."""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} B"


SIZE = Kind("a number of bytes, or of KiB, MiB or GiB as in 8MiB", _size, toml=(int, str), show=shown_size)


def _mode(text: str) -> int:
    if not re.fullmatch(r"(0o?)?[0-7]{3}", text):
        raise ValueError
    mode = int(text.removeprefix("0o"), 8)
    if mode & 0o600 != 0o600:
        raise ValueError
    return mode


MODE = Kind(
    "permissions in octal with read and write for the owner, as in 0640", _mode, show=lambda value: f"{value:04o}"
)
