"""Exchanges as curl lines that a person can paste into bash or zsh; credentials are variables in them.

The variables are named after the schemes and hold what followed ``SCHEME:`` in ``--auth``. A variable that is not set
stops the line: without it, curl would leave the header out and show something else.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from conformance.client.exchange import Exchange
from conformance.reporting.reproduction.shell_secrets import Secrets

_NEEDLESS = ("Accept", "Content-Type")


def curl(exchanges: Sequence[Exchange], secrets: Secrets, purposes: Sequence[str], *, sequence: bool = False) -> str:
    """The requests of unredacted exchanges as curl lines, in their order; those of one batch at the same time.

    If there is more than one, a comment before each says what it is for (``purposes``). A ``sequence`` is one curl,
    which sends one right after the other and keeps the connection. Nothing in it is secret; empty without exchanges.
    """
    if len(exchanges) < 2:
        return "".join(_line(exchange, secrets) for exchange in exchanges)
    if sequence and all(exchange.batch is None for exchange in exchanges):
        return _in_one_go(exchanges, secrets, purposes)
    purpose_of = {exchange.number: purpose for exchange, purpose in zip(exchanges, purposes, strict=True)}
    parts: list[str] = []
    for group in _batches(exchanges):
        lines = [_line(exchange, secrets) for exchange in group]
        if len(group) > 1:
            parts += ["# at the same time", *(f"{line} &" for line in lines), "wait"]
        else:
            parts += [f"# {purpose_of[group[0].number]}", *lines]
    return "\n".join(parts)


def _in_one_go(exchanges: Sequence[Exchange], secrets: Secrets, purposes: Sequence[str]) -> str:
    """One curl for all; its part for each further request begins with ``--next``."""
    checks: list[str] = []
    parts: list[str] = []
    for exchange in exchanges:
        before, (command, *words) = _words(exchange, secrets)
        checks += [text for text in before if text not in checks]
        parts += [command if not parts else "--next", *words]
    comment = f"# one right after the other, on one connection: {', '.join(purposes)}"
    return f"{comment}\n{'; '.join([*checks, ' '.join(parts)])}"


def _batches(exchanges: Sequence[Exchange]) -> list[list[Exchange]]:
    groups: list[list[Exchange]] = []
    for exchange in exchanges:
        if groups and exchange.batch is not None and groups[-1][-1].batch == exchange.batch:
            groups[-1].append(exchange)
        else:
            groups.append([exchange])
    return groups


def _line(exchange: Exchange, secrets: Secrets) -> str:
    before, words = _words(exchange, secrets)
    return "; ".join([*before, " ".join(words)])


def _words(exchange: Exchange, secrets: Secrets) -> tuple[list[str], list[str]]:
    """What has to come before the command, and the words of the command."""
    request = exchange.request
    # --globbing off: $select and brackets in a query are meant as they are.
    # -I would hide a body that must not be there; without it, curl waits for one until the connection is closed.
    method = ["-m", "10", "-H", "'Connection: close'"] if request.method == "HEAD" else []
    parts = [
        "curl",
        "-i",
        "-g",
        *secrets.curl_options,
        "-X",
        request.method,
        *method,
        shlex.quote(secrets.out_of(exchange.url)),
    ]
    before: list[str] = []
    for name, value in request.headers:
        shown = secrets.header(name, value)
        if shown is not None:
            before += [text for text in shown.before if text not in before]
            parts += shown.words
        elif value:
            parts += ["-H", shlex.quote(f"{name}: {secrets.out_of(value)}")]
        else:
            parts += ["-H", shlex.quote(f"{name};")]
    sent = {name.lower() for name, _ in request.headers}
    # What curl would add by itself.
    parts += [word for name in _NEEDLESS if name.lower() not in sent for word in ("-H", f"'{name}:'")]
    if request.chunked:
        parts += ["-H", "'Transfer-Encoding: chunked'"]
    if request.body:
        parts += ["--data-binary", _body(secrets.out_of_bytes(request.body))]
    return before, parts


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
