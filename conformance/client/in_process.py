"""``app:package.module:name``: a WSGI or ASGI application served by this process, on loopback, during the run."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from typing import Any

from conformance.client.asgi import is_asgi, serve_asgi
from conformance.core.errors import InputError
from conformance.core.wsgi import WsgiServer


@contextlib.contextmanager
def serve_application(target: str) -> Iterator[str]:
    """Import the application and serve it over HTTP, so that it is tested as its users use it; yields the URL.

    Raises InputError if there is no such module or name.
    """
    application = _load(target)
    with serve_asgi(application, target) if is_asgi(application) else serve(application) as url:
        yield url


@contextlib.contextmanager
def serve(application: Any) -> Iterator[str]:
    """Serve a WSGI application from a thread of this process; yields its URL."""
    with WsgiServer(application, name="application under test", threads=8) as server:
        yield server.url


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
