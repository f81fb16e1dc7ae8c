"""Curl lines: what a shell makes of them, and that no secret is in them."""

from __future__ import annotations

import os
import shutil
import socketserver
import subprocess
import threading

import msgspec
import pytest

from conformance.client.connection import Connection, FixedHeader
from conformance.client.credentials import basic_value, parse_credential
from conformance.client.current_credentials import CurrentCredentials
from conformance.client.exchange import Exchange, Headers, Request
from conformance.client.near_misses import changed_values
from conformance.client.redact import Redactor
from conformance.client.secret_names import MARK
from conformance.reporting.reproduction.curl import curl
from conformance.reporting.reproduction.shell_secrets import Secrets
from support.example_results import exchange

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")

PASSWORD = "pa$$ wo`rd\"'\\!Zz9"
BASIC = f"basic:jané:{PASSWORD}".replace("é", "e")
SESSION = "session:SID=c0ffee99x3q81zz;XSRF=T0kEnQ7v55Lm2"
SECOND = "session:SID=4wJ0pp19Yt7;XSRF=T0kInQ7v55Lm2"
TICKET = "soticket:7T:abcdef0123456789=="
APP_TOKEN = "9Gk2-ffQ1-Zx07"
CREDENTIALS = [parse_credential(text) for text in (BASIC, TICKET, SESSION, SECOND)]
SECRETS = Secrets(
    CREDENTIALS, APP_TOKEN, Redactor([secret for each in CREDENTIALS for secret in each.secrets] + [APP_TOKEN])
)
ENVIRONMENT = {
    "CONFORMANCE_BASIC": BASIC.partition(":")[2],
    "CONFORMANCE_SOTICKET": TICKET.partition(":")[2],
    "CONFORMANCE_COOKIE": CREDENTIALS[2].cookie,
    "CONFORMANCE_XSRF": CREDENTIALS[2].xsrf,
    "CONFORMANCE_COOKIE_2": CREDENTIALS[3].cookie,
    "CONFORMANCE_XSRF_2": CREDENTIALS[3].xsrf,
    "CONFORMANCE_APP_TOKEN": APP_TOKEN,
}


def one(method: str = "POST", *, batch: int | None = None, **changes: object) -> Exchange:
    request = msgspec.structs.replace(Request(method=method, target="/x"), **changes)
    return msgspec.structs.replace(exchange(0), request=request, batch=batch)


def line(method: str = "POST", **changes: object) -> str:
    return curl([one(method, **changes)], SECRETS, ["role"])


def words(text: str, **environment: str) -> list[str]:
    """What a shell hands to curl."""
    script = "curl() { printf '%s\\0' \"$@\"; }; " + text
    run = subprocess.run(
        ["bash", "-c", script], env={"PATH": os.environ["PATH"], **environment}, capture_output=True, check=False
    )
    return run.stdout.decode().split("\0")[:-1]


def presented(name: str, value: str) -> str:
    """The value of a header as curl would send it by its line, in which no secret may stand."""
    text = line(headers=((name, value),))
    for secret in (PASSWORD, *(each for credential in CREDENTIALS for each in credential.secrets)):
        for size in (len(secret), 5):
            assert not any(secret[i : i + size].lower() in text.lower() for i in range(len(secret) - size + 1)), text
    sent = words(text, **ENVIRONMENT)
    if "-u" in sent:
        user, _, password = sent[sent.index("-u") + 1].partition(":")
        return f"Basic {basic_value(user, password)}"
    return next(word for word in sent if word.startswith(f"{name}: "))[len(name) + 2 :]


AUTHORIZATIONS = [
    header
    for credential in CREDENTIALS[:2]
    for header in (
        f"{credential.scheme} {credential.value}",
        f"{credential.scheme.lower()} {credential.value}",
        f"Xyzzy {credential.value}",
        *credential.malformed().values(),
        *(f"{credential.scheme} {value}" for value in changed_values(credential.value).values()),
        *credential.near_misses().values(),
    )
]


@pytest.mark.parametrize("value", AUTHORIZATIONS)
def test_authorization_is_made_of_variables(value: str) -> None:
    assert presented("Authorization", value) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Cookie", CREDENTIALS[2].cookie),
        ("Cookie", CREDENTIALS[3].cookie),
        ("Cookie", "SID=no-such-session"),
        ("X-XSRF-TOKEN", CREDENTIALS[2].xsrf),
        ("X-XSRF-TOKEN", CREDENTIALS[3].xsrf),
        ("X-XSRF-TOKEN", CREDENTIALS[2].xsrf[:9]),
        ("X-XSRF-TOKEN", CREDENTIALS[2].xsrf[:-1] + "w"),
        ("X-XSRF-TOKEN", "belongs-to-nobody"),
        ("SO-AppToken", APP_TOKEN),
        ("SO-AppToken", APP_TOKEN + "x"),
    ],
)
def test_other_credentials_are_made_of_variables(name: str, value: str) -> None:
    assert presented(name, value) == value


def test_what_cannot_be_made_of_a_variable_is_marked() -> None:
    assert "X-XSRF-TOKEN: [secret:sent-1]" in line(headers=(("X-XSRF-TOKEN", CREDENTIALS[2].xsrf[::-1] + "T0kEn"),))


def test_secrets_elsewhere_are_marked() -> None:
    text = line(headers=(("X-Other", APP_TOKEN),), body=f'{{"a":"{APP_TOKEN}"}}'.encode())
    assert text.count(MARK) == 2
    assert APP_TOKEN not in text


@pytest.mark.parametrize("headers", [(("Authorization", f"Basic {CREDENTIALS[0].value}x"),), CREDENTIALS[2].headers()])
def test_a_missing_variable_stops_the_shell(headers: Headers) -> None:
    assert words(line(headers=headers)) == []


def test_what_curl_would_add_is_left_out() -> None:
    assert line().endswith("-H 'Accept:' -H 'Content-Type:'")
    assert "Accept:'" not in line(headers=(("accept", "a/b"),))


def test_head_is_asked_for_a_body_too() -> None:
    assert line("HEAD").startswith("curl -i -g -X HEAD -m 10 -H 'Connection: close' 'http://127.0.0.1:1/x?$select=Id' ")


@pytest.mark.parametrize("body", [b"it's", b'{"a": "\xc3\xa6"}', b"@file", b"\x00\xff", b"a\nb", b"%s\\n"])
def test_bodies(body: bytes) -> None:
    text = line(body=body).replace("curl ", "curl -s ", 1)
    shown = subprocess.run(
        [
            "bash",
            "-c",
            f'curl() {{ cat "${{@: -1}}" 2>/dev/null || printf %s "${{@: -1}}"; }}; {text}'.replace("@<(", "<("),
        ],
        capture_output=True,
        check=True,
    )
    assert shown.stdout == body


def test_several_in_their_order_and_those_of_a_batch_at_the_same_time() -> None:
    text = curl([one(), one("GET"), one("PUT", batch=3), one("PATCH", batch=3)], SECRETS, ["r"] * 4)
    lines = text.split("\n")
    assert [each.split()[0] for each in lines] == ["#", "curl", "#", "curl", "#", "curl", "curl", "wait"]
    assert lines[4] == "# at the same time"
    assert [each.endswith(" &") for each in lines[5:]] == [True, True, False]


def test_a_sequence_is_one_curl_that_keeps_the_connection() -> None:
    """The second answer shows what the first request left behind only on the connection of both."""

    class Leaking(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            seen: list[str] = []
            while (first := self.rfile.readline().decode().strip()) and len(seen) < 2:
                while self.rfile.readline().strip():
                    pass
                seen.append(first.split()[1])
                body = " ".join(seen).encode()
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s\n" % (len(body) + 1, body))

    def get(path: str) -> Exchange:
        return msgspec.structs.replace(one("GET", headers=(("A", "b"),)), url=f"http://127.0.0.1:{port}{path}")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Leaking) as server:
        port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            answers = {}
            for sequence in (True, False):
                text = curl([get("/first"), get("/second")], SECRETS, ["before", "after"], sequence=sequence)
                run = subprocess.run(["bash", "-c", text], capture_output=True, text=True, timeout=30, check=True)
                answers[sequence] = run.stdout.strip().splitlines()[-1]
        finally:
            server.shutdown()
    assert answers == {True: "/first /second", False: "/second"}


def test_a_sequence_checks_each_variable_once_and_holds_no_secret() -> None:
    value = f"Basic {basic_value('jane', PASSWORD)}"
    with_secret = one("POST", headers=(("Authorization", value),), body=b"[1]")
    text = curl([with_secret, with_secret], SECRETS, ["a", "b"], sequence=True)
    assert PASSWORD not in text
    assert text.count("--next") == 1
    assert text.count("CONFORMANCE_BASIC:?") <= 2
    sent = words(text.partition("\n")[2], **ENVIRONMENT)
    half = sent.index("--next")
    assert sent[:half] == sent[half + 1 :]


def test_what_was_renewed_is_shown_by_the_variables_of_its_successor() -> None:
    """An exchange may have been sent with values that were read again since, also in another process of the run."""
    old, new = (
        CurrentCredentials(
            credentials=(parse_credential(f"bearer:{word}-bearer-value"),),
            app_token=f"{word}-app-token",
            carried=(FixedHeader(name="Cookie", value=f"gate={word}-cookie-value"),),
        )
        for word in ("former", "latest")
    )
    secrets = Secrets(
        new.credentials, new.app_token, Redactor(), past=[old], connection=Connection(carried=new.carried)
    )
    headers = (
        ("Authorization", "Bearer former-bearer-value"),
        ("SO-AppToken", "former-app-token"),
        ("Cookie", "gate=former-cookie-value; SID=1"),
    )
    text = curl([one(headers=headers)], secrets, ["purpose"])
    assert "former" not in text
    for variable in ("CONFORMANCE_BEARER", "CONFORMANCE_APP_TOKEN", "CONFORMANCE_COOKIES"):
        assert variable in text
