"""An exchange for reading: indented, truncated, and with what is special about its request marked."""

from __future__ import annotations

import json
import xml.dom.minidom
from collections.abc import Sequence
from xml.parsers.expat import ExpatError

import msgspec

from conformance.client.exchange import Headers, RedactedExchange, header
from conformance.core.text import truncate_counted
from conformance.reporting.text import header_lines

_BODY = 8_000


class TextLine(msgspec.Struct, frozen=True):
    """A line; ``special`` if the exchange that it is compared with has no such line."""

    text: str
    special: bool = False


class ExchangeView(msgspec.Struct, frozen=True):
    """What the report shows of one exchange."""

    number: int
    role: str
    status: str
    milliseconds: int
    request: tuple[TextLine, ...]
    response: tuple[TextLine, ...]


def view_exchanges(exchanges: Sequence[RedactedExchange]) -> list[ExchangeView]:
    """Exchanges in their order; of the later ones what the first one's request and answer lack is marked."""
    if not exchanges:
        return []
    first = exchanges[0]
    views = [_view(first, None, None)]
    asked, answered = set(_request(first)), {*_head(first)}
    return views + [_view(exchange, asked, answered) for exchange in exchanges[1:]]


def _view(exchange: RedactedExchange, asked: set[str] | None, answered: set[str] | None) -> ExchangeView:
    response = exchange.response
    head = _head(exchange)
    body = pretty(response.body, response.headers).split("\n") if response and response.body else []
    if response is not None and response.whole_size is not None:
        body.append(f"[of a body of {response.whole_size} bytes]")
    return ExchangeView(
        number=exchange.number,
        role=exchange.purpose,
        status=f"{response.status} {response.reason}".strip() if response else exchange.failure_text,
        milliseconds=round(exchange.seconds * 1000),
        request=_lines(_request(exchange), asked),
        response=_lines(head, answered) + _lines([line for line in ["", *body] if body], None),
    )


def _lines(texts: Sequence[str], known: set[str] | None) -> tuple[TextLine, ...]:
    return tuple(TextLine(text, known is not None and _is_text(text) and text not in known) for text in texts)


def _is_text(line: str) -> bool:
    """Whether a line that differs says something: a date always differs."""
    return bool(line.strip()) and not line.lower().startswith("date:")


def _request(exchange: RedactedExchange) -> list[str]:
    request = exchange.request
    lines = [f"{request.method} {exchange.url}", *header_lines(request.headers)]
    return [*lines, "", *pretty(request.body, request.headers).split("\n")] if request.body else lines


def _head(exchange: RedactedExchange) -> list[str]:
    response = exchange.response
    if response is None:
        return [f"({exchange.failure_text})"]
    return [f"{response.version} {response.status} {response.reason}".strip(), *header_lines(response.headers)]


def pretty(body: bytes, headers: Headers) -> str:
    """A body for reading: JSON and XML indented if they parse, other bytes as they are; long ones truncated."""
    text = body.decode("utf-8", errors="replace")
    kind = (header(headers, "Content-Type") or "").lower()
    if len(body) <= _BODY * 4:
        try:
            if "json" in kind:
                text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
            elif "xml" in kind and b"<!" not in body:
                text = xml.dom.minidom.parseString(body).toprettyxml(indent="  ")
        except (ValueError, ExpatError, RecursionError):
            # Shown as it is: that it does not parse may be the finding.
            pass
    return truncate_counted("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text), _BODY)
