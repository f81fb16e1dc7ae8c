"""Credentials that are read again: from a variable, a file or a program, each at its place, once for all threads."""

from __future__ import annotations

import shlex
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance.client import current_credentials, values
from conformance.client.credential_sources import NamedSource
from conformance.client.credentials import Credential, parse_credential
from conformance.client.secret_names import mark
from conformance.client.target import Target
from conformance.core.errors import InputError

NOWHERE = "http://127.0.0.1:9"


def target(*texts: str) -> Target:
    return Target(NOWHERE, credentials=[NamedSource(text=text) for text in texts])


def program(code: str) -> str:
    return "cmd:" + shlex.join([sys.executable, "-c", code])


def counting(tmp_path: Path) -> str:
    """A program that prints another token each time that it runs."""
    path = str(tmp_path / "count")
    return program(
        f"p = {path!r}; f = open(p, 'a'); f.write('x'); f.close(); print('token-number-' + str(len(open(p).read())))"
    )


def test_each_credential_keeps_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token, password = tmp_path / "token", tmp_path / "password"
    token.write_text("first-token-of-all\n")
    password.write_text("first:password")
    monkeypatch.setenv("SESSION", "sid=first-session;XSRF=first-xsrf-token")
    one = target(f"bearer:file:{token}", "soticket:fixed-ticket", f"basic:jane:file:{password}", "session:env:SESSION")
    assert one.renewable
    assert not one.renew(), "nothing has changed"
    token.write_text("second-token-of-all")
    password.write_text("second:password")
    monkeypatch.setenv("SESSION", "sid=second-session;XSRF=second-xsrf-token")
    assert one.renew()
    assert [each.kind for each in one.credentials] == ["bearer", "soticket", "basic", "session"]
    assert one.credentials[0].value == "second-token-of-all"
    assert one.credentials[1].value == "fixed-ticket"
    assert one.credentials[2].password == "second:password"
    assert one.credentials[3].xsrf == "second-xsrf-token"
    for secret, name in {
        "first-token-of-all": "bearer.token",
        "second-token-of-all": "bearer.token, renewal 1",
        "first:password": "basic.password",
        "second:password": "basic.password, renewal 1",
        "second-xsrf-token": "session.xsrf, renewal 1",
    }.items():
        assert one.redactor.text(f"<{secret}>") == f"<{mark(name)}>"


@pytest.mark.parametrize("text", ["bearer:abcdefgh", "basic:jane:password", "session:sid=a;XSRF=b"])
def test_what_is_given_literally_is_not_renewable(text: str) -> None:
    one = target(text)
    assert not one.renewable
    assert not one.renew()
    assert not Target(NOWHERE, credentials=[parse_credential(text)]).renewable


@pytest.mark.parametrize("form", ["bearer:{}", "soticket:{}", "basic:jane:{}"])
def test_a_program_gives_a_credential_of_every_scheme(form: str, tmp_path: Path) -> None:
    one = target(form.format(counting(tmp_path)))
    before = one.credentials[0].headers()
    assert one.renewable
    assert one.renew()
    assert one.credentials[0].headers() != before
    assert "token-number-2" in one.credentials[0].secrets


def test_a_program_gives_a_session() -> None:
    credential = parse_credential("session:" + program("print('sid=from-program;XSRF=token-of-it')"))
    assert (credential.cookie, credential.xsrf) == ("sid=from-program", "token-of-it")


def test_a_credential_that_cannot_be_read_again_stays(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("the-only-token")
    one = target(f"bearer:file:{token}")
    token.unlink()
    assert not one.renew()
    assert one.credentials[0].value == "the-only-token"
    assert one.renewal_problem == f"--auth: cannot read {token}: No such file or directory"


def test_threads_renew_once_together() -> None:
    class Slow:
        renewable = True
        is_asked_for = True

        def __init__(self) -> None:
            self.reads = 0

        def read(self) -> Credential:
            self.reads += 1
            if self.reads > 1:
                time.sleep(0.3)
            return parse_credential(f"bearer:token-number-{self.reads}")

    source = Slow()
    one = Target(NOWHERE, credentials=[source])
    found: list[bool] = []
    begin = threading.Barrier(8)

    def work() -> None:
        begin.wait()
        found.append(one.renew())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert source.reads == 2, "one at the start, one for all eight"
    assert found == [True] * 8


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("cmd:", "names no program"),
        ("cmd:'", "cannot be split into words"),
        ("cmd:no-such-program-at-all", "cannot run no-such-program-at-all: No such file"),
        (program("print('secret'); raise SystemExit(3)"), "ended with status 3; run it in a terminal"),
        (program("print('secret' * 20000)"), "larger than 64 KiB"),
        (program("import sys; sys.stdout.buffer.write(b'\\xff\\xfe\\xfa')"), "it is not UTF-8 text"),
    ],
    ids=["empty", "quote", "missing", "fails", "long", "bytes"],
)
def test_programs_that_give_nothing_usable(value: str, message: str) -> None:
    with pytest.raises(InputError, match=r"^--auth: ") as error:
        values.look_up(value, "--auth")
    assert message in str(error.value)
    assert "secret" not in str(error.value)


def test_no_shell_reads_the_command() -> None:
    assert values.look_up(program("import sys; print(sys.argv[1:])") + " '$HOME' '|' 'a b'", "--auth") == (
        "['$HOME', '|', 'a b']"
    )


def test_a_program_that_does_not_end_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "SECONDS", 1.0)
    alive = str(tmp_path / "alive")
    child = f"import time\nwhile True:\n    open({alive!r}, 'a').write('x')\n    time.sleep(0.05)"
    began = time.monotonic()
    with pytest.raises(InputError, match="did not end within 1 s"):
        values.look_up(
            program(
                f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
            ),
            "--auth",
        )
    assert time.monotonic() - began < 5
    size = Path(alive).stat().st_size
    time.sleep(0.3)
    assert Path(alive).stat().st_size == size


def test_credential_files_have_a_size_limit(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("x" * values.LIMIT)
    assert len(values.look_up(f"file:{path}", "--auth")) == values.LIMIT
    path.write_text("x" * (values.LIMIT + 1))
    with pytest.raises(InputError, match=r"larger than 64 KiB"):
        values.look_up(f"file:{path}", "--auth")
    with pytest.raises(InputError, match=r"larger than 64 KiB"):
        values.look_up("file:/dev/zero", "--auth")


def test_the_application_token_is_read_again(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first-app-token")
    one = Target(NOWHERE, app_token=f"file:{token}")
    assert one.app_token == "first-app-token"
    assert one.renewable
    token.write_text("second-app-token")
    assert one.renew()
    assert one.app_token == "second-app-token"
    assert (
        one.redactor.text("first-app-token second-app-token") == f"{mark('app-token')} {mark('app-token, renewal 1')}"
    )


def test_processes_of_a_run_read_once_together(tmp_path: Path) -> None:
    """The controller and two workers, as three targets that share a folder."""
    sources = [NamedSource(text=f"bearer:{counting(tmp_path)}")]
    folder = tmp_path / "shared"
    folder.mkdir(0o700)
    controller = Target(NOWHERE, credentials=sources)
    controller.share(folder)
    workers = [Target(NOWHERE, credentials=sources, shared=folder) for _ in range(2)]
    assert [each.credentials[0].value for each in workers] == ["token-number-1"] * 2
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda each: each.renew(), workers)) == [True, True]
    values_now = [each.credentials[0].value for each in workers]
    assert values_now == ["token-number-2"] * 2
    assert workers[0].renew()
    assert workers[0].credentials[0].value == "token-number-3"
    assert workers[1].renew()
    assert workers[1].credentials[0].value == "token-number-3", "taken over, not asked for again"
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_process_that_never_ends_reading_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_credentials, "_PATIENCE", 0.2)
    one = Target(NOWHERE, credentials=[NamedSource(text=f"bearer:{counting(tmp_path)}")], shared=tmp_path / "shared")
    (tmp_path / "shared" / "1").mkdir(parents=True)
    assert one.renew()
    assert one.credentials[0].value == "token-number-2"


@pytest.mark.parametrize("text", ["", "tök-hidden", "hid\nden"])
def test_an_application_token_that_no_header_can_carry(text: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(text)
    with pytest.raises(InputError, match=r"^--app-token: the token is empty") as error:
        Target(NOWHERE, app_token=f"file:{path}")
    assert "hid" not in str(error.value)
