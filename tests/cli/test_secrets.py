"""A server that plays every credential back, in every place and form: no output of any command holds one."""

from __future__ import annotations

import base64
import html
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from conformance.client.credentials import Basic, parse_credential
from conformance.client.in_process import serve
from conformance.client.redact import Redactor
from conformance.client.secret_names import MARK
from conformance.reference import DEMO_AUTH, ReferenceApplication
from support.commands import auth, command
from support.suite_runner import contract

CREDENTIALS = [parse_credential(text) for text in DEMO_AUTH]
SECRETS = sorted({secret for credential in CREDENTIALS for secret in credential.secrets})
WINDOW = 8
"""This many characters of a secret in a row are in no output."""

FORMS = {
    "as it is": lambda s: s,
    "percent-encoded": lambda s: quote(s, safe=""),
    "percent-encoded in small letters": lambda s: quote(s, safe="").lower(),
    "as a form": quote_plus,
    "in HTML": html.escape,
    "in JSON": lambda s: json.dumps(s)[1:-1],
    "in JSON in JSON": lambda s: json.dumps(json.dumps(s))[1:-1],
    "in .NET's JSON": lambda s: s.replace("+", "\\u002B").replace("<", "\\u003C").replace("&", "\\u0026"),
    "in capitals": str.upper,
    "with cases swapped": str.swapcase,
    "backwards": lambda s: s[::-1],
    "in hexadecimal": lambda s: s.encode().hex(),
    "in Base64": lambda s: base64.b64encode(s.encode()).decode(),
    "in Base64 with more": lambda s: base64.b64encode(b"x" + s.encode() + b"yz").decode(),
    "cut off": lambda s: s[: len(s) - 3],
    "with one character changed": lambda s: s[: len(s) // 2] + "~" + s[len(s) // 2 + 1 :],
}
LONG = [*SECRETS, "p+ss/<w>&\"rd' Ünïcode=="]


@pytest.mark.parametrize("secret", LONG)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_found(form: str, secret: str) -> None:
    text = f"before {FORMS[form](secret)} after"
    redactor = Redactor([secret])
    shown = redactor.text(text)
    if form != "with one character changed" or len(secret) > 2 * WINDOW + 1:
        assert MARK in shown
        assert MARK.encode() in redactor.bytes(text.encode())
    # What is left of a short one with a change in its middle are two ends, and of these may stay what looks like a word.
    assert_none_of([secret] if "changed" in form else [secret, FORMS[form](secret)], shown, form, "changed" in form)
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    if form == "as it is":
        assert MARK.encode() in redactor.bytes(text.encode("utf-16-le"))
        assert MARK in redactor.text(text.encode().decode("latin-1"))


def assert_none_of(secrets: list[str], text: str, where: str, words_may_stay: bool = False) -> None:
    lower = text.lower()
    for secret in secrets:
        for start in range(max(1, len(secret) - WINDOW + 1)):
            window = secret[start : start + WINDOW].lower()
            if words_may_stay and sum(each.isdigit() for each in window) < 2:
                continue
            assert window not in lower, f"{where}: {text[max(0, lower.index(window) - 60) :][:160]!r}"


def test_a_part_that_is_in_ordinary_words_is_left() -> None:
    assert Redactor(["xsrf-two-5fd20b74"]).text("X-XSRF-TOKEN") == "X-XSRF-TOKEN"


def test_a_secret_that_is_a_word_of_the_reports_leaves_them_whole() -> None:
    for word in ("passed", "MUST", "requirement", "2026", "127.0.0.1"):
        assert json.loads(Redactor([word]).text('{"a": "b"}')) == {"a": "b"}


class Echo:
    """The reference server with a mistake, that plays back what it was sent: where, the number of the request decides."""

    def __init__(self) -> None:
        self._inner = ReferenceApplication(contract(), ["select-ignored", "date-us-format"])
        self._count = 0

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        self._count += 1
        names = ("HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_X_XSRF_TOKEN", "HTTP_SO_APPTOKEN")
        sent = " ".join(environ[name] for name in names if name in environ)
        form = list(FORMS.values())[self._count % len(FORMS)]
        played = form(sent)
        begun: list[Any] = []
        body = b"".join(self._inner(environ, lambda status, headers, *more: begun.append((status, headers))))
        status, headers = begun[0]
        ascii_only = played.encode("ascii", "replace").decode().replace("\n", " ")
        extra = [
            ("X-Echo", ascii_only),
            ("Set-Cookie", f"{ascii_only.replace(';', '')}; Path=/"),
            ("Location", f"/?{quote(played)}"),
        ]
        if self._count % 5 == 0 and self._count > 20:
            body = f"Unhandled: {played}\n  at Auth({played})".encode()
            status, headers = f"500 {ascii_only[:200]}", [("Content-Type", "text/plain")]
        elif "json" in dict(headers).get("Content-Type", "") and body.startswith(b"[{"):
            rows = json.loads(body)
            for row in rows:
                row["Context"], row["State"] = played, row["State"] if self._count % 3 else played[:60]
            body = json.dumps(rows).encode()
        start(status, [(k, v) for k, v in headers if k not in ("Content-Length", "Content-Encoding")] + extra
              + [("Content-Length", str(len(body)))])  # fmt: skip
        return [body]


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    with serve(Echo()) as url:
        yield url


def outputs(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield path.name, data.decode("latin-1")
            if path.suffix == ".har":
                for entry in json.loads(data)["log"]["entries"]:
                    content = entry["response"]["content"]
                    if content.get("encoding") == "base64":
                        yield path.name, base64.b64decode(content["text"]).decode("latin-1")


@pytest.mark.slow(reason="runs of every command")
def test_no_output_of_any_command_holds_a_secret(echo: str, tmp_path: Path) -> None:
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    said = []
    for words in (
        ("run", echo, *auth(), "--seed", "1", "--baseline", "known.toml", "--update-baseline"),
        ("run", echo, *auth()[:2], "--profile", "smoke", "--reports", "smoke"),
        ("init", echo, *auth(), "--out", "made.toml"),
        ("replay", "reports", "SEL-03", *auth()),
        ("diff", "smoke/results.json", "reports/results.json"),
        ("run", echo, "--auth", "bearer:nearly-right-but-none-9931", "--reports", "refused"),
    ):
        result = command(*words, cwd=tmp_path, **github)
        assert "Traceback" not in result.stderr, result.stderr
        said.append((words[0], result.stdout + result.stderr))
    pytest_run = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "conformance.requirements", "-vv", "--showlocals", "--target", echo, *auth(),
         "--requirement", "SEL-*", "--requirement", "AUTH-*", "--junitxml", "own.xml", "--reports", "by-pytest"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    said.append(("pytest", pytest_run.stdout + pytest_run.stderr))
    assert (tmp_path / "reports" / "evidence.har").stat().st_size > 100_000
    assert (tmp_path / "made.toml").exists()
    assert (tmp_path / ".pytest_cache").exists(), "it is looked through too"
    passwords = [credential.password for credential in CREDENTIALS if isinstance(credential, Basic)]
    hidden = [s for s in SECRETS if s not in {c.value for c in CREDENTIALS if isinstance(c, Basic)}] + passwords
    hidden += [base64.b64encode(password.encode()).decode().rstrip("=") for password in passwords]
    hidden.append("nearly-right-but-none-9931")
    for name, text in [*said, *outputs(tmp_path)]:
        assert_none_of(hidden, text, name, words_may_stay=True)
