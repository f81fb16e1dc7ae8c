"""Where a text shows a secret: as it is, decoded, truncated, or a part of it that is not a word.

A whole secret is found anywhere, in any case. A part of one counts only if no word can be equal to it:

- a part of 8 characters and more in which letters and digits alternate (``5fd20b74``), but not a date and time;
- a part of 12 and more of at least two kinds (letters, digits, signs), or of digits alone; of 15 and more of letters;
- three quarters of the secret, unless they are one word or one number.

So a token that holds a word of the data (``Completed-9f8e...``) leaves that word where the data has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from conformance.client.secret_views import Back, Decoder, Span, unescaped, whole_escapes

SHORT = 6
"""A secret of fewer characters is only searched for as a whole word and as it is, because any word may contain it."""
PART = 8
"""The shortest part that is looked for."""
_PROBE = 6
"""What is looked for first: any part of 8 characters holds one of the probes, which begin at every third."""
_STEP = 3
_LONG_STEP = 12
"""Of secrets of more than 96 characters, and in what was decoded, parts of 17 characters and more."""
_LONG = 96
_LAYERS = 2
"""Base64 of Base64, hexadecimal of Base64..."""
_ESCAPE_LAYERS = 5
"""JSON in JSON in JSON, in a page."""
_STRUCTURE = set("\"'{}[](),:;<> \t\r\n")
"""Signs that every JSON or XML text is full of."""


class Found(NamedTuple):
    """Where a text shows a secret, and which: the one that most of it comes from, of equal ones the first given."""

    start: int
    end: int
    secret: str


Hit = tuple[int, int, int]
"""A span, and the place of the secret among those that were given."""


_Probes = dict[str, list[tuple[str, int, int]]]
"""For each probe the secrets that hold it: the secret, where in it, and its place."""


class Search:
    """Finds secrets in texts that are Latin-1: each character is a byte of the UTF-8."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._given = given = list(dict.fromkeys(secret for secret in secrets if secret))
        self._words = [
            (re.compile(rf"(?<!\w){re.escape(_bytes(secret))}(?!\w)"), place)
            for place, secret in enumerate(given)
            if len(secret) < SHORT
        ]
        whole: dict[str, int] = {}
        self._known: dict[str, int] = {}
        for place, secret in enumerate(given):
            if len(secret) >= SHORT:
                self._known.setdefault(_bytes(secret).lower(), place)
                for form in (*_forms(secret), _bytes(secret)):
                    whole.setdefault(form.lower(), place)
        # What is a probe's to find is not looked for again.
        self._whole = sorted(
            (form, place) for form, place in whole.items() if form not in self._known or len(form) < PART
        )
        self._probes = self._probes_every(_STEP)
        self._few_probes = self._probes_every(_LONG_STEP)
        shortest = min((len(secret) for secret in self._known), default=0)
        # Three quarters of a secret reveal it too.
        self._decoder = Decoder(max(SHORT, shortest * 3 // 4)) if shortest else None

    def _probes_every(self, usual: int) -> _Probes:
        probes: _Probes = {}
        for secret, place in self._known.items():
            if len(secret) >= PART:
                step = usual if len(secret) <= _LONG else _LONG_STEP
                for at in range(0, len(secret) - _PROBE + 1, step):
                    probes.setdefault(secret[at : at + _PROBE], []).append((secret, at, place))
        return probes

    def found(self, text: str) -> list[Found]:
        """What of the text shows a secret: sorted, apart from each other."""
        hits = [
            (*_whole_characters(text, whole_escapes(text, (start, end))), place)
            for start, end, place in set(self._in(text, _LAYERS))
        ]
        hits += [(*match.span(), place) for word, place in self._words for match in word.finditer(text)]
        joined: list[list[int]] = []
        for start, end, place in sorted(set(hits)):
            if joined and start <= joined[-1][1]:
                last = joined[-1]
                last[1] = max(end, last[1])
                last[2:] = max(last[2:], [end - start, -place])
            else:
                joined.append([start, end, end - start, -place])
        return [Found(start, end, self._given[-place]) for start, end, _, place in joined]

    def _in(self, text: str, layers: int) -> Iterator[Hit]:
        if self._decoder is None:
            return
        yield from self._as_it_is(text, self._probes if layers == _LAYERS else self._few_probes)
        backs: list[Back] = []
        for _ in range(_ESCAPE_LAYERS):
            view = unescaped(text)
            if view is None:
                break
            text = view.text
            backs.insert(0, view.back)
            yield from _through(backs, self._as_it_is(text, self._probes))
        if layers:
            # Escapes are undone by now: none stands within a run of an alphabet.
            for view in self._decoder.views(text):
                yield from _through([view.back, *backs], self._in(view.text, layers - 1))

    def _as_it_is(self, text: str, probes: _Probes) -> Iterator[Hit]:
        lower = text.lower()
        for form, place in self._whole:
            at = lower.find(form)
            while at >= 0:
                yield at, at + len(form), place
                at = lower.find(form, at + 1)
        # Where a secret would begin, and which part of it was looked at there: several probes are in one part.
        seen: dict[tuple[str, int], Span] = {}
        for probe, places in probes.items():
            at = lower.find(probe)
            while at >= 0:
                for secret, offset, place in places:
                    start, end = seen.get((secret, at - offset), (0, 0))
                    if start <= at < end:
                        continue
                    span = seen[secret, at - offset] = _common(lower, at, secret, offset)
                    if _reveals(lower[span[0] : span[1]], secret):
                        yield (*span, place)
                at = lower.find(probe, at + 1)


def _through(backs: list[Back], hits: Iterator[Hit]) -> Iterator[Hit]:
    for start, end, place in hits:
        source: Span | None = (start, end)
        for back in backs:
            source = back(*source) if source is not None else None
        if source is not None:
            yield (*source, place)


def _whole_characters(text: str, span: Span) -> Span:
    """The span with no character of UTF-8 cut in two."""
    start, end = span
    for _ in range(3):
        start -= start > 0 and "\x80" <= text[start] < "\xc0"
        end += end < len(text) and "\x80" <= text[end] < "\xc0"
    return start, end


def _common(text: str, at: int, secret: str, offset: int) -> Span:
    """The longest part of the secret around the place where its character ``offset`` is at ``at``."""
    start, end = at, at + _PROBE
    first, last = offset, offset + _PROBE
    while start and first and text[start - 1] == secret[first - 1]:
        start, first = start - 1, first - 1
    while end < len(text) and last < len(secret) and text[end] == secret[last]:
        end, last = end + 1, last + 1
    return start, end


def _reveals(part: str, secret: str) -> bool:
    """Whether a part can only come from the secret."""
    if len(part) == len(secret):
        return True
    if len(part) < PART:
        return False
    kinds = ["d" if c.isdigit() else "l" for c in part if c.isalnum()]
    letters, digits = kinds.count("l"), kinds.count("d")
    if digits and not {c for c in part if c.isalpha()} - {"t", "z"}:
        # A date and time, or a number.
        return part.isdigit() and len(part) >= 12
    changes = sum(a != b for a, b in pairwise(kinds))
    if changes >= 2 and letters >= 2 and digits >= 2:
        return True
    signs = any(not c.isalnum() and c not in _STRUCTURE for c in part)
    several = (letters > 0) + (digits > 0) + signs > 1
    if several and len(part) >= 12:
        return True
    if 4 * len(part) >= 3 * len(secret) and not part.isalpha():
        return True
    return part.isalpha() and len(part) >= 15


def _forms(secret: str) -> Iterator[str]:
    """A secret in other words: what no decoding leads back to it."""
    yield _bytes(secret)
    yield _bytes(secret[::-1])
    # Blanks in a form (WHATWG URL, application/x-www-form-urlencoded).
    yield _bytes(secret.replace(" ", "+"))
    for encoding in ("utf-16-le", "utf-16-be"):
        yield secret.encode(encoding, "surrogatepass").decode("latin-1")
    if not secret.isascii():
        for other in (secret.upper(), secret.lower(), secret.swapcase()):
            yield _bytes(other)
        # UTF-8 that was read as Latin-1, and Latin-1 itself.
        yield _bytes(_bytes(secret))
        yield secret.encode("latin-1", "replace").decode("latin-1")


def _bytes(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")
