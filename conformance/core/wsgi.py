"""Serving a WSGI application from a thread of this process, with Waitress."""

from __future__ import annotations

import contextlib
import logging
import threading
from types import TracebackType
from typing import Any, Self

from waitress import create_server, wasyncore  # type: ignore[import-untyped]

HOST = "127.0.0.1"


class WsgiServer:
    """A server on loopback that answers until it is closed; also a context manager.

    ``options`` are Waitress' adjustments, and ``sockets`` if it is to listen on another port than any free one;
    ``channel_class`` is Waitress' for connections.
    """

    def __init__(self, application: Any, *, name: str, channel_class: type | None = None, **options: Any) -> None:
        # Waitress reports what clients do wrong, which is what many requests here are for.
        logging.getLogger("waitress").setLevel(logging.CRITICAL)
        listen = {} if "sockets" in options else {"host": HOST, "port": 0}
        self._server = create_server(application, clear_untrusted_proxy_headers=False, **listen, **options)
        if channel_class is not None:
            self._server.channel_class = channel_class
        self.port = int(self._server.effective_port)
        self.url = f"http://{HOST}:{self.port}"
        self._stopping = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
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
        """Stop answering and release the port. It may be called more than once."""
        if not self._stopping.is_set():
            self._stopping.set()
            with contextlib.suppress(OSError):
                # The loop may have ended by itself between these two lines, and closed what wakes it.
                self._server.pull_trigger()
        self._thread.join(10)

    def _run(self) -> None:
        server = self._server
        # Not Waitress' own loop: that one ends with an exception in its thread when another thread closes it.
        while not self._stopping.is_set():
            wasyncore.loop(timeout=30, use_poll=True, map=server._map, count=1)
        server.task_dispatcher.shutdown(timeout=2)
        for dispatcher in list(server._map.values()):
            dispatcher.handle_close()
        server.close()
        self._stopped.set()
