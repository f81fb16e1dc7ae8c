"""Whether a text is the base URL of a target (RFC 3986 3)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from conformance.core.errors import InputError

_HOST = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?"
)
_V6 = re.compile(r"[0-9a-f:.]+(?:%[\w.]+)?")


def check_url(text: str) -> None:
    """Raise InputError if it is not one. What may hold a credential is not repeated."""
    if "@" in text:
        raise InputError("TARGET holds credentials; leave them out and give them with --auth")
    if "?" in text or "#" in text:
        raise InputError("TARGET has a query or fragment; give the base URL alone")
    try:
        parts = urlsplit(text)
        fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, fine = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not fine or not is_host(parts.hostname or "") or not text.isprintable():
        # Without a scheme it may be a credential that was put in the wrong place.
        shown = f" {text!r}" if text.startswith(("http://", "https://")) else ""
        raise InputError(f"TARGET{shown} is not a URL; write it as https://host[:port][/prefix]")


def is_host(host: str) -> bool:
    """Whether the text is the name or address of a host."""
    try:
        ascii_host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return False
    return bool(_HOST.fullmatch(ascii_host.lower()) or (":" in host and _V6.fullmatch(host)))
