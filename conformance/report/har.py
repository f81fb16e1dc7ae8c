"""``evidence.har``: every exchange of a run as HTTP Archive 1.2; an entry's index is its exchange's number."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from conformance import __version__
from conformance.report.results import Results
from conformance.target.exchange import Exchange, Headers, header


def har(results: Results, exchanges: Sequence[Exchange]) -> bytes:
    """The archive as UTF-8 JSON; ``exchanges`` are redacted.

    Fields that HAR does not have begin with an underscore, as HAR wants it: requirement, role, failure.
    """
    log = {
        "version": "1.2",
        "creator": {"name": "conformance", "version": __version__},
        "comment": f"seed {results.run.seed}, contract {results.suite.contract_digest}",
        "entries": [_entry(exchange) for exchange in exchanges],
    }
    return json.dumps({"log": log}, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _entry(exchange: Exchange) -> dict[str, Any]:
    milliseconds = round(exchange.seconds * 1000, 3)
    entry: dict[str, Any] = {
        "startedDateTime": exchange.started,
        "time": milliseconds,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_operation": exchange.operation,
        "_requirement": exchange.requirement,
        "_role": exchange.role,
    }
    if exchange.failure is not None:
        entry |= {"_failure": exchange.failure, "comment": exchange.failure_text}
    return entry


def _request(exchange: Exchange) -> dict[str, Any]:
    request = exchange.request
    record: dict[str, Any] = {
        "method": request.method,
        "url": exchange.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        mime = header(request.headers, "Content-Type") or ""
        text, encoding = _text(request.body)
        record["postData"] = {"mimeType": mime, "text": text} | ({"_encoding": encoding} if encoding else {})
    return record


def _response(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response
    if response is None:
        # What HAR's own writers put down for a request that was not answered.
        return {
            "status": 0,
            "statusText": "",
            "httpVersion": "",
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": ""},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        }
    text, encoding = _text(response.body)
    content: dict[str, Any] = {
        "size": len(response.body),
        "mimeType": response.header("Content-Type") or "",
        "text": text,
    }
    if encoding:
        content["encoding"] = encoding
    return {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": response.version,
        "cookies": [],
        "headers": _headers(response.headers),
        "content": content,
        "redirectURL": response.header("Location") or "",
        "headersSize": -1,
        "bodySize": response.wire_size,
    }


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _text(body: bytes) -> tuple[str, str]:
    try:
        return body.decode("utf-8"), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"
