"""A request as a curl line that a person can paste; credentials stand there as environment variables.

A variable that is not set stops the shell: without it, curl would leave the header out and show something else.
"""

from __future__ import annotations

import shlex

from conformance.target.exchange import Exchange
from conformance.target.redact import MARK

VARIABLES = {
    "authorization": "CONFORMANCE_AUTHORIZATION",
    "cookie": "CONFORMANCE_COOKIE",
    "x-xsrf-token": "CONFORMANCE_XSRF",
    "so-apptoken": "CONFORMANCE_APP_TOKEN",
}

_SCHEMES = ("Basic", "SoTicket", "Bearer")


def curl(exchange: Exchange) -> str:
    """The request of a redacted exchange as one curl line for a POSIX shell."""
    request = exchange.request
    # --globbing off: $select and brackets in a query are meant as they are.
    method = ["-I"] if request.method == "HEAD" else ["-X", request.method]
    parts = ["curl", "-i", "-g", *method, shlex.quote(exchange.url)]
    for name, value in request.headers:
        variable = VARIABLES.get(name.lower())
        if variable and MARK in value:
            parts += ["-H", f'"{name}: {_value(variable, value)}"']
        elif value:
            parts += ["-H", shlex.quote(f"{name}: {value}")]
        else:
            parts += ["-H", shlex.quote(f"{name};")]
    sent = {name.lower() for name, _ in request.headers}
    # What curl would add by itself.
    parts += [word for name in ("Accept", "Content-Type") if name.lower() not in sent for word in ("-H", f"'{name}:'")]
    if request.chunked:
        parts += ["-H", "'Transfer-Encoding: chunked'"]
    if request.body:
        parts += ["--data-binary", _body(request.body)]
    return " ".join(parts)


def _value(variable: str, redacted: str) -> str:
    """The variable, or what follows the scheme in it where the request spells its scheme in another way."""
    scheme, blank, _ = redacted.partition(" ")
    if blank and scheme not in _SCHEMES and scheme.isalnum() and scheme.lower() in map(str.lower, _SCHEMES):
        return f"{scheme} ${{{variable}#* }}"
    return f"${{{variable}:?}}"


def _body(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if text and "\x00" not in text and text.isprintable() and not text.startswith("@"):
        return shlex.quote(text)
    # Bytes that no shell word can hold.
    escaped = "".join(f"\\x{byte:02x}" for byte in body)
    return f"@<(printf '{escaped}')"
