"""``evidence.har``: every exchange of a run as HTTP Archive 1.2; an entry's index is its exchange's number."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from harfile import Content, Creator, HarFile, PostData, Record, Request, Response, Timings

from conformance.client.exchange import Headers, RedactedExchange, header
from conformance.reporting.evidence import Exchanges
from conformance.reporting.results import Results


def har(results: Results, exchanges: Exchanges) -> bytes:
    """The archive as UTF-8 JSON; ``exchanges`` are redacted.

    What HAR has no field for is in an entry's comment: ``requirement=SEL-03; role=selected; operation=...``, and
    how the response failed to come if there is none (its status is 0 then).
    """
    return b"".join(har_parts(results, exchanges))


def har_parts(results: Results, exchanges: Exchanges) -> Iterator[bytes]:
    """The same in parts, an exchange at a time."""
    run = results.run
    comment = f"{results.sentence}; run {run.id}, seed {run.seed}, contract {results.suite.contract_digest}"
    out = io.StringIO()
    archive = HarFile(out, creator=Creator(name="conformance", version=results.suite.version), comment=comment)
    for exchange in exchanges:
        milliseconds = round(exchange.seconds * 1000, 3)
        archive.add_entry(
            startedDateTime=exchange.started,
            time=milliseconds,
            request=_request(exchange),
            response=_response(exchange),
            timings=Timings(send=0, wait=milliseconds, receive=0),
            comment=_comment(exchange),
        )
        yield _taken(out)
    archive.close()
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    written = out.getvalue().encode("utf-8", "replace")
    out.seek(0)
    out.truncate()
    return written


def _comment(exchange: RedactedExchange) -> str:
    parts = {
        "requirement": exchange.requirement or "discovery",
        "role": exchange.purpose,
        "operation": exchange.operation,
    }
    if exchange.request.sent_size is not None:
        parts["sent with"] = exchange.request.framing
    if exchange.response is not None and exchange.response.trailing_size:
        parts["after the end"] = f"{exchange.response.trailing_size} bytes"
    if exchange.failure is not None:
        parts["failure"] = f"{exchange.failure} ({exchange.failure_text})"
    return "; ".join(f"{name}={value}" for name, value in parts.items())


def _request(exchange: RedactedExchange) -> Request:
    request = exchange.request
    post = None
    if request.body:
        text, encoding = _text(request.body)
        mime = header(request.headers, "Content-Type") or ""
        post = PostData(mimeType=mime, text=text, comment=encoding)
    return Request(
        method=request.method,
        url=exchange.url,
        httpVersion="HTTP/1.1",
        headers=_records(request.headers),
        queryString=_records(tuple(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True))),
        postData=post,
        bodySize=request.body_size,
    )


def _response(exchange: RedactedExchange) -> Response:
    response = exchange.response
    if response is None:
        return Response(status=0, statusText="", httpVersion="")
    text, encoding = _text(response.body)
    return Response(
        status=response.status,
        statusText=response.reason,
        httpVersion=response.version,
        headers=_records(response.headers),
        content=Content(
            size=response.received_size,
            mimeType=response.header("Content-Type") or "",
            text=text,
            encoding=encoding,
            comment=_of_body(exchange),
        ),
        redirectURL=response.header("Location") or "",
        bodySize=response.wire_size,
    )


def _of_body(exchange: RedactedExchange) -> str | None:
    """How the text of the response's body differs from what came."""
    response = exchange.response
    if response is None or (response.whole_size is None and response.original_size is None):
        return None
    parts = [f"the first {len(response.body)} bytes"] if response.whole_size is not None else []
    return "; ".join([*parts, "without secrets"] if response.original_size is not None else parts)


def _records(headers: Headers) -> list[Record]:
    return [Record(name=name, value=value) for name, value in headers]


def _text(body: bytes) -> tuple[str, str | None]:
    """The body as text and the encoding of that text: Base64 if it is not UTF-8."""
    try:
        return body.decode("utf-8"), None
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"
