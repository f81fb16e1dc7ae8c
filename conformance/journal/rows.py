"""An exchange as a row of the journal, and a row as the same exchange again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from conformance.client.exchange import Headers, RedactedExchange

COLUMNS = (
    *("number", "operation", "requirement", "purpose", "intent", "batch", "started", "seconds", "url"),
    *("method", "target", "request_headers", "request_body", "chunked", "sent_size"),
    *("status", "reason", "version", "response_headers", "response_body", "wire_size", "whole_size"),
    *("original_size", "trailing", "trailing_size", "framing_problem"),
    *("failure", "failure_text"),
)
"""The columns of ``exchanges``, in the order in which ``row_of`` gives their values."""


def text_value(text: str) -> str | bytes:
    """What is stored of a text: itself, or its bytes if it has lone surrogates, which SQLite cannot hold as text."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def text_of(value: str | bytes) -> str:
    """The text of which ``text_value`` made this."""
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def json_value(document: bytes) -> str | bytes:
    """JSON as text, so that SQLite's JSON functions read it; bytes that are not UTF-8 stay bytes."""
    try:
        return document.decode()
    except UnicodeDecodeError:
        return document


def _headers_value(headers: Headers) -> str | bytes:
    try:
        return msgspec.json.encode(headers).decode()
    except UnicodeEncodeError:
        # Not with escapes: a lone surrogate before another one would be read as one character.
        return text_value(json.dumps(headers, ensure_ascii=False, separators=(",", ":")))


def _headers_of(value: str | bytes) -> Any:
    # What has lone surrogates is bytes; msgspec reads only valid Unicode.
    return msgspec.json.decode(value) if isinstance(value, str) else json.loads(text_of(value))


def row_of(exchange: RedactedExchange, request_body: bytes | None, response_body: bytes | None) -> tuple[Any, ...]:
    """The values of ``COLUMNS``; the bodies are given as their digests."""
    request, response = exchange.request, exchange.response
    received: tuple[Any, ...] = (None,) * 11
    if response is not None:
        received = (
            response.status,
            text_value(response.reason),
            text_value(response.version),
            _headers_value(response.headers),
            response_body,
            response.wire_size,
            response.whole_size,
            response.original_size,
            response.trailing,
            response.trailing_size,
            text_value(response.framing_problem),
        )
    return (
        exchange.number,
        text_value(exchange.operation),
        text_value(exchange.requirement),
        text_value(exchange.purpose),
        exchange.intent.value,
        exchange.batch,
        text_value(exchange.started),
        exchange.seconds,
        text_value(exchange.url),
        text_value(request.method),
        text_value(request.target),
        _headers_value(request.headers),
        request_body,
        int(request.chunked),
        request.sent_size,
        *received,
        exchange.failure and exchange.failure.value,
        text_value(exchange.failure_text),
    )


def exchange_of(row: Sequence[Any], request_body: bytes, response_body: Any) -> RedactedExchange:
    """The exchange of a row; raises ValueError or TypeError if no exchange gives such a row."""
    value = dict(zip(COLUMNS, row, strict=True))
    response = None
    if value["status"] is not None:
        response = {
            "status": value["status"],
            "reason": text_of(value["reason"]),
            "version": text_of(value["version"]),
            "headers": _headers_of(value["response_headers"]),
            "wire_size": value["wire_size"],
            **{name: value[name] for name in ("whole_size", "original_size", "trailing_size")},
            "trailing": value["trailing"],
            "framing_problem": text_of(value["framing_problem"]),
            "body": response_body,
        }
    exchange = {
        "request": {
            "method": text_of(value["method"]),
            "target": text_of(value["target"]),
            "headers": _headers_of(value["request_headers"]),
            "body": request_body,
            "chunked": value["chunked"] != 0,
            "sent_size": value["sent_size"],
        },
        "response": response,
        **{name: value[name] for name in ("number", "intent", "batch", "seconds", "failure")},
        **{name: text_of(value[name]) for name in ("operation", "requirement", "purpose", "started", "url")},
        "failure_text": text_of(value["failure_text"]),
    }
    return msgspec.convert(exchange, RedactedExchange)
