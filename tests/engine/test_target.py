"""Requests over the wire: what is sent, what is kept, what is waited for, and what is never written."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from conformance.client.credentials import parse_credential
from conformance.client.exchange import Exchange, Request, Response
from conformance.client.in_process import serve
from conformance.client.limits import AskedToWait, BudgetUsedUp, Limits, RateLimit, retry_after
from conformance.client.redact import Redactor
from conformance.client.secret_names import MARK
from conformance.client.target import Target
from conformance.core.errors import InputError
from support.echo_server import LABEL, App, echo


@contextmanager
def served(app: App, limits: Limits | None = None) -> Iterator[Target]:
    with serve(app) as url:
        target = Target(url, limits=limits or Limits(timeout=5))
        try:
            yield target
        finally:
            target.close()


def respond(status: str = "200 OK", body: bytes = b"{}", *headers: tuple[str, str]) -> App:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start(status, [("Content-Type", "application/json"), *headers])
        return [body]

    return app


def test_nothing_is_added_or_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with served(echo) as target:
        for _ in range(2):
            request = Request(
                method="POST", target="/x?%24select=a%2Cb", headers=(("Content-Type", "a/b"),), body=b"hi"
            )
            response = target.send(request, LABEL).response
            assert response is not None
            seen = json.loads(response.body)
            assert seen["QUERY_STRING"] == "%24select=a%2Cb"
            assert seen["body"] == "hi"
            assert seen["CONTENT_TYPE"] == "a/b"
            assert not {"HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_ACCEPT"} & seen.keys()


def test_chunked() -> None:
    with served(echo) as target:
        exchange = target.send(Request(method="POST", target="/", body=b"x" * 30, chunked=True), LABEL)
        assert exchange.response is not None
        assert json.loads(exchange.response.body)["body"] == "x" * 30


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect"])
def test_redirects_are_not_followed(status: str) -> None:
    with served(respond(status, b"", ("Location", "http://127.0.0.1:9/"))) as target:
        exchange = target.send(Request(method="POST", target="/"), LABEL)
        assert exchange.response is not None
        assert exchange.response.status == int(status[:3])
        assert target.sent == 1


def test_retry_after_is_obeyed_and_bounded() -> None:
    answers = iter(["429 Slow down", "503 Busy", "200 OK"])

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start(next(answers), [("Retry-After", "0")])
        return [b""]

    with served(app) as target:
        exchange = target.send(Request(method="POST", target="/"), LABEL)
        assert exchange.response is not None
        assert exchange.response.status == 200
        assert target.sent == 3
        assert len(target.recorder.evidence) == 1
    with served(respond("429 Slow down", b"", ("Retry-After", "3600"))) as target, pytest.raises(AskedToWait):
        target.send(Request(method="POST", target="/"), LABEL)


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [(429, "7", 7.0), (429, None, 4.0), (503, "1", 1.0), (503, None, None), (200, "5", None), (500, "5", None),
     (429, "Wed, 21 Oct 2015 07:28:00 GMT", 0.0), (429, "soon", 4.0)],
)  # fmt: skip
def test_when_to_come_back(status: int, value: str | None, seconds: float | None) -> None:
    headers = (("retry-after", value),) if value is not None else ()
    assert retry_after(Response(status=status, headers=headers), 2) == seconds


def test_the_budget() -> None:
    with served(respond(), Limits(timeout=5, max_requests=2)) as target:
        for _ in range(2):
            target.send(Request(method="POST", target="/"), LABEL)
        with pytest.raises(BudgetUsedUp, match="--max-requests 2"):
            target.send(Request(method="POST", target="/"), LABEL)
        assert target.sent == 2


def test_the_rate() -> None:
    waits = RateLimit(200.0)
    for _ in range(3):
        waits.wait()
    RateLimit(None).wait()


@pytest.mark.parametrize(
    ("body", "coding", "failure"),
    [(gzip.compress(b"{}"), "gzip", None), (b"no gzip", "gzip", "malformed"), (gzip.compress(b"{}" * 50)[:-12], "gzip", "malformed"),
     (b"x", "br", "malformed"), (gzip.compress(b"\0" * 5_000_000), "gzip", "too large")],
    ids=["whole", "none", "cut", "unknown", "bomb"],
)  # fmt: skip
def test_content_codings(body: bytes, coding: str, failure: str | None) -> None:
    with served(respond("200 OK", body, ("Content-Encoding", coding)), Limits(timeout=5, max_body=1_000_000)) as target:
        exchange = target.send(Request(method="POST", target="/"), LABEL)
        assert exchange.failure == failure
        if failure is None:
            assert exchange.response is not None
            assert exchange.response.body == b"{}"


def test_a_slow_target_is_a_timeout() -> None:
    gate = threading.Event()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        gate.wait(10)
        start("200 OK", [])
        return [b""]

    with served(app, Limits(timeout=0.2)) as target:
        assert target.send(Request(method="POST", target="/"), LABEL).failure == "timeout"
        gate.set()


def test_bytes_after_the_end_are_seen_on_the_wire() -> None:
    with served(echo) as target:
        exchange = target.send_on_wire(Request(method="POST", target="/", body=b"hi"), LABEL)
        assert exchange.response is not None
        assert exchange.response.trailing_size == 0
        assert exchange.response.framing_problem == ""


SECRETS = ("pass/word+1", "ab", "tö ken")


@pytest.mark.parametrize("text", ["pass/word+1", "x pass%2Fword%2B1 y", "ab", "is ab here", "t\\u00f6 ken", "tö ken"])
def test_secrets_are_taken_out_in_every_form(text: str) -> None:
    shown = Redactor(SECRETS).text(text)
    assert MARK in shown
    assert all(secret not in shown for secret in SECRETS)


def test_short_secrets_do_not_black_out_words() -> None:
    assert Redactor(["ab"]).text("label about lab") == "label about lab"


def test_headers_that_carry_credentials_are_never_written() -> None:
    headers = (
        ("authorization", "Bearer other"), ("Cookie", "a=b; c=d"), ("SET-COOKIE", "s=1; Path=/"), ("X-Xsrf-Token", "t"),
        ("SO-AppToken", "u"), ("Proxy-Authorization", "v"), ("Accept", "text/xml"),
    )  # fmt: skip
    request = Request(method="GET", target="/?a=pass%2Fword%2B1", headers=headers, body=b"pass/word+1")
    response = Response(status=200, headers=headers, body="tö ken".encode())
    exchange = Exchange(
        number=0, operation="o", requirement="", purpose="r", request=request, response=response, url="http://h/?a=pass%2Fword%2B1",
        started="", seconds=0,
    )  # fmt: skip
    shown = repr(Redactor(SECRETS).exchange(exchange))
    for secret in ("other", "b; c", "s=1", "'t'", "'u'", "'v'", "pass/word+1", "pass%2Fword", "tö ken"):
        assert secret not in shown
    assert "text/xml" in shown
    assert "Bearer [secret:sent-1]" in shown


@pytest.mark.parametrize(
    "text", ["", "basic", "basic:", "basic:user", "bearer:", "session:a=b", "session:XSRF=x", "ntlm:x", "bearer:a\nb"]
)
def test_credentials_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InputError) as error:
        parse_credential(text)
    assert str(error.value).startswith("--auth: ")
    assert "\n" not in str(error.value)


def test_credentials() -> None:
    assert parse_credential("BASIC:jane:a:b").headers() == (("Authorization", "Basic amFuZTphOmI="),)
    assert parse_credential("soticket:7T:abc==").headers() == (("Authorization", "SoTicket 7T:abc=="),)
    session = parse_credential("session:ASP.NET=x=y;XSRF=t")
    assert session.headers() == (("Cookie", "ASP.NET=x=y"), ("X-XSRF-TOKEN", "t"))
    assert session.secrets == {"x=y": ".cookie", "t": ".xsrf", "ASP.NET=x=y": ".cookie, with its name"}
