"""What stands for a secret in everything that is written: ``[secret:bearer.token]``.

Two values never have the same mark, and one value has the same mark everywhere. A mark says what the value is, and
nothing of the value itself:

- ``basic`` (user and password as Basic encodes them), ``basic.password``, ``bearer.token``, ``soticket.ticket``,
  ``session.cookie``, ``session.xsrf``, ``app-token``, ``proxy.password``, ``header.NAME``, ``cookie.NAME``;
  ``basic-2`` is the second credential of that scheme;
- ``bearer.token, half of it``: a value that the suite makes of it, as ``near_misses`` describes them;
- ``bearer.token, renewal 1``: the value that took its place;
- ``bearer.token, form 1``: an encoding or a part of it, numbered in order of appearance;
- ``sent-1`` and ``received-1``: any other value in a header of credentials, in the same way.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections import Counter

MARK = "[redacted]"
"""What stands for a secret that was learned without a name."""
_MARK = re.compile(r"\[redacted\]|\[secret:[^\[\]]{1,200}\]")
_FIRST_NUMBER = 1_999_990_001
"""In JSON numbers: of 32 bits, and none that data has."""
_NUMBERS = 9_999
_JSON_NUMBER = re.compile(r"(?<![\w.])199999\d{4}(?![\w.])")


def mark(name: str) -> str:
    """The mark of a name."""
    return f"[secret:{name}]"


def holds_mark(text: str) -> bool:
    """Whether secrets were taken out of the text: what it was is not known."""
    return bool(mark_in(text))


def mark_in(text: str) -> str:
    """The first mark in the text, or the number that stands for one in JSON; empty if there is none."""
    found = _MARK.search(text) or _JSON_NUMBER.search(text)
    return found[0] if found else ""


class SecretNames:
    """Gives each value one mark. ``series`` begins further numbers, where several processes write one record."""

    def __init__(self) -> None:
        self.series = ""
        self._marks: dict[str, str] = {}
        self._issued: set[str] = set()
        self._numbered: dict[bytes, str] = {}
        self._counts: Counter[str] = Counter()
        self._numbers: dict[str, int] = {MARK: 0}
        self._lock = threading.RLock()
        # The values themselves are not kept, and what is kept does not show what they were.
        self._key = os.urandom(16)

    def give(self, value: str, name: str) -> None:
        """Name a value, unless it has a name; of a second value of that name it is the first renewal."""
        with self._lock:
            if value in self._marks:
                return
            given = mark(name)
            if given in self._issued:
                self._counts[name] += 1
                given = mark(f"{name}, renewal {self.series}{self._counts[name]}")
            self._marks[value] = given
            self._issued.add(given)

    def of(self, value: str) -> str | None:
        """The mark of a value that was named, or None."""
        return self._marks.get(value)

    def numbered(self, value: str, kind: str, *, keep: bool = False) -> str:
        """The mark of any value: its own, or the next number of that kind (``sent-``, ``bearer.token, form ``).

        With ``keep`` it is the value's own from now on, so that it may be learned as a secret.
        """
        known = self._marks.get(value)
        if known is not None:
            return known
        key = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16, key=self._key).digest()
        with self._lock:
            found = self._numbered.get(key)
            if found is None:
                self._counts[kind] += 1
                found = self._numbered[key] = mark(f"{kind}{self.series}{self._counts[kind]}")
                self._issued.add(found)
            if keep:
                self._marks[value] = found
            return found

    def form(self, text: str, value: str) -> str:
        """The mark of a text that shows a named secret ``value``, or a part of it, in some encoding."""
        whole = self._marks.get(value)
        if whole is None:
            return self._marks.get(text) or MARK
        return self.numbered(text, f"{whole[len(mark('')) - 1 : -1]}, form ")

    def number(self, shown: str) -> str:
        """What stands for the secret of that mark where JSON has a number."""
        with self._lock:
            found = self._numbers.setdefault(shown, _FIRST_NUMBER + (len(self._numbers) - 1) % _NUMBERS)
        return str(found)

    def marks_in(self, text: str) -> list[tuple[int, int]]:
        """Where the text has a mark that was given here: what is redacted twice stays readable."""
        return [each.span() for each in _MARK.finditer(text) if each[0] == MARK or each[0] in self._issued]
