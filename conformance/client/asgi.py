"""ASGI applications (https://asgi.readthedocs.io, version 3): which are some, and serving one with uvicorn."""

from __future__ import annotations

import contextlib
import inspect
import logging
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from conformance.core.errors import InputError

_HOST = "127.0.0.1"
_START = 30.0
"""Seconds that the application may take to start (the lifespan protocol)."""


def is_asgi(application: Any) -> bool:
    """Whether it is called with scope, receive and send, and awaited; a WSGI application takes two arguments."""
    called = application if inspect.isroutine(application) else getattr(application, "__call__", application)  # noqa: B004
    if inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(called):
        return True
    try:
        inspect.signature(application).bind(None, None, None)
    except (TypeError, ValueError):
        return False
    try:
        inspect.signature(application).bind(None, None)
    except TypeError:
        return True
    return False


@contextlib.contextmanager
def serve_asgi(application: Any, name: str) -> Iterator[str]:
    """Serve an ASGI application from a thread of this process, started and stopped by its lifespan; yields its URL.

    Raises InputError that names it (``name``) if it does not start.
    """
    import uvicorn

    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        application, interface="asgi3", log_config=None, access_log=False, http="h11", ws="none", server_header=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    problem: list[BaseException] = []

    with socket.create_server((_HOST, 0), backlog=128) as listener:

        def work() -> None:
            try:
                server.run(sockets=[listener])
            except BaseException as error:
                problem.append(error)

        thread = threading.Thread(target=work, name="application under test", daemon=True)
        thread.start()
        try:
            _wait(server, thread, name)
            yield f"http://{_HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _wait(server: Any, thread: threading.Thread, name: str) -> None:
    deadline = time.monotonic() + _START
    while not server.started:
        if not thread.is_alive():
            raise InputError(f"TARGET {name!r}: the application did not start (its lifespan failed)")
        if time.monotonic() > deadline:
            raise InputError(f"TARGET {name!r}: the application did not start within {_START:g} s")
        time.sleep(0.01)
