"""Tokens by OAuth 2: asked for with the run's own connection, and the client secret goes to one place only."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.client.connection import Connection, read_connection
from conformance.client.in_process import serve
from conformance.client.oauth2 import OAuth2Client, OAuth2Source, check_client
from conformance.client.secret_names import mark
from conformance.client.target import Target
from conformance.core.errors import InputError
from support.gateways import Authority, tls

SECRET = "client/secret+1"


class TokenServer:
    """Gives token after token; ``requests`` are what it got: path, Authorization and form."""

    def __init__(self, answer: Callable[[int], tuple[str, Any, list[tuple[str, str]]]] | None = None) -> None:
        self.requests: list[tuple[str, str, dict[str, list[str]], dict[str, Any]]] = []
        self._answer = answer or (
            lambda count: ("200 OK", {"access_token": f"token-number-{count}", "token_type": "Bearer"}, [])
        )

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        form = parse_qs(environ["wsgi.input"].read().decode())
        path = environ["PATH_INFO"] + "?" + environ["QUERY_STRING"]
        self.requests.append((path, environ.get("HTTP_AUTHORIZATION", ""), form, environ))
        status, body, headers = self._answer(len(self.requests))
        start(status, [("Content-Type", "application/json"), *headers])
        return [body if isinstance(body, bytes) else json.dumps(body).encode()]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", SECRET)


def source(url: str, connection: Connection | None = None, **options: Any) -> OAuth2Source:
    client = OAuth2Client(
        token_url=f"{url}/token?tenant=a", client_id="id:1", client_secret="env:CLIENT_SECRET", **options
    )
    return OAuth2Source(name="staging", client=client, connection=connection or Connection(), timeout=5)


@contextlib.contextmanager
def token_server(*arguments: Any) -> Iterator[tuple[TokenServer, str]]:
    server = TokenServer(*arguments)
    with serve(server) as url:
        yield server, url


def test_a_token_each_time() -> None:
    with token_server() as (server, url):
        target = Target("http://127.0.0.1:9", credentials=[source(url, scope="read write")])
        assert target.credentials[0].headers() == (("Authorization", "Bearer token-number-1"),)
        assert target.renewable
        assert target.renew()
        assert target.credentials[0].headers() == (("Authorization", "Bearer token-number-2"),)
    path, authorization, form, _ = server.requests[0]
    assert path == "/token?tenant=a"
    # RFC 6749 2.3.1: both are encoded as in a form first.
    assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == "id%3A1:client%2Fsecret%2B1"
    assert form == {"grant_type": ["client_credentials"], "scope": ["read write"]}
    assert (
        target.redactor.text("token-number-1 token-number-2")
        == f"{mark('bearer.token')} {mark('bearer.token, renewal 1')}"
    )


def test_the_client_in_the_body() -> None:
    with token_server() as (server, url):
        source(url, client_auth="body").read()
    _, authorization, form, _ = server.requests[0]
    assert authorization == ""
    assert form == {"grant_type": ["client_credentials"], "client_id": ["id:1"], "client_secret": [SECRET]}


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_takes_the_secret_nowhere(status: str) -> None:
    with token_server() as (other, elsewhere):
        with (
            token_server(lambda _: (status, {}, [("Location", elsewhere)])) as (_, url),
            pytest.raises(InputError, match=r"gives no token \(HTTP 30"),
        ):
            source(url).read()
        assert other.requests == []


def test_what_goes_to_the_target_does_not_go_there() -> None:
    with token_server() as (server, url):
        source(url, read_connection(headers=["X-Gate: sesame"], cookies=["gate=1"])).read()
    assert not {"HTTP_X_GATE", "HTTP_COOKIE"} & server.requests[0][3].keys()


def test_the_certificates_of_the_run_hold_there_too(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with token_server() as (_, plain), tls(plain, authority.server_context()) as url:
        assert source(url, Connection(ca_bundle=str(authority.bundle))).read().value == "token-number-1"
        with pytest.raises(InputError, match="the TLS connection failed") as error:
            source(url).read()
        assert error.value.exit_status == 4


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        ("401 Unauthorized", {"error": "invalid_client", "error_description": "hidden"}, r"gives no token \(invalid_client\)"),
        ("400 Bad Request", {"error": "hidden\x1b[31m"}, r"gives no token \(HTTP 400\)"),
        ("500 Oops", b"<html>hidden", r"gives no token \(HTTP 500\)"),
        ("403 Forbidden", {"access_token": "hidden", "token_type": "Bearer"}, r"gives no token \(HTTP 403\)"),
        ("200 OK", b"\xff\xfe", "does not answer with a token"),
        ("200 OK", [], "does not answer with a token"),
        ("200 OK", {"token_type": "Bearer"}, "gives no token"),
        ("200 OK", {"access_token": "hidden", "token_type": "mac"}, "not a bearer token"),
        ("200 OK", {"access_token": "hid\nden", "token_type": "bearer"}, "not a bearer token"),
        ("200 OK", {"access_token": 5, "token_type": "bearer"}, "not a bearer token"),
        ("200 OK", {"access_token": "x" * 70000, "token_type": "bearer"}, "larger than 64 KiB"),
    ],
)  # fmt: skip
def test_answers_without_a_token(status: str, body: Any, message: str) -> None:
    with (
        token_server(lambda _: (status, body, [])) as (_, url),
        pytest.raises(InputError, match=rf"^--auth oauth2:staging: .*{message}") as error,
    ):
        source(url).read()
    assert error.value.exit_status == 4
    for text in ("hidden", SECRET):
        assert text not in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"token_url": "http://idp.example/token"}, "must be https"),
        ({"token_url": "ftp://idp.example/token"}, "is not a URL"),
        ({"token_url": "https://user:hidden@idp.example/"}, "is not a URL"),
        ({"token_url": "https://idp.example:x/"}, "is not a URL"),
        ({"client_secret": "hidden"}, "client_secret may not be in this file"),
        ({"client_secret": "cmd:hidden"}, "client_secret may not be in this file"),
        ({"client_id": ""}, "client_id is empty"),
    ],
)
def test_tables_that_cannot_be_used(changes: dict[str, str], message: str) -> None:
    fields = {"token_url": "https://idp.example/token", "client_id": "me", "client_secret": "env:X"}
    check_client(OAuth2Client(**fields), "here")
    with pytest.raises(InputError, match=f"^here: .*{message}") as error:
        check_client(OAuth2Client(**fields | changes), "here")
    assert "hidden" not in str(error.value)
