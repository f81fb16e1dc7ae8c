"""A deadline for a whole exchange: ``requests`` knows only how long a single read may take.

A server that drips a byte a second, or sends 1xx responses without end, would never let a run go on. The
connection is then shut down from another thread, which ends every read on it.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

_current = threading.local()


class _Response(http.client.HTTPResponse):
    """Reads on past every interim response (RFC 9110 15.2); the library takes all but 100 for the answer."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)


class _Watched(HTTPConnection):
    response_class = _Response

    def request(self, *args: Any, **options: Any) -> None:
        _current.connection = self
        super().request(*args, **options)


class _WatchedTls(HTTPSConnection):
    response_class = _Response

    def request(self, *args: Any, **options: Any) -> None:
        _current.connection = self
        super().request(*args, **options)


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


_POOLS = {"http": _Pool, "https": _TlsPool}


class WatchedAdapter(HTTPAdapter):
    """The adapter of ``requests`` with connections that ``deadline`` can end, and with the TLS context of the run."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """As HTTPAdapter's."""
        super().init_poolmanager(*args, ssl_context=self._context, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        """As HTTPAdapter's."""
        manager = super().proxy_manager_for(
            proxy, ssl_context=self._context, proxy_ssl_context=self._context, **options
        )
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """The host alone: what is trusted and presented is in the context, and nothing is added to it."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: HTTPAdapter's would trust the public authorities beside those of the context."""


class Deadline:
    """Whether the time is over."""

    def __init__(self) -> None:
        self.passed = False


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """End what this thread's connection reads after this many seconds."""
    _current.connection = None
    thread = _current.__dict__
    state = Deadline()

    def end() -> None:
        state.passed = True
        connection = thread.get("connection")
        channel = getattr(connection, "sock", None)
        if channel is not None:
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield state
    finally:
        timer.cancel()
