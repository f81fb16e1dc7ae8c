"""The reference server on a port of this machine (Waitress, HTTP/1.1 with connections that are kept)."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Collection
from types import TracebackType
from typing import Any

from waitress import create_server, wasyncore  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped]
from waitress.task import WSGITask  # type: ignore[import-untyped]

from conformance.contract.model import Contract
from conformance.core.errors import InputError
from conformance.reference.application import ReferenceApplication
from conformance.reference.authorize import Installation
from conformance.reference.request_headers import CLOSE, SPELLED

_HOST = "127.0.0.1"
_THREADS = 16
_IN_MEMORY = 2**24


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Keeps what Waitress forgets and a fault needs: how header names were spelled."""

    spelled: frozenset[str] = frozenset()

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        lines = header_plus.split(b"\r\n")[1:]
        self.spelled = frozenset(line.partition(b":")[0].decode("latin-1") for line in lines)


class _Task(WSGITask):  # type: ignore[misc]
    """Hands on how header names were spelled, and that the body was chunked."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[SPELLED] = self.request.spelled
        if self.request.chunked:
            environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        return environ

    def build_response_header(self) -> bytes:
        if self.environ is not None and self.environ.get(CLOSE):
            # What Waitress looks at to decide; an application may not send the header itself (PEP 3333).
            self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser
    task_class = _Task


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        # Now, so that a port that somebody else listens on is found out here.
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise InputError(f"--port {port}: cannot listen there ({error}); choose another, or 0 for any") from None
    return listener


class RunningServer:
    """A server that answers until it is closed; also a context manager."""

    def __init__(self, application: ReferenceApplication, port: int) -> None:
        self.application = application
        # Waitress reports what clients do wrong, which is what most requests here are for.
        logging.getLogger("waitress").setLevel(logging.CRITICAL)
        self._server = create_server(
            application, sockets=[_listen(port)], threads=_THREADS, ident="reference", inbuf_overflow=_IN_MEMORY,
            outbuf_overflow=_IN_MEMORY, asyncore_use_poll=True, clear_untrusted_proxy_headers=False,
        )  # fmt: skip
        self._server.channel_class = _Channel
        self.port: int = int(self._server.effective_port)
        self.url = f"http://{_HOST}:{self.port}"
        self._stopping = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reference-server", daemon=True)
        self._thread.start()

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait(self) -> None:
        """Return when the server was closed; an interruption closes it."""
        try:
            # Waiting without end cannot be interrupted on every system.
            while not self._stopped.wait(3600):
                pass
        finally:
            self.close()

    def close(self) -> None:
        """Stop answering and give back the port. More than once is no harm."""
        if not self._stopping.is_set():
            self._stopping.set()
            with contextlib.suppress(OSError):
                # The loop may have ended by itself between these two lines, and closed what it is woken by.
                self._server.pull_trigger()
        self._thread.join(10)

    def _run(self) -> None:
        server = self._server
        while not self._stopping.is_set():
            wasyncore.loop(timeout=30, use_poll=True, map=server._map, count=1)
        server.task_dispatcher.shutdown(timeout=2)
        for dispatcher in list(server._map.values()):
            dispatcher.handle_close()
        server.close()
        self._stopped.set()


def serve(
    contract: Contract,
    *,
    port: int = 0,
    faults: Collection[str] = (),
    installation: Installation = "onsite",
    variants: Collection[str] = (),
) -> RunningServer:
    """Serve a contract on 127.0.0.1 (port 0: any free one). Raises InputError where the port cannot be had."""
    return RunningServer(ReferenceApplication(contract, faults, installation, variants), port)
