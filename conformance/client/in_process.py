"""``app:package.module:name``: a WSGI or ASGI application served by this process, on loopback, during the run."""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

from waitress import create_server, wasyncore  # type: ignore[import-untyped]

from conformance.client.asgi import is_asgi, serve_asgi
from conformance.core.errors import InputError


@contextlib.contextmanager
def serve_application(target: str) -> Iterator[str]:
    """Import the application and serve it over HTTP, so that it is tested as its users meet it; yields the URL.

    Raises InputError where there is no such module or name.
    """
    application = _load(target)
    with serve_asgi(application, target) if is_asgi(application) else serve(application) as url:
        yield url


@contextlib.contextmanager
def serve(application: Any) -> Iterator[str]:
    """Serve a WSGI application from a thread of this process; yields its URL."""
    logging.getLogger("waitress").setLevel(logging.CRITICAL)
    server = create_server(application, host="127.0.0.1", port=0, threads=8, clear_untrusted_proxy_headers=False)
    stopping = threading.Event()

    def work() -> None:
        # A loop of our own: waitress' ends with an exception in its thread when another one closes it.
        while not stopping.is_set():
            wasyncore.loop(timeout=30, use_poll=True, map=server._map, count=1)
        server.task_dispatcher.shutdown(timeout=2)
        for dispatcher in list(server._map.values()):
            dispatcher.handle_close()
        server.close()

    thread = threading.Thread(target=work, name="application under test", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stopping.set()
        with contextlib.suppress(OSError):
            # The loop may have ended by itself between these two lines, and closed what it is woken by.
            server.pull_trigger()
        thread.join(timeout=10)


def _load(target: str) -> Any:
    _, _, name = target.partition(":")
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise InputError(f"TARGET {target!r}: write it as app:package.module:name")
    if "" not in sys.path:
        # As ``python -m`` does: the project in the current folder need not be installed.
        sys.path.insert(0, "")
    try:
        found = importlib.import_module(module)
    except Exception as error:
        raise InputError(f"TARGET {target!r}: cannot import {module}: {type(error).__name__}: {error}") from None
    application = getattr(found, attribute, None)
    if not callable(application):
        raise InputError(f"TARGET {target!r}: {module} has no application named {attribute}")
    return application
