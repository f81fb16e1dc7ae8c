"""The reference server on a port of this machine (Waitress, HTTP/1.1 with connections that are kept)."""

from __future__ import annotations

import socket
from collections.abc import Collection
from typing import Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped]
from waitress.task import WSGITask  # type: ignore[import-untyped]

from conformance.contract.model import Contract
from conformance.core.errors import InputError
from conformance.core.wsgi import HOST, WsgiServer
from conformance.reference.application import ReferenceApplication
from conformance.reference.authorize import Installation
from conformance.reference.request_headers import CLOSE, SPELLED

_THREADS = 16
_IN_MEMORY = 2**24


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Keeps what Waitress drops and a fault needs: how header names were spelled."""

    spelled: frozenset[str] = frozenset()

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        lines = header_plus.split(b"\r\n")[1:]
        self.spelled = frozenset(line.partition(b":")[0].decode("latin-1") for line in lines)


class _Task(WSGITask):  # type: ignore[misc]
    """Passes on how header names were spelled, and that the body was chunked."""

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
        listener.bind((HOST, port))
        # At once, so that a port that is in use is found out here.
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise InputError(f"--port {port}: cannot listen there ({error}); choose another, or 0 for any") from None
    return listener


class RunningServer(WsgiServer):
    """The reference server while it runs."""

    def __init__(self, application: ReferenceApplication, port: int) -> None:
        self.application = application
        super().__init__(
            application, name="reference-server", channel_class=_Channel, sockets=[_listen(port)], threads=_THREADS,
            ident="reference", inbuf_overflow=_IN_MEMORY, outbuf_overflow=_IN_MEMORY, asyncore_use_poll=True,
        )  # fmt: skip


def serve(
    contract: Contract,
    *,
    port: int = 0,
    faults: Collection[str] = (),
    installation: Installation = "onsite",
    variants: Collection[str] = (),
) -> RunningServer:
    """Serve a contract on 127.0.0.1 (port 0: any free one). Raises InputError if the port cannot be used."""
    return RunningServer(ReferenceApplication(contract, faults, installation, variants), port)
