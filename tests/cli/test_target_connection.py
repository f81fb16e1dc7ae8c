"""Runs against servers behind a private authority, mutual TLS and a proxy; what the reports say of the connection."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance import __version__
from conformance.client.connection import Connection, read_connection
from conformance.client.in_process import serve as serve_application
from conformance.core.errors import InputError
from conformance.engine.config import Config, load_config
from conformance.engine.result import Status
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, RunningServer, serve
from conformance.reporting.reproduction.shell_connection import curl_words
from conformance.reporting.results import Results
from support.commands import auth, command, one_line
from support.gateways import Authority, Proxy, tls
from support.suite_runner import contract, run_settings

pytestmark = pytest.mark.usefixtures("plain_environment")
EVERY_CONNECTION = ("OP-01", "OP-04", "OP-06", "HTTP-03", "HTTP-06", "LANG-06")
"""The pool, the raw connection of OP-06 and HTTP-03, parallel ones, and OP-04, which judges them all."""


def narrowed(url: str, *requirements: str, config: Config | None = None, **options: Any) -> Results:
    settings = Settings(
        target=url, auth=options.pop("auth", DEMO_AUTH), requirements=requirements, seed=1, timeout=20, **options
    )
    return run_settings(settings, config or Config(time_zones=DEMO_TIME_ZONES))


def statuses(results: Results) -> dict[str, str]:
    return {each.id: f"{each.status}" if not each.findings else f"{each.status}: {each.findings[0].message}"
            for each in results.requirements}  # fmt: skip


def test_a_run_behind_a_private_authority(server: RunningServer, authority: Authority) -> None:
    with tls(server.url, authority.server_context()) as url:
        found = statuses(narrowed(url, *EVERY_CONNECTION, ca_bundle=authority.bundle))
    assert found.pop("OP-04") in ("passed", "skipped"), "it judges what all send, and not all do here"
    assert set(found.values()) == {"passed"}, found


def test_a_run_through_mutual_tls_and_a_proxy(server: RunningServer, authority: Authority) -> None:
    cert, key = authority.client("runner")
    with tls(server.url, authority.server_context(clients=authority)) as url, Proxy("secret").running() as proxy:
        found = statuses(
            narrowed(
                url, "OP-01", "OP-06", "HTTP-03", ca_bundle=authority.bundle, client_cert=cert, client_key=key,
                proxy=proxy.url.replace("://", "://user:secret@"),
            )
        )  # fmt: skip
    assert set(found.values()) == {"passed"}, found
    assert {*proxy.seen} == {f"CONNECT {url.removeprefix('https://')}"}


def test_an_unknown_authority_is_not_the_servers_failure(server: RunningServer, authority: Authority) -> None:
    with tls(server.url, authority.server_context()) as url, pytest.raises(InputError) as error:
        narrowed(url, *EVERY_CONNECTION)
    assert error.value.exit_status == 4
    assert "certificate verify failed" in str(error.value)


IDENTIFYING = {"headers": ("X-Gate: env:GATE",), "cookies": ("gate=1",)}


@pytest.mark.parametrize("way", ["headers", "cookies", "client_cert"])
def test_what_may_be_the_credential_makes_anonymous_access_inconclusive(
    way: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATE", "sesame-open")
    options = {way: IDENTIFYING[way]} if way in IDENTIFYING else {"client_cert": authority.client("gate")[0]}
    if way == "client_cert":
        cert, key = authority.client("gate")
        options = {"client_cert": cert, "client_key": key}
    # As if a gateway accepted everyone who has the certificate, header or cookie.
    with serve(contract(), faults=["anonymous-allowed", "token-without-session"]) as open_to_all:
        results = narrowed(open_to_all.url, "AUTH-02", "XSRF-05", **options)
        for each in results.requirements:
            assert each.status is Status.INCONCLUSIVE
            assert "transport_authenticates = false" in each.reason
        stated = Config(time_zones=DEMO_TIME_ZONES, transport_authenticates=False)
        results = narrowed(open_to_all.url, "AUTH-02", "XSRF-05", config=stated, **options)
        assert [each.status for each in results.requirements] == [Status.FAILED] * 2


def test_a_correct_server_passes_whatever_every_request_carries(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATE", "sesame-open")
    found = statuses(
        narrowed(
            server.url, "AUTH-02", "AUTH-04", "XSRF-0*", "HTTP-01", headers=("X-Gate: env:GATE",), cookies=("gate=1",)
        )
    )
    assert set(found.values()) == {"passed"}, found


def test_a_header_that_the_page_documents_is_rejected(server: RunningServer) -> None:
    with pytest.raises(InputError, match=r"^--header SO-Language: the suite itself varies"):
        Run(Settings(target=server.url, headers=("SO-Language: en",)))
    cookie = next(each for each in DEMO_AUTH if each.startswith("session:")).partition(":")[2].partition("=")[0]
    with pytest.raises(InputError, match=rf"^--cookie {cookie}: this is the session's cookie"):
        Run(Settings(target=server.url, auth=DEMO_AUTH, cookies=(f"{cookie}=1",)))


def test_no_proxy_for_what_this_process_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with serve(contract()) as running:
        found = narrowed(running.url, "OP-01", given="reference")
    assert statuses(found) == {"OP-01": "passed"}


def test_curl_lines_lead_there_without_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATE", "sesame-open")
    for name in ("ca.pem", "me.pem", "my key.pem"):
        (tmp_path / name).write_text("")
    connection = read_connection(
        ca_bundle="ca.pem", client_cert="me.pem", client_key="my key.pem", proxy="http://user:hidden@proxy.example:3128",
        headers=["X-Tenant: acme", "X-Gate: env:GATE"], cookies=["gate=hidden-cookie"],
    )  # fmt: skip
    assert curl_words(connection) == (
        "--cacert", "ca.pem", "--cert", "me.pem", "--key", "'my key.pem'", "-x", '"${CONFORMANCE_PROXY:?}"'
    )  # fmt: skip
    assert curl_words(Connection(insecure=True, ca_bundle=str(tmp_path / "ca.pem"), proxy="http://p:1")) == (
        "-k", "--cacert", "ca.pem", "-x", "http://p:1"
    )  # fmt: skip
    assert "hidden" not in " ".join(curl_words(connection))


def test_curl_lines_show_what_every_request_carries(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE", "sesame-open")
    options: dict[str, Any] = {"headers": ("X-Tenant: acme", "X-Gate: env:GATE"), "cookies": ("gate=passed-already",)}
    with serve(contract(), faults=["select-ignored"]) as faulty:
        results = narrowed(faulty.url, "SEL-03", **options)
    finding = results.requirements[0].findings[0]
    assert "-H 'X-Tenant: acme'" in finding.curl
    assert "-H 'X-Gate: '\"${GATE:?}\"" in finding.curl
    assert "-H 'Cookie: '\"${CONFORMANCE_COOKIES:?}\"" in finding.curl
    assert f"--target {faulty.url}" in finding.replay
    written = msgspec.json.encode(results).decode()
    for secret in ("sesame-open", "passed-already"):
        assert secret not in written


@pytest.mark.slow(reason="whole runs of the command")
def test_replay_sends_credentials_only_to_a_target_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(contract(), faults=["select-ignored"]) as faulty:
        run = command("run", faulty.url, *auth(), "--requirement", "SEL-03", "--seed", "1", cwd=tmp_path)
        assert run.returncode == 1, run.stderr
        arrived: list[str] = []
        inner = type(faulty.application).__call__

        def count(self: Any, environ: Any, start: Any) -> Any:
            arrived.append(environ["PATH_INFO"])
            return inner(self, environ, start)

        monkeypatch.setattr(type(faulty.application), "__call__", count)
        unnamed = command("replay", "reports", "SEL-03", *auth(), cwd=tmp_path)
        assert unnamed.returncode == 2
        assert f"add --target {faulty.url}" in one_line(unnamed)
        assert arrived == []
        for named in (("--target", faulty.url), ()):
            again = command("replay", "reports", "SEL-03", *auth(), *named, cwd=tmp_path, CONFORMANCE_TARGET=faulty.url)
            assert again.returncode == 1, again.stderr
        assert arrived


@pytest.mark.slow(reason="whole runs of the command")
def test_replay_imports_no_code_that_a_file_names(tmp_path: Path) -> None:
    with serve(contract(), faults=["select-ignored"]) as faulty:
        command("run", faulty.url, *auth(), "--requirement", "SEL-03", "--seed", "1", cwd=tmp_path)
    path = tmp_path / "reports/results.json"
    record = json.loads(path.read_text())
    record["target"]["given"] = "app:planted:application"
    record["run"]["config"]["oauth2"] = {
        "x": {"token_url": "https://evil.example", "client_id": "a", "client_secret": "env:HOME"}
    }
    path.write_text(json.dumps(record))
    (tmp_path / "planted.py").write_text("open('imported', 'w')\napplication = None\n")
    result = command("replay", "reports", "SEL-03", *auth(), cwd=tmp_path)
    assert result.returncode == 2
    assert "add --target app:planted:application" in one_line(result)
    assert not (tmp_path / "imported").exists()
    oauth2 = command(
        "replay", "reports", "SEL-03", "--auth", "oauth2:x", "--target", "http://127.0.0.1:9", cwd=tmp_path
    )
    assert oauth2.returncode == 2
    assert "no table [oauth2.x]" in one_line(oauth2)


def test_the_configuration_names_clients(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text(
        'transport_authenticates = false\n[oauth2.staging]\ntoken_url = "https://idp.example/token"\n'
        'client_id = "me"\nclient_secret = "env:CLIENT_SECRET"\nscope = "read"\n'
    )
    config = load_config(path)
    assert config.oauth2["staging"].scope == "read"
    assert not config.transport_authenticates
    assert config.recorded().oauth2 == {}
    path.write_text('[oauth2.staging]\ntoken_url = "https://idp.example"\nclient_id = "me"\nclient_secret = "hidden"\n')
    with pytest.raises(
        InputError, match=r"conformance.toml:1: oauth2.staging: client_secret may not be in this file"
    ) as error:
        load_config(path)
    assert "hidden" not in str(error.value)


def test_a_run_is_known_by_its_id_and_findings_by_their_instance() -> None:
    """Two instances behind one address, of which one has the fault."""
    seen: set[str] = set()
    with serve(contract()) as right, serve(contract(), faults=["select-ignored"]) as wrong:

        def balanced(environ: dict[str, Any], start: Any) -> Any:
            seen.add(environ["HTTP_USER_AGENT"])
            name, server = ("web-2", wrong) if "select" in environ["QUERY_STRING"] else ("web-1", right)

            def named(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                return start(status, [*headers, ("X-Served-By", name)], *rest)

            return server.application(environ, named)

        with serve_application(balanced) as url:
            results = narrowed(url, "SEL-03", run_id="0123abcd", instance_header="x-served-by")
            again = narrowed(url, "SEL-03", run_id="4567ef01")
    assert seen == {f"conformance/{__version__} (run {name})" for name in ("0123abcd", "4567ef01")}
    assert results.run.requests_digest == again.run.requests_digest, "the same requests, whatever the run is called"
    finding = results.requirements[0].findings[0]
    assert finding.instances == ("web-1", "web-2")
    learned = {each.name: each.value for each in results.learned}
    assert learned["instance web-2"].endswith("1 findings")
    assert again.requirements[0].findings[0].instances == ()


def test_the_proxy_of_the_environment_is_named(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy("secret-word").running() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://user:secret-word@"))
        results = narrowed(server.url, "OP-01", "HTTP-03")
    assert {each.name: each.value for each in results.learned}["proxy"] == proxy.url
    assert statuses(results) == {"OP-01": "passed", "HTTP-03": "skipped"}, "a proxy frames messages itself"
    assert "secret-word" not in msgspec.json.encode(results).decode()


def test_insecure_is_named(server: RunningServer, authority: Authority) -> None:
    with tls(server.url, authority.server_context("another.example")) as url:
        results = narrowed(url, "OP-01", insecure=True)
    assert "certificates were not checked (--insecure)" in results.reason


def test_a_header_name_that_is_none() -> None:
    with pytest.raises(InputError, match=r"^--instance-header 'x y': this is not the name of a header"):
        Run(Settings(target="http://127.0.0.1:9", instance_header="x y"))
