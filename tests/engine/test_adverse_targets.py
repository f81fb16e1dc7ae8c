"""Targets that die, hang, drip or answer what no report can hold: a verdict and whole reports still."""

from __future__ import annotations

import contextlib
import errno
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.client.exchange import RedactedExchange, Request
from conformance.client.in_process import serve as serve_application
from conformance.client.limits import Limits
from conformance.client.sender import Label
from conformance.client.target import Target
from conformance.core.errors import InputError
from conformance.engine.config import Config
from conformance.engine.result import Status
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, ReferenceApplication, serve
from conformance.reporting.folder import FILES, JOURNAL
from conformance.reporting.limited_evidence import LimitedEvidence
from conformance.reporting.verdict import Verdict
from conformance.reporting.write import write_reports
from support.commands import auth, command
from support.example_results import EXCHANGES, results
from support.suite_runner import contract, run_settings


class Until:
    """The reference server until this many requests came; then ``then`` is called for each."""

    def __init__(self, count: int, then: Any) -> None:
        self._inner = ReferenceApplication(contract())
        self._left = count
        self._then = then

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            self._then()
        return self._inner(environ, start)


def settings(url: str, timeout: float = 1.0) -> Settings:
    return Settings(target=url, auth=DEMO_AUTH, seed=1, timeout=timeout, reports=Path("unused"))


@pytest.mark.slow(reason="whole runs, with time-outs")
def test_a_target_that_hangs_in_the_middle_decides_nothing() -> None:
    gate = threading.Event()
    with serve_application(Until(100, gate.wait)) as url:
        try:
            found = run_settings(settings(url), Config(time_zones=DEMO_TIME_ZONES))
        finally:
            gate.set()
    assert found.verdict is Verdict.INCONCLUSIVE
    assert [each.id for each in found.requirements if each.status in (Status.FAILED, Status.WARNING)] == []
    assert any("does not answer any more" in each.reason for each in found.requirements)
    assert found.run.requests < 110, "nothing more is sent to a target that is gone"


@pytest.mark.slow(reason="a whole run")
def test_a_target_that_dies_in_the_middle_decides_nothing() -> None:
    with contextlib.ExitStack() as running:
        # Another thread stops the server: it waits for the request that is being answered.
        dying = Until(119, lambda: threading.Thread(target=running.close).start())
        url = running.enter_context(serve_application(dying))
        found = run_settings(settings(url), Config(time_zones=DEMO_TIME_ZONES))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert [each.id for each in found.requirements if each.status is Status.FAILED] == []


@contextlib.contextmanager
def dripping(head: bytes, drop: bytes) -> Iterator[str]:
    """A server whose answers never end."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(head)
            while not stop.wait(0.05):
                connection.sendall(drop)

    def work() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=work, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.close()


@pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_interim_responses_are_no_answer(status: bytes) -> None:
    head = b"HTTP/1.1 " + status + b"\r\nLink: </x>\r\n\r\n"
    with dripping(head * 3 + b"HTTP/1.1 204 No Content\r\nX-Last: 1\r\n\r\n", b"") as url:
        target = Target(url, limits=Limits(timeout=2))
        exchange = target.send(Request(method="GET", target="/"), Label(operation="op"))
        assert exchange.response is not None
        assert (exchange.response.status, exchange.response.header("X-Last")) == (204, "1")
        target.close()


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["body", "head", "1xx", "chunks"],
)
def test_an_answer_without_end_is_a_timeout(head: bytes, drop: bytes) -> None:
    with dripping(head, drop) as url:
        target = Target(url, limits=Limits(timeout=0.5))
        began = time.monotonic()
        exchange = target.send(Request(method="GET", target="/"), Label(operation="op"))
        assert exchange.failure == "timeout"
        assert time.monotonic() - began < 3
        target.close()


class Odd:
    """The reference server with what JSON can say and UTF-8 cannot, and what a terminal would obey."""

    def __init__(self) -> None:
        self._inner = ReferenceApplication(contract())
        self._count = 0

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        begun: list[Any] = []
        body = b"".join(self._inner(environ, lambda status, headers, *more: begun.append((status, headers))))
        status, headers = begun[0]
        self._count += 1
        if self._count > 30 and self._count % 4 == 0 and body.startswith(b"[{"):
            rows = json.loads(body)
            for row in rows:
                row["Context"] = "\ud800 \x1b[31mred\x1b]0;title\x07 \u202e \x00 ]]> <script>alert(1)</script>"
                row["\udfff\x1b"] = 1
            body = json.dumps(rows).encode()
        start(status, [(k, v) for k, v in headers if k not in ("Content-Length", "Content-Encoding")]
              + [("Content-Length", str(len(body)))])  # fmt: skip
        return [body]


@pytest.mark.slow(reason="whole runs, with time-outs")
def test_what_no_report_can_hold_is_written_out(tmp_path: Path) -> None:
    with serve_application(Odd()) as url:
        result = command("run", url, *auth(), "--seed", "1", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == sorted((*FILES, JOURNAL))
    for text in (result.stdout, *((tmp_path / "reports" / name).read_text() for name in FILES)):
        assert "\x1b" not in text
        assert "<script>alert(1)" not in text or text.startswith("{"), "in JSON it is a text"


def test_one_report_that_fails_keeps_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    def failing(*_: Any) -> bytes:
        raise ValueError("an unexpected value")

    monkeypatch.setattr("conformance.reporting.write.har_parts", full)
    monkeypatch.setattr("conformance.reporting.write.sarif_parts", failing)
    with pytest.raises(InputError) as error:
        write_reports(results(), EXCHANGES, contract(), tmp_path)
    assert "evidence.har: No space left on device" in str(error.value)
    assert "results.sarif: ValueError: an unexpected value" in str(error.value)
    written = {path.name for path in tmp_path.iterdir()}
    assert written == set(FILES) - {"evidence.har", "results.sarif"}


@pytest.mark.slow(reason="whole runs, with time-outs")
def test_the_verdict_is_said_although_the_reports_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import errno, conformance.reporting.write as write\n"
        "def full(*_): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "write.har_parts = full\n"
    )
    result = command("run", "--profile", "smoke", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert result.returncode == 2
    assert "partial: " in result.stdout
    assert "evidence.har: No space left on device" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.slow(reason="whole runs, with time-outs")
@pytest.mark.parametrize("pause", [0.0, 0.05, 0.15])
def test_a_second_signal_does_not_tear_the_reports(pause: float, tmp_path: Path) -> None:
    with serve(contract()) as target:
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", "run", target.url, *auth(), "--rate", "40"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        next(iter(process.stdout))
        process.send_signal(signal.SIGINT)
        time.sleep(pause)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors + output
    assert process.returncode == 3
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {*FILES, JOURNAL}
    assert "the run was interrupted" in output.splitlines()[-1]
    assert output.count("inconclusive ") <= 5, "what was not tried is in few lines"


def test_numbers_have_no_gaps_in_reports() -> None:
    """Numbers are reserved for requests that may never be sent."""
    exchanges = [
        RedactedExchange(
            number=number, operation="op", requirement="", purpose=f"r{number}", response=None, url="", started="",
            request=Request(method="GET", target="/"), seconds=0.0, batch=3 if number == 3 else None,
        )
        for number in (0, 3)
    ]  # fmt: skip
    shown = LimitedEvidence(exchanges, [])
    assert [(each.number, each.purpose, each.batch) for each in shown] == [(0, "r0", None), (1, "r3", 1)]
