"""``app:package.module:name``: a WSGI application served from this process, on loopback, for the run's time."""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import waitress  # type: ignore[import-untyped]

from conformance.contract.errors import InputError


@contextlib.contextmanager
def serve_application(target: str) -> Iterator[str]:
    """Import the application and serve it over HTTP, so that it is tested as its users meet it; yields the URL.

    Raises InputError where there is no such module or name.
    """
    application = _load(target)
    logging.getLogger("waitress").setLevel(logging.CRITICAL)
    server = waitress.create_server(
        application, host="127.0.0.1", port=0, threads=8, clear_untrusted_proxy_headers=False
    )
    thread = threading.Thread(target=server.run, name="application under test", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(timeout=5)


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
