"""Where a request goes: to the origin of the target (RFC 6454 4) and never to another one.

A path comes from a contract, and a contract from files that others may have written. ``@other:8443/x`` behind
``https://host`` is a URL of another origin, so a URL is parsed again after it was put together.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from conformance.core.errors import InputError

Origin = tuple[str, str, int]
"""Scheme, host and port, in lower case; an empty host for a text that is not a URL."""
PORTS = {"http": 80, "https": 443}
_NOWHERE = ("", "", 0)


class OtherOrigin(InputError):
    """The request would go to another origin than the target's; nothing was sent."""


def origin_of(url: str) -> Origin:
    """The origin of a URL, as Python's own parser reads it."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or PORTS.get(parts.scheme.lower(), 0)
    except ValueError:
        return _NOWHERE


def _connected_to(url: str) -> Origin:
    """The origin as the parser of the library reads it that opens the connections."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        return _NOWHERE
    scheme = (parts.scheme or "").lower()
    return scheme, (parts.host or "").strip("[]").lower(), parts.port or PORTS.get(scheme, 0)


def compose(base: str, target: str) -> str:
    """The URL of a request below ``base`` (scheme, host, port and prefix, without a slash at the end).

    Raises OtherOrigin if ``target`` does not start with ``/``, or if the result is of another origin than ``base``.
    """
    url = f"{base}{target}"
    wanted = origin_of(base)
    if not target.startswith("/"):
        raise OtherOrigin(f"the path {target!r} does not start with '/', so it could name another server; not sent")
    if not wanted[1] or not {origin_of(url), _connected_to(url)} == {wanted}:
        raise OtherOrigin(f"the path {target!r} would lead to another server than the target's; not sent")
    return url
