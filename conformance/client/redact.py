"""Secrets out of everything that is written: one pure place, used before any report sees an exchange.

What is written of an exchange depends on what came before it, never on what comes later: it may be written at once.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from conformance.client.exchange import Exchange, Headers, RedactedExchange, Request, Response
from conformance.client.secret_names import SecretNames
from conformance.client.secret_search import SHORT, Found, Search
from conformance.core.text import truncate

SENSITIVE = {"authorization", "cookie", "set-cookie", "x-xsrf-token", "so-apptoken", "proxy-authorization"}
_SENT, _RECEIVED = "sent-", "received-"
_LONGEST_FAILURE = 300
_LONGEST_NAME = 40
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_ATTRIBUTES = re.compile(
    r"(?:;\s*(?:(?:path|domain|expires|samesite|max-age)=[^;]*|secure|httponly|partitioned)?)*\s*", re.IGNORECASE
)
"""What a server adds to a cookie (RFC 6265 4.1.1), where it adds nothing else."""


_LONGEST_SECRET = 16 * 1024
"""Characters that a secret takes at most, in any encoding: this much is searched beyond a truncated body's end."""
_SMALL = 64 * 1024
"""Bytes up to which a body's redacted form is remembered: most responses of a run are the same few."""
_REMEMBERED = 16 * 1024 * 1024
"""Bytes and characters that are remembered in all."""


class Redactor:
    """Knows the secrets of a run and takes them out of texts, bytes, exchanges and records.

    ``secrets`` are values, each with the name that is shown in its place, or without one (``[redacted]``).
    """

    def __init__(self, secrets: Mapping[str, str] | Iterable[str] = ()) -> None:
        self._names = SecretNames()
        self._secrets: dict[str, None] = {}
        self._search = Search(())
        self._texts: dict[str, str] = {}
        self._bytes: dict[bytes, bytes] = {}
        self._remembered = 0
        self._lock = threading.RLock()
        self.learn(secrets)

    def begin_series(self, series: str) -> None:
        """Number what has no name of its own apart from now on, where several processes write one record."""
        self._names.series = series

    def learn(self, secrets: Mapping[str, str] | Iterable[str], wrong: Mapping[str, str] | None = None) -> None:
        """Treat these as secrets too, beside those that are known.

        ``wrong`` are values that may be sent in place of one, with their names: they are secrets once they are sent.
        """
        with self._lock:
            names = {**secrets} if isinstance(secrets, Mapping) else {}
            for value, name in (*names.items(), *(wrong or {}).items()):
                self._names.give(value, name)
            new = [secret for secret in secrets if secret and secret not in self._secrets]
            if new:
                self._secrets |= dict.fromkeys(new)
                self._search = Search(self._secrets)
                self._forget()

    def learn_headers(self, exchange: Exchange) -> None:
        """Name what its headers present.

        A credential that is nearly right is a secret from now on: it reveals almost as much.
        """
        near = []
        for value in _credentials(exchange.request.headers):
            if value not in self._secrets:
                if len(value) >= SHORT and self._is_near(value):
                    near.append(value)
                self._names.numbered(value, _SENT, keep=True)
        if near:
            self.learn(near)
        if exchange.response is not None:
            for value in _credentials(exchange.response.headers):
                self._names.numbered(value, _RECEIVED)

    def _is_near(self, value: str) -> bool:
        """Whether it has something of a secret, and something else, which would stay."""
        shown = self.text(value)
        return shown != value and self._names.marks_in(shown) != [(0, len(shown))]

    def mark_of(self, value: str) -> str:
        """What stands for a value that a request presents."""
        return self._names.numbered(value, _SENT)

    def text(self, value: str) -> str:
        """``value`` without the secrets."""
        known = self._texts.get(value)
        if known is None:
            shown = self._without(_as_bytes(value))
            known = value if shown is None else shown.encode("latin-1").decode("utf-8", "surrogatepass")
            self._make_room(len(value))
            self._texts[value] = known
        return known

    def line(self, value: str) -> str:
        """Foreign text for people to read: without secrets, and without what a terminal or a parser would obey."""
        return visible(self.text(value))

    def bytes(self, value: bytes, limit: int | None = None) -> bytes:
        """``value`` without the secrets (as UTF-8, UTF-16 or Latin-1); its first ``limit`` bytes, redacted."""
        whole = limit is None or len(value) <= limit
        known = self._bytes.get(value) if whole else None
        if known is not None:
            return known
        text = (value if whole else value[: (limit or 0) + _LONGEST_SECRET]).decode("latin-1")
        # Most bodies hold no secret: no second copy of these.
        found = self._without(text, None if whole else limit)
        shown = value if found is None else found.encode("latin-1")
        if not whole:
            shown = whole_characters(shown)
        if whole and len(value) <= _SMALL:
            self._make_room(len(value))
            self._bytes[value] = shown
        return shown

    def _make_room(self, size: int) -> None:
        self._remembered += size
        if self._remembered > _REMEMBERED:
            self._forget()
            self._remembered = size

    def _forget(self) -> None:
        self._texts.clear()
        self._bytes.clear()
        self._remembered = 0

    def _without(self, text: str, limit: int | None = None) -> str | None:
        """Latin-1 text with a mark for each secret, up to ``limit``; None if it is whole and holds no secret."""
        parts: list[str] = []
        at = 0
        for found in self._found(text):
            start, end, _ = found
            if limit is not None and start >= limit:
                break
            parts += [text[at:start], self._shown(text, found)]
            at = end
        if limit is not None:
            return "".join([*parts, text[at : max(at, limit)]])
        return "".join([*parts, text[at:]]) if parts else None

    def _found(self, text: str) -> list[Found]:
        """What of the text is secret; a mark in it is not, though it may hold the word that a password is."""
        found = self._search.found(text)
        marks = self._names.marks_in(text) if found else []
        return [each for each in found if not any(a <= each.start and each.end <= b for a, b in marks)]

    def _shown(self, text: str, found: Found) -> str:
        """What is written in its place."""
        start, end, secret = found
        written = text[start:end]
        shown = self._names.form(written if written.isascii() else _from_bytes(written), secret)
        is_number = written.isdigit() and _is_json_number(text, start, end)
        return self._names.number(shown) if is_number else shown

    def headers(self, headers: Headers, kind: str = _SENT) -> Headers:
        """Headers with the credentials' values replaced; an Authorization scheme stays readable."""
        return tuple((self.text(name), self._header(name, value, kind)) for name, value in headers)

    def _header(self, name: str, value: str, kind: str) -> str:
        lower = name.lower()
        if lower not in SENSITIVE:
            return self.text(value)
        if "authorization" in lower:
            scheme, blank, rest = value.partition(" ")
            return f"{self.text(scheme)} {self._mark(rest, kind)}" if blank else self._mark(value, kind)
        if lower == "cookie":
            return ";".join(self._cookie(each, kind) for each in value.split(";"))
        if lower == "set-cookie":
            cookie, attributes = _set_cookie(value)
            return self._cookie(cookie, kind) + self.text(attributes)
        return self._mark(value, kind)

    def _cookie(self, text: str, kind: str) -> str:
        """The cookie's name helps to read the evidence; its value does not."""
        key, equals, value = text.partition("=")
        if equals and len(key) < _LONGEST_NAME:
            return f"{self.text(key)}={self._mark(value.strip(), kind)}"
        blank = text[: len(text) - len(text.lstrip())]
        return blank + self._mark(text.strip(), kind)

    def _mark(self, value: str, kind: str) -> str:
        return self._names.numbered(value, kind) if value else value

    def exchange(self, exchange: Exchange) -> RedactedExchange:
        """The exchange as it may be written; what its headers present is known from now on."""
        self.learn_headers(exchange)
        redacted = {
            "request": self.request(exchange.request),
            "response": None if exchange.response is None else self._response(exchange.response),
            "url": self.text(exchange.url),
            "failure_text": truncate(self.line(exchange.failure_text), _LONGEST_FAILURE),
        }
        return RedactedExchange(**(msgspec.structs.asdict(exchange) | redacted))

    def _response(self, response: Response) -> Response:
        size, body = response.received_size, response.body
        shown = self.bytes(body)
        return msgspec.structs.replace(
            response,
            reason=self.text(response.reason),
            headers=self.headers(response.headers, _RECEIVED),
            body=shown,
            original_size=None if body == shown else size,
            trailing=self.bytes(response.trailing, _LONGEST_SECRET),
            framing_problem=self.line(response.framing_problem),
        )

    def request(self, request: Request) -> Request:
        """The request as it may be written."""
        body = self.bytes(request.body)
        return msgspec.structs.replace(
            request,
            target=self.text(request.target),
            headers=self.headers(request.headers),
            body=body,
            sent_size=None if body == request.body else request.body_size,
        )


def _credentials(headers: Headers) -> Iterator[str]:
    """The values in these headers that may be secret."""
    for name, value in headers:
        lower = name.lower()
        if lower not in SENSITIVE:
            continue
        if "authorization" in lower:
            found = [value.partition(" ")[2] if " " in value else value]
        elif "cookie" in lower:
            cookies = value.split(";") if lower == "cookie" else [_set_cookie(value)[0]]
            pairs = [(each, *each.partition("=")) for each in cookies]
            found = [value if equals and len(key) < _LONGEST_NAME else each for each, key, equals, value in pairs]
            found = [each.strip() for each in found]
        else:
            found = [value]
        yield from filter(None, found)


def _set_cookie(value: str) -> tuple[str, str]:
    """A cookie and its attributes, where these are documented ones; else all of it."""
    cookie, semicolon, rest = value.partition(";")
    attributes = semicolon + rest
    return (cookie, attributes) if _ATTRIBUTES.fullmatch(attributes) else (value, "")


def visible(text: str) -> str:
    """The text with escapes for what a terminal or a parser would obey."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def whole_characters(data: bytes) -> bytes:
    """The bytes without the beginning of a UTF-8 character at their end."""
    for back in range(1, min(4, len(data)) + 1):
        if data[-back] < 0x80:
            break
        if data[-back] >= 0xC0:
            size = 2 if data[-back] < 0xE0 else 3 if data[-back] < 0xF0 else 4
            return data if size == back else data[:-back]
    return data


def _from_bytes(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return text


def _as_bytes(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _is_json_number(text: str, start: int, end: int) -> bool:
    """Whether this part of the text is a number in JSON: a mark in its place would make the text unreadable."""
    before, after = text[max(0, start - 20) : start].rstrip(), text[end : end + 20].lstrip()
    return text[:100].lstrip()[:1] in ("[", "{") and before[-1:] in (":", "[", ",") and after[:1] in (",", "]", "}")
