"""Requests over HTTP with ``requests``: no redirect followed, no cookie kept, nothing added but the framing."""

from __future__ import annotations

import http.client
import re
import threading
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3.exceptions
from requests.structures import CaseInsensitiveDict

from conformance.client.connection import Connection
from conformance.client.deadline import WatchedAdapter, deadline
from conformance.client.dial import Dialer
from conformance.client.exchange import METHODS_WITH_BODY, Failure, Request, Response
from conformance.client.limits import Limits, larger_than
from conformance.client.origin import compose

_CHUNK = 64 * 1024
# As http.client words it, with the status and the reason phrase of the proxy.
_PROXY_REFUSES = re.compile(r"Tunnel connection failed: (\d{3}[\w ]{0,60})")


class TransportFailure(Exception):
    """No usable response came: ``kind`` says how it failed, the text says it for people."""

    def __init__(self, kind: Failure, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class HttpTransport:
    """Sends to one origin. Each thread has a connection of its own, kept alive between requests."""

    def __init__(self, base_url: str, limits: Limits, connection: Connection | None = None) -> None:
        parts = urlsplit(base_url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.prefix = parts.path.rstrip("/")
        self._limits = limits
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()
        self.dialer = Dialer(self.origin, connection or Connection())
        # For the adapter, which is all that is used of requests: no .netrc, no cookies, no redirects.
        self._proxies = dict.fromkeys(("http", "https"), self.dialer.proxy) if self.dialer.proxy else {}

    def close(self) -> None:
        """Close all connections."""
        for session in self._sessions:
            session.close()

    def close_own(self) -> None:
        """Close the connection of this thread, which is about to end."""
        session: requests.Session | None = self._local.__dict__.pop("session", None)
        self._local.used = False
        if session is not None:
            session.close()
            with self._lock:
                self._sessions.remove(session)

    def url(self, request: Request) -> str:
        """The absolute URL that the request goes to. Raises OtherOrigin if that is not the target's."""
        return compose(f"{self.origin}{self.prefix}", request.target)

    def send(self, request: Request) -> Response:
        """Send one request and read the whole response; raises TransportFailure.

        A connection that was kept alive may be closed by the server at any moment (RFC 9112 9.5), so a request
        that fails on a used one is sent once more on a new one.
        """
        used = getattr(self._local, "used", False)
        try:
            return self._send(request)
        except TransportFailure as failure:
            if failure.kind is not Failure.DROPPED or not used:
                raise
        self._renew()
        return self._send(request)

    def _send(self, request: Request) -> Response:
        with deadline(self._limits.timeout) as watch:
            try:
                response = self._exchange(request)
            except TransportFailure:
                if not watch.passed:
                    raise
            # A head that ends in the middle looks like a whole one.
            if watch.passed:
                self._renew()
                raise TransportFailure(Failure.TIMEOUT, f"no whole answer within {self._limits.timeout:g} s")
            return response

    def _exchange(self, request: Request) -> Response:
        try:
            # The adapter, not the session: that one would prepare the request to a redirect.
            raw = (
                self._session()
                .get_adapter(self.origin)
                .send(self._prepare(request), stream=True, timeout=self._limits.timeout, proxies=self._proxies)
            )
            try:
                response = self._read(raw)
            finally:
                raw.close()
        except TransportFailure:
            self._renew()
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as e:
            self._renew()
            raise failure(e, self._limits.timeout) from None
        self._local.used = True
        return response

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            for scheme in ("http://", "https://"):
                session.mount(scheme, WatchedAdapter(self.dialer.context))
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return session

    def _renew(self) -> None:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is not None:
            session.close()
        self._local.used = False

    def _prepare(self, request: Request) -> requests.PreparedRequest:
        # Prepared by hand: requests' own preparation would quote the target again and add headers.
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        prepared.url = self.url(request)
        prepared.headers = CaseInsensitiveDict(request.headers)
        prepared.hooks = {"response": []}
        if request.chunked:
            prepared.headers["Transfer-Encoding"] = "chunked"
            prepared.body = _chunks(request.body)  # type: ignore[assignment]
        elif request.body or request.method in METHODS_WITH_BODY:
            prepared.headers["Content-Length"] = str(len(request.body))
            prepared.body = request.body
        return prepared

    def _read(self, raw: requests.Response) -> Response:
        data = bytearray()
        for chunk in raw.raw.stream(_CHUNK, decode_content=False):
            data += chunk
            if len(data) > self._limits.max_body:
                raise TransportFailure(Failure.TOO_LARGE, larger_than(self._limits.max_body))
        response = Response(
            status=raw.status_code,
            reason=raw.reason or "",
            version="HTTP/1.0" if raw.raw.version == 10 else "HTTP/1.1",
            headers=tuple(raw.raw.headers.iteritems()),
            wire_size=len(data),
        )
        body = decode_content(bytes(data), response.header("Content-Encoding"), self._limits.max_body)
        return msgspec.structs.replace(response, body=body)


def _chunks(body: bytes) -> Iterator[bytes]:
    # Two chunks at least, so that a reader of the first one alone is found out; the first one's size is a letter.
    yield body[:10]
    if body[10:]:
        yield body[10:]


def decode_content(data: bytes, coding: str | None, limit: int) -> bytes:
    """Undo the content codings gzip and deflate (RFC 9110 8.4.1); raises TransportFailure (malformed)."""
    for name in reversed([part.strip().lower() for part in (coding or "").split(",")]):
        if name in ("", "identity") or not data:
            continue
        if name not in ("gzip", "x-gzip", "deflate"):
            raise TransportFailure(Failure.MALFORMED, f"the response has the content coding {name}, not asked for")
        data = _inflate(data, name, limit)
    return data


def _inflate(data: bytes, name: str, limit: int) -> bytes:
    result = bytearray()
    try:
        while data:
            bits = zlib.MAX_WBITS if name == "deflate" else 16 + zlib.MAX_WBITS
            inflate = zlib.decompressobj(bits)
            result += inflate.decompress(data, limit + 1 - len(result))
            if len(result) > limit:
                raise TransportFailure(Failure.TOO_LARGE, larger_than(limit))
            if not inflate.eof:
                raise TransportFailure(Failure.MALFORMED, f"the {name} body ends before its end")
            data = inflate.unused_data
    except zlib.error as error:
        raise TransportFailure(Failure.MALFORMED, f"the body is not {name}: {error}") from None
    return bytes(result)


def failure(error: Exception, timeout: float) -> TransportFailure:
    """What an error of ``requests``, urllib3, ``ssl`` or a socket means, for the pool and for the raw connection."""
    text = str(error)
    if isinstance(error, requests.exceptions.SSLError) or "SSL" in text:
        if "WRONG_VERSION_NUMBER" in text or "record layer failure" in text:
            return TransportFailure(Failure.TLS, "no TLS is spoken there; is it http:// and not https://?")
        return TransportFailure(Failure.TLS, f"the TLS connection failed: {_short(text)}")
    if isinstance(error, requests.Timeout | urllib3.exceptions.ReadTimeoutError | TimeoutError):
        return TransportFailure(Failure.TIMEOUT, f"no answer within {timeout:g} s")
    if isinstance(error, requests.exceptions.InvalidProxyURL | requests.exceptions.InvalidURL):
        return TransportFailure(
            Failure.UNUSABLE_URL, "the URL, or that of the proxy in the environment, cannot be used"
        )
    if "NameResolutionError" in text or "getaddrinfo" in text:
        return TransportFailure(Failure.UNKNOWN_HOST, "the host name does not resolve")
    refused = _PROXY_REFUSES.search(text)
    if refused is not None:
        return TransportFailure(
            Failure.PROXY_REFUSED, f"the proxy does not open a connection to the target ({refused.group(1)})"
        )
    if "NewConnectionError" in text or isinstance(error, requests.exceptions.ProxyError):
        return TransportFailure(Failure.CONNECTION_REFUSED, "the connection was refused")
    if "IncompleteRead" in text or "ended prematurely" in text or "InvalidChunkLength" in text:
        return TransportFailure(Failure.MALFORMED, f"the body ends before its announced end: {_short(text)}")
    if "BadStatusLine" in text or "HeaderParsingError" in text or isinstance(error, ValueError):
        return TransportFailure(Failure.MALFORMED, f"the response is not HTTP: {_short(text)}")
    return TransportFailure(Failure.DROPPED, f"the connection was closed without an answer: {_short(text)}")


def _short(text: str) -> str:
    # Cut for reading once the secrets are out of it: half of one would not be found.
    return " ".join(text.split())[:20_000]
