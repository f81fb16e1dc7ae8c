"""Opening connections: one TLS context and one proxy for a whole run.

The pool of ``requests`` and the raw connection use the same classes of urllib3 with the same context, so that none of
them trusts, verifies or goes round anything that another one does not.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection, ProxyConfig
from urllib3.util import make_headers, parse_url
from urllib3.util.ssl_ import create_urllib3_context

from conformance.client.connection import Connection
from conformance.client.origin import origin_of
from conformance.core.errors import InputError


def tls_context(connection: Connection) -> ssl.SSLContext:
    """The TLS context that every connection uses. Raises InputError for files that cannot be used."""
    context = create_urllib3_context()
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        # The report names it; a warning for each request would be the same again.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    else:
        _trust(context, *connection.trusted())
    if connection.client_cert:
        _present(context, connection)
    return context


def _trust(context: ssl.SSLContext, path: str, option: str) -> None:
    try:
        if Path(path).is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise InputError(f"{option} {path}: it holds no certificates; a PEM file is expected") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not the name of a file"
        raise InputError(f"{option} {path}: cannot be read: {reason}") from None


class _Encrypted(Exception):
    """The private key asks for a password; a run is not the place to type one."""


def _present(context: ssl.SSLContext, connection: Connection) -> None:
    def password() -> str:
        raise _Encrypted

    cert, key = connection.client_cert, connection.client_key
    named = f"--client-cert {cert}" + (f" with --client-key {key}" if key else "")
    try:
        context.load_cert_chain(cert, key or None, password=password)
    except _Encrypted:
        raise InputError(f"{named}: the private key is encrypted; give one without a password") from None
    except ssl.SSLError as error:
        why = "the key does not belong to the certificate" if error.reason == "KEY_VALUES_MISMATCH" else (
            "a PEM file with the certificate is expected, and its private key there or in --client-key"
        )  # fmt: skip
        raise InputError(f"{named}: {why}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not the name of a file"
        raise InputError(f"{named}: cannot be read: {reason}") from None


class Dialer:
    """Opens sockets to one origin, as the pool does; raises what urllib3 raises."""

    def __init__(self, origin: str, connection: Connection) -> None:
        self.scheme, self.host, self.port = origin_of(origin)
        self.proxy = connection.proxy_for(origin)
        self.context = tls_context(connection)

    @property
    def tunnels(self) -> bool:
        """Whether a proxy passes the bytes on without reading them (CONNECT, RFC 9110 9.3.6)."""
        return bool(self.proxy) and self.scheme == "https"

    @property
    def forwards(self) -> bool:
        """Whether a proxy reads the requests and frames them again."""
        return bool(self.proxy) and self.scheme != "https"

    def open(self, timeout: float) -> socket.socket:
        """A connection on which a request can be written. The caller closes it."""
        connection = self._connection(timeout)
        connection.connect()
        found = connection.sock
        assert found is not None
        # What remains would close the socket with it.
        connection.sock = None
        found.settimeout(timeout)
        return found

    def answers(self, timeout: float) -> bool:
        """Whether something accepts connections there, without TLS; sends the target nothing."""
        try:
            if self.tunnels:
                with contextlib.closing(self._tunnel(timeout)) as connection:
                    connection.connect()
            else:
                where = self._proxy_address() if self.forwards else (self.host, self.port)
                socket.create_connection(where, timeout=timeout).close()
        except ssl.SSLError:
            return True
        except (OSError, urllib3.exceptions.HTTPError):
            return False
        return True

    def _proxy_address(self) -> tuple[str, int]:
        _, host, port = origin_of(self.proxy)
        return host, port

    def _connection(self, timeout: float) -> HTTPConnection:
        if self.tunnels:
            return self._tunnel(timeout)
        if self.scheme == "https":
            return HTTPSConnection(self.host, self.port, timeout=timeout, ssl_context=self.context)
        return HTTPConnection(self.host, self.port, timeout=timeout)

    def _tunnel(self, timeout: float) -> HTTPSConnection:
        proxy = parse_url(self.proxy)
        host, port = self._proxy_address()
        options: dict[str, Any] = {
            "proxy": proxy,
            "proxy_config": ProxyConfig(
                ssl_context=self.context, use_forwarding_for_https=False, assert_hostname=None, assert_fingerprint=None
            ),
        }
        connection = HTTPSConnection(host, port, timeout=timeout, ssl_context=self.context, **options)
        headers = make_headers(proxy_basic_auth=unquote(proxy.auth)) if proxy.auth else None
        connection.set_tunnel(self.host, self.port, headers=headers, scheme=proxy.scheme or "http")
        return connection
