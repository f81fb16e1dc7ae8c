"""Secrets out of everything that is written: one pure place, used before any report sees an exchange."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote, quote_plus

import msgspec

from conformance.target.exchange import Exchange, Headers

MARK = "[redacted]"
SENSITIVE = {"authorization", "cookie", "set-cookie", "x-xsrf-token", "so-apptoken", "proxy-authorization"}
_SHORT = 6
_Record = TypeVar("_Record", bound=msgspec.Struct)


class Redactor:
    """Knows the secrets of a run and takes them out of texts, bytes, exchanges and records."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms: set[str] = set()
        for secret in secrets:
            if secret:
                forms |= {
                    secret,
                    quote(secret, safe=""),
                    quote_plus(secret),
                    html.escape(secret),
                    json.dumps(secret)[1:-1],
                }
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._text = re.compile("|".join(map(_pattern, ordered))) if ordered else None
        self._bytes = re.compile("|".join(map(_pattern, ordered)).encode()) if ordered else None

    def text(self, value: str) -> str:
        """``value`` without the secrets."""
        return self._text.sub(MARK, value) if self._text else value

    def bytes(self, value: bytes) -> bytes:
        """``value`` without the secrets (as UTF-8)."""
        return self._bytes.sub(MARK.encode(), value) if self._bytes else value

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
            return f"{self.text(key)}={MARK}" if equals else MARK
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
            failure_text=self.text(exchange.failure_text),
        )

    def record(self, record: _Record) -> _Record:
        """Any record of texts and records without the secrets."""
        plain = msgspec.to_builtins(record)
        return msgspec.convert(self._value(plain), type=type(record))

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value


def _pattern(form: str) -> str:
    # A short password ("one") would otherwise black out half of every word that contains it.
    escaped = re.escape(form)
    return rf"(?<!\w){escaped}(?!\w)" if len(form) < _SHORT else escaped
