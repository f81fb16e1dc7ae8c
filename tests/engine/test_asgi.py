"""ASGI applications in process: distinguished from WSGI, started and stopped by their lifespan, stopped with the run."""

from __future__ import annotations

import contextlib
import functools
import sys
import types
from typing import Any

import pytest

from conformance.client.asgi import is_asgi
from conformance.client.connection import DIRECT
from conformance.client.exchange import Request
from conformance.client.in_process import serve_application
from conformance.client.limits import Limits
from conformance.client.target import Target
from conformance.core.errors import InputError
from support.echo_server import LABEL, echo

events: list[str] = []


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            events.append(message["type"])
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"content-type", b"text/plain"), (b"x-path", scope["raw_path"]), (b"x-query", scope["query_string"])]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": scope["method"].encode() + b" " + body})


async def without_lifespan(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await application(scope, receive, send)


async def failing(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


class Framework:
    """As Starlette, FastAPI and Django make theirs."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await application(scope, receive, send)


def wrapped(scope: Any, receive: Any, send: Any) -> Any:
    """As a decorator that is not a coroutine function itself."""
    return application(scope, receive, send)


class Wsgi:
    def __call__(self, environ: Any, start_response: Any) -> Any:
        return echo(environ, start_response)


def loose(*arguments: Any) -> Any:
    return echo(*arguments)


@pytest.mark.parametrize(
    "one", [application, Framework(), wrapped, functools.partial(application), Framework().__call__]
)
def test_asgi_is_known(one: Any) -> None:
    assert is_asgi(one)


@pytest.mark.parametrize("one", [echo, Wsgi(), loose, functools.partial(echo), Wsgi().__call__])
def test_wsgi_is_known(one: Any) -> None:
    assert not is_asgi(one)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = types.ModuleType("under_test")
    monkeypatch.setitem(sys.modules, "under_test", made)
    return made


@pytest.mark.parametrize("one", [application, Framework(), wrapped, without_lifespan])
def test_it_is_served_as_its_users_meet_it(one: Any, module: Any) -> None:
    module.app = one
    events.clear()
    with serve_application("app:under_test:app") as url:
        target = Target(url, limits=Limits(timeout=10), connection=DIRECT)
        with contextlib.closing(target):
            for _ in range(2):
                exchange = target.send(Request(method="POST", target="/a%20b?c=%2F", body=b"hi"), LABEL)
                assert exchange.response is not None
                assert exchange.response.body == b"POST hi"
                assert exchange.response.header("X-Path") == "/a%20b"
                assert exchange.response.header("X-Query") == "c=%2F"
            wired = target.send_on_wire(Request(method="HEAD", target="/"), LABEL).response
            assert wired is not None
            assert (wired.framing_problem, wired.trailing_size) == ("", 0)
    assert events == ([] if one is without_lifespan else ["lifespan.startup", "lifespan.shutdown"])
    assert not Target(url, connection=DIRECT).listens()


def test_one_that_does_not_start_is_one_clear_line(module: Any) -> None:
    module.app = failing
    expected = r"^TARGET 'app:under_test:app': the application did not start"
    with pytest.raises(InputError, match=expected), serve_application("app:under_test:app"):
        pass
