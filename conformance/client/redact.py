"""Secrets out of everything that is written: one pure place, used before any report sees an exchange."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from conformance.client.exchange import Exchange, Headers, RedactedExchange, Request
from conformance.client.secret_search import SHORT, Search
from conformance.core.text import truncate

MARK = "[redacted]"
SENSITIVE = {"authorization", "cookie", "set-cookie", "x-xsrf-token", "so-apptoken", "proxy-authorization"}
_LONGEST_FAILURE = 300
_LONGEST_NAME = 40
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")


_LONGEST_SECRET = 16 * 1024
"""Characters that a secret takes at most, in any encoding: this much is searched beyond a truncated body's end."""
_SMALL = 64 * 1024
"""Bytes up to which a body's redacted form is remembered: most responses of a run are the same few."""


class Redactor:
    """Knows the secrets of a run and takes them out of texts, bytes, exchanges and records."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: list[str] = []
        self._search = Search(())
        self._texts: dict[str, str] = {}
        self._bytes: dict[bytes, bytes] = {}
        self.learn(secrets)

    @property
    def version(self) -> int:
        """Grows with each secret that is learned: what was redacted before may hold it."""
        return len(self._secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Treat these as secrets too, beside those that are known."""
        new = [secret for secret in dict.fromkeys(secrets) if secret and secret not in self._secrets]
        if new:
            self._secrets += new
            self._search = Search(self._secrets)
            self._texts.clear()
            self._bytes.clear()

    def learn_sent(self, headers: Headers) -> None:
        """Treat a credential that is nearly right as a secret too: it reveals almost as much."""
        near = []
        for name, value in headers:
            rest = value.partition(" ")[2] if name.lower() == "authorization" else value
            if name.lower() in SENSITIVE and len(rest) >= SHORT and self.text(rest) not in (rest, MARK):
                near.append(rest)
        self.learn(near)

    def text(self, value: str) -> str:
        """``value`` without the secrets."""
        if value not in self._texts:
            shown = self._without(_as_bytes(value))
            self._texts[value] = value if shown is None else shown.encode("latin-1").decode("utf-8", "surrogatepass")
        return self._texts[value]

    def line(self, value: str) -> str:
        """Foreign text for people to read: without secrets, and without what a terminal or a parser would obey."""
        return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), self.text(value))

    def bytes(self, value: bytes, limit: int | None = None) -> bytes:
        """``value`` without the secrets (as UTF-8, UTF-16 or Latin-1); its first ``limit`` bytes, redacted."""
        if value in self._bytes and (limit is None or len(value) <= limit):
            return self._bytes[value]
        whole = limit is None or len(value) <= limit
        text = (value if whole else value[: (limit or 0) + _LONGEST_SECRET]).decode("latin-1")
        # Most bodies hold no secret: no second copy of these.
        found = self._without(text, None if whole else limit)
        shown = value if found is None else found.encode("latin-1")
        if not whole:
            shown = _whole_characters(shown)
        if whole and len(value) <= _SMALL:
            self._bytes[value] = shown
        return shown

    def _without(self, text: str, limit: int | None = None) -> str | None:
        """Latin-1 text with a mark for each secret, up to ``limit``; None if it is whole and holds no secret."""
        parts: list[str] = []
        at = 0
        for start, end in self._search.spans(text):
            if limit is not None and start >= limit:
                break
            is_number = text[start:end].isdigit() and _is_json_number(text, start, end)
            parts += [text[at:start], "0" if is_number else MARK]
            at = end
        if limit is not None:
            return "".join([*parts, text[at : max(at, limit)]])
        return "".join([*parts, text[at:]]) if parts else None

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

    def exchange(self, exchange: Exchange, limit: int | None = None) -> RedactedExchange:
        """The exchange as it may be written; of a longer body the first ``limit`` bytes."""
        response = exchange.response
        if response is not None:
            size = response.body_size
            response = msgspec.structs.replace(
                response,
                reason=self.text(response.reason),
                headers=self.headers(response.headers),
                body=self.bytes(response.body, limit),
                whole_size=size if limit is not None and size > limit else None,
            )
        redacted = {
            "request": self.request(exchange.request),
            "response": response,
            "url": self.text(exchange.url),
            "failure_text": truncate(self.line(exchange.failure_text), _LONGEST_FAILURE),
        }
        return RedactedExchange(**(msgspec.structs.asdict(exchange) | redacted))

    def request(self, request: Request) -> Request:
        """The request as it may be written."""
        return msgspec.structs.replace(
            request,
            target=self.text(request.target),
            headers=self.headers(request.headers),
            body=self.bytes(request.body),
        )


def _whole_characters(data: bytes) -> bytes:
    """The bytes without the beginning of a UTF-8 character at their end."""
    for back in range(1, min(4, len(data)) + 1):
        if data[-back] < 0x80:
            break
        if data[-back] >= 0xC0:
            size = 2 if data[-back] < 0xE0 else 3 if data[-back] < 0xF0 else 4
            return data if size == back else data[:-back]
    return data


def _as_bytes(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _is_json_number(text: str, start: int, end: int) -> bool:
    """Whether this part of the text is a number in JSON: a mark in its place would make the text unreadable."""
    before, after = text[max(0, start - 20) : start].rstrip(), text[end : end + 20].lstrip()
    return text[:100].lstrip()[:1] in ("[", "{") and before[-1:] in (":", "[", ",") and after[:1] in (",", "]", "}")
