"""A server that answers with what it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from conformance.client.sender import Label

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


LABEL = Label(operation="o")


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    seen = {
        key: value
        for key, value in environ.items()
        if key.startswith("HTTP_") or key in ("QUERY_STRING", "CONTENT_TYPE")
    }
    start("200 OK", [("Content-Type", "application/json"), ("Set-Cookie", "session=1")])
    return [json.dumps({**seen, "body": environ["wsgi.input"].read().decode()}).encode()]
