"""Reading request headers (RFC 9110 5.1: names match without regard to case)."""

from __future__ import annotations

from collections.abc import Collection

from werkzeug.wrappers import Request

from conformance.reference.faults.catalogue import Faults
from conformance.reference.refusal import Refusal

SPELLED = "conformance.reference.header_names"
CLOSE = "conformance.close"
"""In the environ: close the connection after this answer."""
"""The key of the WSGI environment under which our server keeps the header names as they came."""

_EXACT = frozenset(("Accept", "Content-Type", "SO-TimeZone"))
_ORDINARY = frozenset(
    [
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "authorization",
        "cache-control",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "cookie",
        "date",
        "dnt",
        "expect",
        "forwarded",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "keep-alive",
        "max-forwards",
        "origin",
        "pragma",
        "range",
        "referer",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "upgrade-insecure-requests",
        "user-agent",
        "via",
    ]
)


def header(request: Request, name: str, faults: Faults) -> str | None:
    """The header's value; None where it is missing."""
    value = request.headers.get(name)
    spelled = request.environ.get(SPELLED, (name,))
    if value and name in _EXACT and name not in spelled and faults("header-case-sensitive"):
        return None
    return value


def check_names(request: Request, documented: Collection[str], faults: Faults) -> None:
    """Unknown headers are ignored; raises Refusal only with a fault."""
    for name in request.headers.keys():  # noqa: SIM118 - iterating headers gives pairs
        if name.lower() not in _ORDINARY and name.lower() not in documented and faults("unknown-header-refused"):
            raise Refusal(400, "A header is not known")
