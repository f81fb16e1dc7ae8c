"""A finding as plain text: what was expected, what was received, what was sent; for terminals and JUnit."""

from __future__ import annotations

import msgspec

from conformance.client.exchange import Headers, RedactedExchange
from conformance.core.one_line import lines, one_line
from conformance.core.text import truncate_counted
from conformance.engine.result import Finding
from conformance.reporting.evidence import ByNumber, find

MAX_CHARACTERS = 4000


def finding_text(finding: Finding, exchanges: ByNumber, *, limit: int = MAX_CHARACTERS, terminal: bool = False) -> str:
    """Message, expected, actual, each exchange, and the curl line. ``exchanges`` are redacted, by number.

    For a ``terminal`` (or a log, which CI systems read for commands) each text from outside is one escaped line.
    """
    if terminal:
        finding = msgspec.structs.replace(
            finding,
            message=one_line(finding.message),
            expected=one_line(finding.expected),
            actual=one_line(finding.actual),
            curl=lines(finding.curl),
        )
    parts = [finding.message, f"expected: {finding.expected}", f"actual:   {finding.actual}"]
    if finding.answered_by:
        parts.append(f"answered by: {finding.answered_by}")
    if finding.confirmed:
        parts.append(f"repeated: {finding.confirmed}")
    parts += [exchange_text(each, limit, terminal=terminal) for each in exchanges_of(finding, exchanges)]
    if finding.curl:
        parts.append(f"again: {truncate_counted(finding.curl, MAX_CHARACTERS)}")
    return "\n".join(parts)


def exchanges_of(finding: Finding, exchanges: ByNumber) -> list[RedactedExchange]:
    """The exchanges of a finding, each with its purpose there, whatever it was first sent for."""
    found = [find(exchanges, number) for number in finding.exchanges]
    roles = finding.roles or [each.purpose if each else "" for each in found]
    return [
        msgspec.structs.replace(each, purpose=role) for each, role in zip(found, roles, strict=True) if each is not None
    ]


def exchange_text(exchange: RedactedExchange, limit: int = MAX_CHARACTERS, *, terminal: bool = False) -> str:
    """One exchange, request before response, as HTTP writes them; long bodies cut. See finding_text."""
    request, response = exchange.request, exchange.response
    parts = [f"--- exchange {exchange.number} ({exchange.purpose}), {exchange.seconds:.3f} s", ""]
    parts += [
        f"{request.method} {exchange.url}",
        *header_lines(request.headers),
        "",
        body_text(request.body, limit),
        "",
    ]
    if response is None:
        parts.append(f"no response: {exchange.failure_text}")
    else:
        parts += [
            printable(f"{response.version} {response.status} {response.reason}").rstrip(),
            *header_lines(response.headers),
        ]
        parts += ["", body_text(response.body, limit)]
        if response.whole_size is not None:
            parts.append(f"[of a body of {response.whole_size} bytes]")
    return "\n".join(map(one_line, parts) if terminal else parts)


def header_lines(headers: Headers) -> list[str]:
    """``Name: value`` lines."""
    return [printable(f"{name}: {value}") for name, value in headers]


def printable(text: str) -> str:
    """The text with the characters that a terminal would obey escaped; line feeds and tabs stay."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def body_text(body: bytes, limit: int = MAX_CHARACTERS) -> str:
    """A body as text, truncated; bytes that are not UTF-8 show as replacement characters."""
    text = body.decode("utf-8", errors="replace").replace("\r\n", "\n")
    # Truncated first, because a body may have millions of characters.
    return printable(truncate_counted(text, limit))
