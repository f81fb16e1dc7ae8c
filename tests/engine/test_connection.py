"""The connection to the target: a private authority, mutual TLS, a proxy, headers that go with every request."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.client.connection import DIRECT, Connection, check_carried, read_connection
from conformance.client.credentials import parse_credential
from conformance.client.exchange import Exchange, Request
from conformance.client.in_process import serve as serve_application
from conformance.client.limits import Limits
from conformance.client.secret_names import mark
from conformance.client.sender import Label
from conformance.client.target import Target
from conformance.core.errors import InputError
from support.echo_server import echo
from support.gateways import HOST, Authority, Proxy, tls

pytestmark = pytest.mark.usefixtures("plain_environment")
LABEL = Label(operation="o")
GET = Request(method="GET", target="/")
POST = Request(method="POST", target="/", body=b"hi")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    with serve_application(echo) as url:
        yield url


def every_way(url: str, connection: Connection) -> tuple[list[Exchange], bool]:
    """A request by the pool, by several threads at once and on the raw connection; and whether something listens."""
    target = Target(url, limits=Limits(timeout=5), connection=connection)
    with contextlib.closing(target):
        raw = target.send_on_wire(POST, LABEL)
        return [target.send(POST, LABEL), *target.send_parallel([POST, GET], LABEL), raw], target.listens()


def failures(exchanges: list[Exchange]) -> list[str | None]:
    return [each.failure for each in exchanges]


def test_a_private_authority_holds_for_every_connection(plain: str, authority: Authority) -> None:
    with tls(plain, authority.server_context()) as url:
        exchanges, listens = every_way(url, Connection(ca_bundle=str(authority.bundle)))
        assert failures(exchanges) == [None] * 4, [each.failure_text for each in exchanges]
        assert listens


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_bundle_of_the_environment_holds_for_every_connection(
    name: str, plain: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(authority.bundle))
    with tls(plain, authority.server_context()) as url:
        assert failures(every_way(url, Connection())[0]) == [None] * 4


def test_no_connection_trusts_an_unknown_authority(plain: str, authority: Authority, stranger: Authority) -> None:
    with tls(plain, authority.server_context()) as url:
        for connection in (Connection(), Connection(ca_bundle=str(stranger.bundle))):
            exchanges, listens = every_way(url, connection)
            assert failures(exchanges) == ["TLS failed"] * 4
            assert all("certificate verify failed" in each.failure_text for each in exchanges)
            assert listens, "it listens, whatever its certificate is"


def test_no_connection_takes_the_certificate_of_another_host(plain: str, authority: Authority) -> None:
    with tls(plain, authority.server_context("another.example")) as url:
        exchanges, _ = every_way(url, Connection(ca_bundle=str(authority.bundle)))
        assert failures(exchanges) == ["TLS failed"] * 4


def test_insecure_trusts_every_certificate_on_every_connection(plain: str, authority: Authority) -> None:
    with tls(plain, authority.server_context("another.example")) as url:
        assert failures(every_way(url, Connection(insecure=True))[0]) == [None] * 4


def test_mutual_tls(plain: str, authority: Authority, stranger: Authority) -> None:
    cert, key = authority.client()
    other_cert, other_key = stranger.client("eve")
    both = authority.folder / "both.pem"
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    trust = str(authority.bundle)
    with tls(plain, authority.server_context(clients=authority)) as url:
        for given in (
            Connection(ca_bundle=trust, client_cert=str(cert), client_key=str(key)),
            Connection(ca_bundle=trust, client_cert=str(both)),
        ):
            assert failures(every_way(url, given)[0]) == [None] * 4
        for given in (
            Connection(ca_bundle=trust),
            Connection(ca_bundle=trust, client_cert=str(other_cert), client_key=str(other_key)),
        ):
            assert None not in failures(every_way(url, given)[0])


def test_a_tunnel_through_a_proxy(plain: str, authority: Authority) -> None:
    proxy = Proxy("p@ss/word")
    with tls(plain, authority.server_context()) as url, proxy.running():
        where = url.removeprefix("https://")
        given = proxy.url.replace("://", "://user:p%40ss%2Fword@")
        trusting = Connection(ca_bundle=str(authority.bundle))
        exchanges, listens = every_way(url, msgspec.structs.replace(trusting, proxy=given))
        assert failures(exchanges) == [None] * 4, [each.failure_text for each in exchanges]
        assert listens
        assert {*proxy.seen} == {f"CONNECT {where}"}
        assert proxy.refused == 0
        wrong, _ = every_way(url, msgspec.structs.replace(trusting, proxy=proxy.url))
        assert failures(wrong) == ["refused by the proxy"] * 4
        assert all("the proxy" in each.failure_text and "407" in each.failure_text for each in wrong)


def test_the_proxy_of_the_environment_and_how_to_do_without(plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy().running() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        with contextlib.closing(Target(plain, limits=Limits(timeout=5))) as target:
            assert target.send(GET, LABEL).failure is None
            assert not target.has_wire, "a proxy that is not a tunnel frames messages itself"
        assert proxy.seen == [f"GET {plain}/"]
        assert failures(every_way(plain, DIRECT)[0]) == [None] * 4
        assert len(proxy.seen) == 1


def test_the_password_of_a_proxy_is_a_secret() -> None:
    target = Target("https://staging.example", connection=Connection(proxy="http://user:p%40ss%2Fword@127.0.0.1:9"))
    shown = f"x {mark('proxy.password, percent-encoded')} y {mark('proxy.password')} z"
    assert target.redactor.text("x p%40ss%2Fword y p@ss/word z") == shown


def test_a_request_in_parallel_leaves_no_socket_open(plain: str) -> None:
    with contextlib.closing(Target(plain, limits=Limits(timeout=5))) as target:
        target.send(GET, LABEL)
        for _ in range(3):
            target.send_parallel([GET] * 5, LABEL)
        assert len(open_to(plain)) == 1, "the one that is kept alive"


def open_to(url: str) -> list[str]:
    """The connections of this process to a port, by /proc (this test's own ends: the server's are its accepted ones)."""
    port = f":{int(url.rpartition(':')[2]):04X}"
    lines = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return [fields[1] for fields in lines if fields[2].endswith(port) and fields[3] == "01"]


HEADERS = ("X-Tenant: acme", "X-Gate: env:GATE")


def test_headers_and_cookies_go_with_every_request(plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE", "open-sesame-please")
    monkeypatch.setenv("AFFINITY", "affinity=node-number-7")
    connection = read_connection(headers=HEADERS, cookies=["gate=passed-already; x=1", "env:AFFINITY"])
    exchanges, _ = every_way(plain, connection)
    for each in exchanges:
        assert each.response is not None
        seen = msgspec.json.decode(each.response.body)
        assert seen["HTTP_X_TENANT"] == "acme"
        # The echo server received the values: only they have these marks.
        assert seen["HTTP_X_GATE"] == "[secret:header.X-Gate]"
        assert seen["HTTP_COOKIE"] == "[secret:cookies, renewal 1]; [secret:cookies]"
    shown = repr(exchanges)
    assert "acme" in shown
    for secret in ("open-sesame-please", "passed-already", "node-number-7"):
        assert secret not in shown


def test_a_session_keeps_its_cookie_beside_that_of_the_way() -> None:
    connection = read_connection(cookies=["gate=1"])
    session = parse_credential("session:sid=abc;XSRF=t")
    once = connection.with_fixed_headers(Request(method="GET", target="/", headers=session.headers()))
    assert once.headers == (("Cookie", "gate=1; sid=abc"), ("X-XSRF-TOKEN", "t"))
    assert connection.with_fixed_headers(once) == once


def test_what_every_request_carries_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE", "first-value")
    monkeypatch.setenv("COOKIE", "gate=first-cookie")
    target = Target(
        "http://127.0.0.1:9", connection=read_connection(headers=["X-Gate: env:GATE"], cookies=["env:COOKIE"])
    )
    request = target.connection.with_fixed_headers(GET)
    assert target.renewable
    assert not target.renew()
    monkeypatch.setenv("GATE", "second-value")
    monkeypatch.setenv("COOKIE", "gate=second-cookie")
    assert target.renew()
    assert target.connection.with_fixed_headers(request).headers == (
        ("X-Gate", "second-value"),
        ("Cookie", "gate=second-cookie"),
    )
    shown = f"{mark('header.X-Gate')} {mark('header.X-Gate, renewal 1')} {mark('cookie.gate')}"
    assert target.redactor.text("first-value second-value first-cookie") == shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ca_bundle": "/no/such.pem"}, "--ca-bundle /no/such.pem: there is no such file"),
        ({"client_cert": "/no/such.pem"}, "--client-cert /no/such.pem: there is no such file"),
        ({"client_key": __file__}, "--client-key needs"),
        ({"insecure": True, "ca_bundle": __file__}, "--insecure trusts every certificate"),
        ({"proxy": "http://h:1", "no_proxy": True}, "--proxy and --no-proxy"),
        ({"proxy": "socks5://user:hidden@h:1"}, "--proxy: this is not the URL of a proxy"),
        ({"proxy": "h:1"}, "--proxy: this is not the URL of a proxy"),
        ({"proxy": "http://user:hidden@h:0x"}, "--proxy: this is not the URL of a proxy"),
        ({"headers": ["X-Tenant"]}, "--header: write it as"),
        ({"headers": ["X Tenant: hidden"]}, "--header: write it as"),
        ({"headers": ["X-Tenant: "]}, "--header X-Tenant: the value is empty"),
        ({"headers": ["X-Tenant: hid\nden"]}, "--header X-Tenant: the value"),
        ({"headers": ["X-Tenant: env:NO_SUCH_VARIABLE"]}, "--header X-Tenant: the environment variable NO_SUCH_VARIABLE"),
        ({"headers": ["Cookie: a=hidden"]}, "--header Cookie: give cookies with --cookie"),
        ({"cookies": ["hidden"]}, "--cookie: write it as NAME=VALUE"),
        ({"cookies": ["file:/no/such"]}, "--cookie: cannot read /no/such"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_used(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        read_connection(**options)
    assert str(error.value).startswith(message)
    assert "hidden" not in str(error.value)


def test_certificates_that_cannot_be_used(authority: Authority, stranger: Authority, tmp_path: Path) -> None:
    cert, key = authority.client("bob")
    _, other = stranger.client("mallory")
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    for connection, message in (
        (Connection(ca_bundle=str(text)), f"--ca-bundle {text}: it holds no certificates"),
        (Connection(client_cert=str(text)), f"--client-cert {text}: a PEM file"),
        (Connection(client_cert=str(cert)), f"--client-cert {cert}: a PEM file"),
        (Connection(client_cert=str(cert), client_key=str(other)), "the key does not belong to the certificate"),
        (Connection(client_cert=str(tmp_path), client_key=str(key)), "--client-cert"),
    ):
        with pytest.raises(InputError) as error:
            Target("https://staging.example", connection=connection)
        assert message in str(error.value)


def test_an_encrypted_key_asks_for_nothing(authority: Authority, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    cert, key = authority.client("carol")
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
        )
    )
    with pytest.raises(InputError, match="the private key is encrypted"):
        Target("https://h", connection=Connection(client_cert=str(cert), client_key=str(locked)))


@pytest.mark.parametrize(
    "name", ["accept", "Authorization", "SO-Language", "X-XSRF-Token", "User-Agent", "Host", "X-Page"]
)
def test_a_header_that_is_tested_cannot_go_with_every_request(name: str) -> None:
    with pytest.raises(InputError, match=f"^--header {name}: the suite itself varies"):
        check_carried(read_connection(headers=[f"{name}: x"]), documented=["x-page"])


def test_the_cookie_of_a_session_cannot_go_with_every_request() -> None:
    check_carried(read_connection(cookies=["gate=1"]), cookies=["sid"])
    with pytest.raises(InputError, match=r"^--cookie sid: this is the session's cookie"):
        check_carried(read_connection(cookies=["gate=1; sid=2"]), cookies=["sid"])


def test_nothing_listens_is_said_through_every_way(authority: Authority) -> None:
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        port = unused.getsockname()[1]
        for url in (f"http://{HOST}:{port}", f"https://{HOST}:{port}"):
            assert not Target(url).listens()
        with Proxy().running() as proxy:
            assert not Target(f"https://{HOST}:{port}", connection=Connection(proxy=proxy.url)).listens()
