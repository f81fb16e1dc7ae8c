"""A text as it reads once it is decoded, with the way back: which characters of the text a decoded part came from.

What a server or a tool does to a credential before it plays it back is undone, not guessed: escapes (percent, JSON and
JavaScript, character references) wherever they stand, and runs of an alphabet (Base64, Base32, hexadecimal) that are
long enough to hold a secret. Texts are Latin-1: each character is a byte of the UTF-8.
"""

from __future__ import annotations

import binascii
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

Span = tuple[int, int]
Back = Callable[[int, int], Span | None]
_ESCAPES = ("%", "\\", "&")
_ESCAPE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+"
    r"|%u[0-9A-Fa-f]{4}"
    r"|(?:\\u[0-9A-Fa-f]{4})+"
    r"|\\u\{[0-9A-Fa-f]{1,6}\}"
    r"|\\U[0-9A-Fa-f]{8}"
    r"|\\x[0-9A-Fa-f]{2}"
    r"|\\[0-3][0-7]{2}"
    r"|\\[\\/\"'bfnrt]"
    r"|&#[0-9]{1,7};?"
    r"|&#[xX][0-9A-Fa-f]{1,6};?"
    r"|&[A-Za-z][A-Za-z0-9]{1,30};"
)
_LONGEST_ESCAPE = 40
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class View:
    """A decoded text. ``back`` gives the span of the source for a span of it; None if there is none."""

    def __init__(self, text: str, back: Back) -> None:
        self.text = text
        self.back = back


def unescaped(text: str) -> View | None:
    """The text with its escapes undone, one layer; None if it has none."""
    if not any(sign in text for sign in _ESCAPES):
        return None
    parts: list[str] = []
    # Where a part begins: in the decoded text, in the source, and how many source characters each of its own takes
    # (0: all of them stand for the whole part).
    decoded_at: list[int] = []
    source_at: list[int] = []
    unit: list[int] = []
    length = 0
    at = 0

    def add(part: str, start: int, each: int) -> None:
        nonlocal length
        if part:
            parts.append(part)
            decoded_at.append(length)
            source_at.append(start)
            unit.append(each)
            length += len(part)

    for found in _ESCAPE.finditer(text):
        meant, each = _meant(found[0])
        if meant is None:
            continue
        add(text[at : found.start()], at, 1)
        add(meant, found.start(), each)
        at = found.end()
    if not at:
        return None
    add(text[at:], at, 1)
    source_at.append(len(text))

    def source(place: int, *, end: bool) -> int:
        index = bisect_right(decoded_at, place) - 1
        if unit[index]:
            return source_at[index] + (place - decoded_at[index] + end) * unit[index]
        return source_at[index + 1] if end else source_at[index]

    return View("".join(parts), lambda start, end: (source(start, end=False), source(end - 1, end=True)))


def _meant(escape: str) -> tuple[str | None, int]:
    """What an escape stands for as Latin-1 of its UTF-8, and how many characters of it each one takes (0: unequal)."""
    if escape.startswith("%u"):
        return _utf8(chr(int(escape[2:], 16))), 0
    if escape.startswith("%"):
        return bytes.fromhex(escape.replace("%", "")).decode("latin-1"), 3
    if escape.startswith("\\u{"):
        return _utf8(chr(min(int(escape[3:-1], 16), 0x10FFFF))), 0
    if escape.startswith("\\u"):
        units = bytes.fromhex(escape.replace("\\u", ""))
        ascii_only = all(high == 0 and low < 0x80 for high, low in zip(units[::2], units[1::2], strict=True))
        return _utf8(units.decode("utf-16-be", errors="replace")), 6 if ascii_only else 0
    if escape.startswith("\\U"):
        return _utf8(chr(min(int(escape[2:], 16), 0x10FFFF))), 0
    if escape.startswith("\\x"):
        return chr(int(escape[2:], 16)), 0
    if escape.startswith("\\") and escape[1:].isdigit():
        return chr(int(escape[1:], 8)), 0
    if escape.startswith("\\"):
        return _CONTROLS.get(escape[1], escape[1]), 0
    meant = html.unescape(escape)
    return (None if meant == escape else _utf8(meant)), 0


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode("latin-1")


def whole_escapes(text: str, span: Span) -> Span:
    """The span with no escape cut in two, so that what is left of the text can still be read."""
    start, end = span
    for edge in (start, end):
        low = max(0, edge - _LONGEST_ESCAPE)
        if not any(sign in text[low : edge + 1] for sign in _ESCAPES):
            continue
        for found in _ESCAPE.finditer(text, low, min(len(text), edge + _LONGEST_ESCAPE)):
            # A run of escapes may end between two of them.
            size = {"%": 3, "\\u": 6}.get(found[0][:2] if found[0].startswith("\\u") else found[0][:1], 0)
            inside = edge - found.start()
            if 0 < inside < found.end() - found.start() and (not size or inside % size):
                if edge == start:
                    start = found.start() + (inside // size * size if size else 0)
                else:
                    end = found.start() + (-(-inside // size) * size if size else len(found[0]))
    return start, end


Reading = Iterator[tuple[int, bytes]]
"""All ways to read characters as bytes, each with the number of bits that are left out before the first."""


class _Alphabet(NamedTuple):
    """An alphabet whose characters hold ``bits`` bits each; ``characters`` is their class in a regular expression."""

    bits: int
    characters: str
    read: Callable[[str], Reading]
    filler: str


def _base64(characters: str) -> Reading:
    standard = characters.replace("-", "+").replace("_", "/")
    for left_out in range(4):
        whole = standard[left_out:]
        yield left_out * 6, binascii.a2b_base64(whole[: len(whole) // 4 * 4])


_DIGITS_32 = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghijklmnopqrstuv")


def _base32(characters: str) -> Reading:
    # Linear: 32 is a power of two.
    number = int(characters.upper().translate(_DIGITS_32), 32)
    bits = len(characters) * 5
    for left_out in range(8):
        size = (bits - left_out) // 8
        rest = bits - left_out - size * 8
        yield left_out, (number >> rest & ((1 << size * 8) - 1)).to_bytes(size, "big")


def _base16(characters: str) -> Reading:
    for left_out in range(2):
        whole = characters[left_out:]
        yield left_out * 4, bytes.fromhex(whole[: len(whole) // 2 * 2])


_ALPHABETS = (
    _Alphabet(6, "[A-Za-z0-9+/_-]", _base64, "A" * 8),
    _Alphabet(5, "[A-Za-z2-7]", _base32, "A" * 8),
    _Alphabet(4, "[0-9A-Fa-f]", _base16, "0" * 8),
)
_BETWEEN = r"(?:, ?|[:;. _=-]|\r?\n)(?:0[xX]|\\x)?"
_PAIR = re.compile(rf"(?:{_BETWEEN})?([0-9A-Fa-f]{{2}})")
_NUMBER = re.compile(r"[0-9]+")


class Decoder:
    """Decodes runs that are long enough to hold ``shortest`` bytes."""

    def __init__(self, shortest: int) -> None:
        self._runs = [
            (
                each,
                re.compile(rf"{each.characters}{{{max(2, -(-shortest * 8 // each.bits))},}}"),
                # In lines, as MIME has them (RFC 2045, 6.8).
                re.compile(rf"{each.characters}{{16,}}(?:\r?\n{each.characters}+)+"),
            )
            for each in _ALPHABETS
        ]
        # Two hexadecimal digits, something between, two digits; numbers of bytes, as JSON has them.
        self._pairs = re.compile(rf"[0-9A-Fa-f]{{2}}(?:{_BETWEEN}[0-9A-Fa-f]{{2}}){{{shortest - 1},}}")
        self._numbers = re.compile(rf"(?<!\d)\d{{1,3}}(?:,\s{{0,8}}\d{{1,3}}){{{shortest - 1},}}(?!\d)")
        self._any = re.compile(rf"[A-Za-z0-9+/_-]{{{min(16, -(-shortest * 8 // 6))}}}")

    def views(self, text: str) -> Iterator[View]:
        """What the runs of each alphabet say, every way that they can be read."""
        if self._any.search(text) is not None:
            for alphabet, run, lines in self._runs:
                yield from _of_runs(alphabet, [(found.start(), found[0], None) for found in run.finditer(text)])
                if "\n" in text:
                    yield from _of_runs(alphabet, _in_lines(lines, text))
        yield from _of_runs(_ALPHABETS[2], _separated(self._pairs, text))
        for found in self._numbers.finditer(text):
            yield from _of_numbers(found.start(), found[0])


Runs = list[tuple[int, str, list[int] | None]]
"""Where a run starts, its characters, and, if other characters are between these, the place of each in the run."""


def _in_lines(lines: re.Pattern[str], text: str) -> Runs:
    found: Runs = []
    for match in lines.finditer(text):
        places = [place for place, each in enumerate(match[0]) if each not in "\r\n"]
        found.append((match.start(), "".join(match[0][place] for place in places), places))
    return found


def _separated(pairs: re.Pattern[str], text: str) -> Runs:
    found: Runs = []
    for match in pairs.finditer(text):
        digits = [pair.start(1) for pair in _PAIR.finditer(match[0])]
        places = [place for start in digits for place in (start, start + 1)]
        found.append((match.start(), "".join(match[0][place] for place in places), places))
    return found


def _of_numbers(start: int, run: str) -> Iterator[View]:
    numbers = list(_NUMBER.finditer(run))
    if all(int(each[0]) < 256 for each in numbers):
        text = bytes(int(each[0]) for each in numbers).decode("latin-1")
        yield View(text, lambda first, end: (start + numbers[first].start(), start + numbers[end - 1].end()))


def _of_runs(alphabet: _Alphabet, runs: Runs) -> Iterator[View]:
    """Views of all runs at once: a filler is between them, and what spans it comes from nowhere."""
    if not runs:
        return
    parts: list[str] = []
    joined_at: list[int] = []
    length = 0
    for _, characters, _ in runs:
        joined_at.append(length)
        # Every run begins at a multiple of eight characters, so that all are read in every way.
        part = characters + alphabet.filler + alphabet.filler[: -len(characters) % 8]
        parts.append(part)
        length += len(part)

    def back(left_out: int, start: int, end: int) -> Span | None:
        first = (left_out + start * 8) // alphabet.bits
        last = (left_out + end * 8 - 1) // alphabet.bits
        index = bisect_right(joined_at, first) - 1
        source, characters, places = runs[index]
        first, last = first - joined_at[index], last - joined_at[index]
        if last >= len(characters):
            return None
        if places is None:
            return source + first, source + last + 1
        return source + places[first], source + places[last] + 1

    for left_out, data in alphabet.read("".join(parts)):
        yield View(data.decode("latin-1"), partial(back, left_out))
