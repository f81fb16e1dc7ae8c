"""Secrets out of everything that is written: one pure place, used before any report sees an exchange."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

import msgspec

from conformance.target.exchange import Exchange, Headers
from conformance.target.secret_forms import SHORT, forms

MARK = "[redacted]"
SENSITIVE = {"authorization", "cookie", "set-cookie", "x-xsrf-token", "so-apptoken", "proxy-authorization"}
_LONGEST_FAILURE = 300
_LONGEST_NAME = 40
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Redactor:
    """Knows the secrets of a run and takes them out of texts, bytes, exchanges and records."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if secret]
        # In small letters: what is long is found in any case. Longest first, for one may be a part of another.
        self._known: set[str] = set()
        self._forms: list[str] = []
        self._bytes: list[str] = []
        # Most answers of a run are the same few.
        self._seen: dict[bytes, bytes] = {}
        self._learn(forms(self._secrets))

    def _learn(self, written: Iterable[str]) -> None:
        self._known |= {*written}
        small = {form if len(form) < SHORT else _small(form) for form in self._known}
        self._forms = sorted(small, key=lambda form: (-len(form), form))
        # Bytes are looked through as Latin-1, which every byte is a character of; text may be UTF-8 or UTF-16 there.
        encoded = {form.encode().decode("latin-1") for form in (*self._known, *small)}
        encoded |= {each.encode("utf-16-le").decode("latin-1") for each in self._secrets if len(each) >= SHORT}
        self._bytes = sorted({form if len(form) < SHORT else _small(form) for form in encoded}, key=len, reverse=True)
        self._seen.clear()

    def learn(self, secrets: Iterable[str]) -> None:
        """Take these for secrets too, beside those that are known."""
        new = [secret for secret in secrets if secret and secret not in self._secrets]
        if new:
            self._secrets += new
            self._learn(forms(new))

    def learn_sent(self, headers: Headers) -> None:
        """Take a credential that is nearly right for a secret too: it tells almost as much."""
        near = []
        for name, value in headers:
            rest = value.partition(" ")[2] if name.lower() == "authorization" else value
            if name.lower() in SENSITIVE and len(rest) >= SHORT and rest not in self._secrets:
                decoded = _decoded(rest)
                if self.text(rest) != rest or (decoded and self.text(decoded) != decoded):
                    near.append(rest)
        if near:
            self._secrets += near
            self._learn(near)

    def text(self, value: str) -> str:
        """``value`` without the secrets."""
        return _without(value, self._forms)

    def line(self, value: str) -> str:
        """Foreign text for people to read: without secrets, and without what a terminal or a parser would obey."""
        return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), self.text(value))

    def bytes(self, value: bytes) -> bytes:
        """``value`` without the secrets (as UTF-8, UTF-16 or Latin-1)."""
        if value not in self._seen:
            text = value.decode("latin-1")
            shown = _without(text, self._bytes)
            # Most bodies hold no secret: no second copy of these.
            self._seen[value] = value if shown is text else shown.encode("latin-1")
        return self._seen[value]

    def headers(self, headers: Headers) -> Headers:
        """Headers with the credentials' values replaced; an Authorization scheme stays readable."""
        return tuple((self.text(name), self._header(name, value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        lower = name.lower()
        if lower not in SENSITIVE:
            return self.text(value)
        if not value:
            return value
        if "authorization" in lower:
            scheme, blank, _ = value.partition(" ")
            return f"{self.text(scheme)} {MARK}" if blank else MARK
        if "cookie" in lower:
            # The cookie's name helps to read the evidence; its value and what a server adds to it do not.
            key, equals, _ = value.partition("=")
            return f"{self.text(key)}={MARK}" if equals and len(key) < _LONGEST_NAME else MARK
        return MARK

    def exchange(self, exchange: Exchange) -> Exchange:
        """The exchange as it may be written."""
        request, response = exchange.request, exchange.response
        request = msgspec.structs.replace(
            request,
            target=self.text(request.target),
            headers=self.headers(request.headers),
            body=self.bytes(request.body),
        )
        if response is not None:
            response = msgspec.structs.replace(
                response,
                reason=self.text(response.reason),
                headers=self.headers(response.headers),
                body=self.bytes(response.body),
            )
        return msgspec.structs.replace(
            exchange,
            request=request,
            response=response,
            url=self.text(exchange.url),
            failure_text=_cut(self.line(exchange.failure_text)),
        )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_FAILURE else f"{text[: _LONGEST_FAILURE - 3]}..."


def _without(value: str, known: list[str]) -> str:
    """The text with a mark in place of all that is covered by anything known; what touches is one."""
    lower = _small(value)
    covered: list[tuple[int, int]] = []
    for form in known:
        if len(form) < SHORT:
            # A short password ("one") would otherwise black out half of every word that contains it.
            found = re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", value) if form in value else ()
            covered += [match.span() for match in found]
            continue
        at = lower.find(form)
        while at >= 0:
            covered.append((at, at + len(form)))
            at = lower.find(form, at + 1)
    if not covered:
        return value
    parts: list[str] = []
    end = 0
    for start, stop in sorted(covered):
        if start > end or not parts:
            parts += [value[end:start], MARK]
        end = max(end, stop)
    return "".join([*parts, value[end:]])


def _small(value: str) -> str:
    lower = value.lower()
    # A few letters have a small form of two.
    return lower if len(lower) == len(value) else "".join(c.lower() if len(c.lower()) == 1 else c for c in value)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return ""
