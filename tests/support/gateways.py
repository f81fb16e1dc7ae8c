"""What is in front of a staging server: TLS with certificates of a private authority, and a forward proxy.

Each passes bytes on to a server that is already there, so that a test sees the same answers with and without it.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import trustme

HOST = "127.0.0.1"


class Authority:
    """A private certificate authority with its files in a folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.ca = trustme.CA(organization_name=name)
        self.folder = folder
        self.bundle = folder / f"{name}.pem"
        self.ca.cert_pem.write_to_path(self.bundle)

    def server_context(self, *hosts: str, clients: Authority | None = None) -> ssl.SSLContext:
        """For a server with these names; with ``clients`` it lets in only who has a certificate of theirs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*(hosts or (HOST, "localhost"))).configure_cert(context)
        if clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            clients.ca.configure_trust(context)
        return context

    def client(self, name: str = "jane") -> tuple[Path, Path]:
        """Files of a client's certificate and key."""
        issued = self.ca.issue_cert(f"{name}@example.test", common_name=name)
        cert, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        issued.cert_chain_pems[0].write_to_path(cert)
        issued.private_key_pem.write_to_path(key)
        return cert, key


@contextlib.contextmanager
def accepting(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A listener that hands every connection to a thread; yields its port."""
    listener = socket.create_server((HOST, 0), backlog=64)

    def one(channel: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), channel:
            channel.settimeout(30)
            serve(channel)

    def work() -> None:
        while True:
            try:
                channel, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(channel,), daemon=True).start()

    threading.Thread(target=work, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def relay(one: socket.socket, other: socket.socket, mounted: bytes = b"") -> None:
    """Pass bytes both ways until one side closes; to ``other`` without the path where it is mounted."""
    while True:
        waiting = [each for each in (one, other) if isinstance(each, ssl.SSLSocket) and each.pending()]
        for source in waiting or select.select([one, other], [], [], 30)[0]:
            data = source.recv(65536)
            if not data:
                return
            if mounted and source is one:
                data = data.replace(b" " + mounted + b"/", b" /", 1)
            (other if source is one else one).sendall(data)


@contextlib.contextmanager
def tls(url: str, context: ssl.SSLContext, host: str = HOST, mounted: bytes = b"") -> Iterator[str]:
    """A server in front of ``url`` that speaks TLS; yields its URL. Under the path ``mounted`` is the server too."""
    inner = urlsplit(url)

    def serve(channel: socket.socket) -> None:
        with (
            context.wrap_socket(channel, server_side=True) as secure,
            socket.create_connection((inner.hostname or "", inner.port or 80)) as plain,
        ):
            relay(secure, plain, mounted)

    with accepting(serve) as port:
        yield f"https://{host}:{port}"


class Proxy:
    """A forward proxy: CONNECT for what is https, whole URLs for http. ``seen`` are its request lines."""

    def __init__(self, password: str = "") -> None:
        self.seen: list[str] = []
        self.refused = 0
        self._expected = "Basic " + base64.b64encode(f"user:{password}".encode()).decode() if password else ""
        self.url = ""

    @contextlib.contextmanager
    def running(self) -> Iterator[Proxy]:
        with accepting(self._serve) as port:
            self.url = f"http://{HOST}:{port}"
            yield self

    def _serve(self, channel: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            data = channel.recv(65536)
            if not data:
                return
            head += data
        line, _, rest = head.partition(b"\r\n")
        method, target, _ = line.decode("latin-1").split(" ", 2)
        self.seen.append(f"{method} {target}")
        given = [
            each.partition(b": ")[2] for each in rest.split(b"\r\n") if each[:20].lower() == b"proxy-authorization:"
        ]
        if self._expected and given != [self._expected.encode()]:
            self.refused += 1
            channel.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            with socket.create_connection((host, int(port))) as other:
                channel.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                relay(channel, other)
            return
        parts = urlsplit(target)
        path = target.removeprefix(f"{parts.scheme}://{parts.netloc}") or "/"
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as other:
            # One request a connection: the next one on it would be of a line that is not seen.
            other.sendall(f"{method} {path} HTTP/1.1\r\nConnection: close\r\n".encode("latin-1") + rest)
            relay(channel, other)
