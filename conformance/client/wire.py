"""One exchange on a connection of its own, read byte by byte with h11: what a client library would hide.

A library reads what Content-Length promises and stops; whether more bytes follow, and whether the framing is
right at all (RFC 9112 6), only shows here.
"""

from __future__ import annotations

import http.client
import socket
import time
from urllib.parse import urlsplit

import h11
import msgspec
import urllib3.exceptions

from conformance.client.exchange import Failure, Request, Response
from conformance.client.limits import Limits, larger_than
from conformance.client.transport import HttpTransport, TransportFailure, decode_content, failure

_LAST_READ = 0.3


def send_on_wire(transport: HttpTransport, request: Request, limits: Limits) -> Response:
    """Send ``request`` with ``Connection: close`` and read to the end; raises TransportFailure (no answer).

    The response says what came after the end of the message, and what is wrong with its framing.

    The connection is opened as the transport opens its own: with the same certificates, through the same proxy.
    """
    parts = urlsplit(transport.url(request))
    connection = h11.Connection(h11.CLIENT)
    headers = [
        ("Host", parts.netloc.rpartition("@")[2]),
        *request.headers,
        ("Content-Length", str(len(request.body))),
        ("Connection", "close"),
    ]
    target = transport.prefix + request.target
    out = connection.send(h11.Request(method=request.method, target=target, headers=headers)) or b""
    if request.body:
        out += connection.send(h11.Data(data=request.body)) or b""
    out += connection.send(h11.EndOfMessage()) or b""
    try:
        with transport.dialer.open(limits.timeout) as channel:
            channel.sendall(out)
            return _receive(channel, connection, limits)
    except TransportFailure:
        raise
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
        raise failure(error, limits.timeout) from None


def _receive(channel: socket.socket, connection: h11.Connection, limits: Limits) -> Response:
    deadline = time.monotonic() + limits.timeout
    head: h11.Response | None = None
    body = bytearray()
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TransportFailure(Failure.TIMEOUT, f"no end of the response within {limits.timeout:g} s")
                channel.settimeout(left)
                connection.receive_data(channel.recv(65536))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > limits.max_body:
                    raise TransportFailure(Failure.TOO_LARGE, larger_than(limits.max_body))
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed) or event is h11.PAUSED:
                break
    except h11.RemoteProtocolError as error:
        if head is None:
            raise TransportFailure(Failure.MALFORMED, f"the response is not HTTP: {error}") from None
        return _response(head, bytes(body), limits, problem=str(error))
    if head is None:
        raise TransportFailure(Failure.DROPPED, "the connection was closed without an answer")
    trailing = bytes(connection.trailing_data[0]) + _rest_of(channel)
    return _response(head, bytes(body), limits, trailing=trailing)


def _rest_of(channel: socket.socket) -> bytes:
    """What still comes after the end of the message, until the peer closes or keeps silent."""
    channel.settimeout(_LAST_READ)
    try:
        return channel.recv(65536)
    except OSError:
        return b""


def _response(head: h11.Response, body: bytes, limits: Limits, *, trailing: bytes = b"", problem: str = "") -> Response:
    response = Response(
        status=head.status_code,
        reason=head.reason.decode("latin-1"),
        version=f"HTTP/{head.http_version.decode('ascii')}",
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()),
        wire_size=len(body),
        trailing=trailing,
        trailing_size=len(trailing),
        framing_problem=problem,
    )
    try:
        decoded = decode_content(body, response.header("Content-Encoding"), limits.max_body)
    except TransportFailure as failure:
        if failure.kind is Failure.TOO_LARGE:
            raise
        decoded = body
    return msgspec.structs.replace(response, body=decoded)
