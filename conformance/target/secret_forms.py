"""The forms in which a secret may come back: escaped, encoded, in other case, cut, changed, in pieces."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

SHORT = 6
"""Below so many characters a secret is looked for as a whole word and as it is: it may be a part of any other word."""
LONG = 12
"""From so many characters on, parts of a secret tell of it."""
PART = 8
"""Shorter ones are in ordinary words too: a token may begin with "xsrf-t"."""
_UNESCAPED_BY_DOTNET = set(" !#$%()*,-./:;=?@[]^_{|}~")


def forms(secrets: Iterable[str]) -> set[str]:
    """What has to be looked for: every form of every secret, and of a long one every part in its usual forms."""
    return {form for secret in secrets if secret for form in _of(secret)}


def _of(secret: str) -> Iterator[str]:
    usual = {*_written(secret), secret.rstrip("=")}
    yield from usual
    if len(secret) >= SHORT:
        yield from _encoded(secret)
    if len(secret) >= LONG:
        for text in {*usual, quote(quote(secret, safe=""), safe="")}:
            yield from (text[start : start + PART] for start in range(len(text) - PART + 1))


def _encoded(secret: str) -> Iterator[str]:
    """What is as good as the secret to whoever can decode it."""
    yield from _written(secret[::-1])
    data = secret.encode()
    yield data.hex()
    # Base64 of it, also with other bytes before: what depends on these is left out.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + data).decode()
        inner = encoded[(0, 2, 3)[shift] :].rstrip("=")[:-1]
        if len(inner) >= SHORT:
            yield inner
            # RFC 4648, section 5: the alphabet for URLs.
            yield inner.replace("+", "-").replace("/", "_")


def _written(text: str) -> Iterator[str]:
    yield text
    yield quote(text, safe="")
    yield quote(text, safe="/")
    yield quote_plus(text)
    yield html.escape(text)
    yield html.escape(text, quote=False)
    yield html.escape(text).replace("&#x27;", "&#39;")
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]
    # .NET's JSON escapes more than JSON must be: markup always, and what is not ASCII in most of its settings.
    yield "".join(_dotnet(c, ascii_only=True) for c in text)
    yield "".join(_dotnet(c, ascii_only=False) for c in text)
    # UTF-8 that was taken for Latin-1.
    yield text.encode().decode("latin-1")


def _dotnet(character: str, *, ascii_only: bool) -> str:
    usual = character.isalnum() or character in _UNESCAPED_BY_DOTNET
    plain = usual if character.isascii() else not ascii_only
    return character if plain else f"\\u{ord(character):04x}"
