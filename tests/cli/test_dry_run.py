"""``--dry-run`` sends nothing, and what it promises is true of a run: as many requests of each kind, and not one more."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.client.credentials import Basic
from conformance.client.exchange import Intent, Request
from conformance.client.quota import Kind, Quota, QuotaUsedUp, kind_of
from conformance.engine.config import Config
from conformance.engine.plan import AGENT_METHODS, plan_of
from conformance.engine.result import Status
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, serve
from support.commands import command, in_process, one_line
from support.suite_runner import contract

HARMFUL = [kind for kind in Kind if kind is not Kind.ORDINARY]


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Something that listens; ``accept`` on it says whether a connection was made."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def url_of(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def assert_untouched(server: socket.socket) -> None:
    with pytest.raises(BlockingIOError):
        server.accept()


def test_nothing_is_sent_and_no_credential_is_read(silent: socket.socket, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    auth = ["--auth", f"bearer:cmd:touch {witness}", "--auth", "basic:jane:env:NOT_SET", "--app-token", "env:NOT_SET"]
    result = in_process("run", url_of(silent), *auth, "--dry-run", "--max-requests", "500", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert_untouched(silent)
    assert list(tmp_path.iterdir()) == []
    operation = contract().operations[0].operation
    assert f"  {operation.id}: POST {operation.path} (reads: its name begins with 'get'" in result.stdout
    assert "credentials: bearer, basic)" in result.stdout
    # Four corrupted tokens; two corrupted values and four passwords; each once more for each of three confirmations.
    assert re.search(r"^ +40  with wrong credentials; 10 at most while nothing fails$", result.stdout, re.M)
    assert re.search(r"^ +28  another method .*; 7 at most while nothing fails$", result.stdout, re.M)
    assert re.search(r"^ +500  in total \(--max-requests\)$", result.stdout, re.M)


@pytest.mark.slow(reason="whole runs of the command")
def test_what_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    assert "there is no such requirement" in one_line(command("run", "--dry-run", "--requirement", "X-1", cwd=tmp_path))
    assert "write it as one of" in one_line(command("run", "--dry-run", "--auth", "jane:secret", cwd=tmp_path))


@pytest.mark.slow(reason="a process under pytest")
def test_under_pytest(silent: socket.socket, tmp_path: Path) -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        given = ["--pyargs", "conformance.requirements", "--target", url_of(silent), "--conformance-dry-run", *options]
        own = ["-p", "no:cacheprovider", "--requirement", "OP-*"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *own, *given], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    shown = run("--auth", "bearer:env:NOT_SET")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "operations that would be called: 1" in shown.stdout
    assert "  0  with wrong credentials" in shown.stdout
    distributed = run("-n", "2")
    assert distributed.returncode == 2
    assert "leave -n out" in distributed.stdout + distributed.stderr
    assert_untouched(silent)


def counted(*requirements: str, faults: tuple[str, ...] = (), profile: str = "standard", wrong: bool = True) -> Run:
    """A session whose requirements were tried against the reference server."""
    with serve(contract(), faults=faults) as server:
        settings = Settings(
            target=server.url, auth=DEMO_AUTH, requirements=requirements, profile=profile, seed=1,
            wrong_credentials=wrong,
        )  # fmt: skip
        session = Run(settings, Config(time_zones=DEMO_TIME_ZONES))
        session.discover()
        session.execute_expected()
        session.close()
        return session


def sent_by(session: Run) -> Counter[Kind]:
    """What was recorded, by kind."""
    methods = {id: ask.operation.method for id, ask in session.probes.items()}
    exchanges = [each for each in session.target.recorder.evidence if each.operation]
    return Counter(kind_of(each.request, each.intent, methods[each.operation]) for each in exchanges)


def assert_bounded(session: Run, *, nothing_fails: bool) -> None:
    promised, sent = plan_of(session), sent_by(session)
    assert sum(sent.values()) == session.target.sent
    assert {kind: count for kind, count in sent.items() if count > promised.most[kind]} == {}
    assert session.target.sent <= promised.total
    if nothing_fails:
        assert {kind: sent[kind] for kind in HARMFUL if sent[kind] > promised.once[kind]} == {}


PARTS = ("OP-*", "AUTH-*", "XSRF-*", "SEL-03")


def test_the_bounds_are_true_of_a_correct_server() -> None:
    session = counted(*PARTS)
    assert {result.id: result.reason for result in session.results if result.findings} == {}
    assert_bounded(session, nothing_fails=True)
    # Those that were counted out one by one are not only bounds.
    promised, sent = plan_of(session), sent_by(session)
    assert sent[Kind.WRONG_CREDENTIAL] == promised.once[Kind.WRONG_CREDENTIAL]
    assert promised.once[Kind.OTHER_METHOD] - sent[Kind.OTHER_METHOD] <= 1
    assert len(AGENT_METHODS) == 5


@pytest.mark.parametrize("fault", ["any-method", "password-case-ignored"])
def test_the_bounds_are_true_of_a_server_with_a_fault(fault: str) -> None:
    session = counted("OP-03", "AUTH-04", faults=(fault,))
    assert any(result.findings for result in session.results)
    assert_bounded(session, nothing_fails=False)


def test_without_wrong_credentials() -> None:
    session = counted("AUTH-04", wrong=False)
    assert plan_of(session).most[Kind.WRONG_CREDENTIAL] == 0
    assert sent_by(session)[Kind.WRONG_CREDENTIAL] == 0


@pytest.mark.slow(reason="whole runs of several profiles")
@pytest.mark.parametrize("profile", ["smoke", "standard", "certify"])
def test_the_bounds_of_a_whole_run(profile: str) -> None:
    assert_bounded(counted(profile=profile), nothing_fails=True)


def test_a_quota_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    quota = Quota("POST", {**dict.fromkeys(Kind, 1), Kind.WRONG_CREDENTIAL: 0})
    post, put = (Request(method=method, target="/") for method in ("POST", "PUT"))
    quota.spend(post, Intent.BASELINE)
    quota.spend(put, Intent.MALFORMED)
    for request, intent in ((post, Intent.MALFORMED), (put, Intent.BASELINE), (post, Intent.WRONG_CREDENTIAL)):
        with pytest.raises(QuotaUsedUp, match=r"no more than [01] requests of this kind are sent: "):
            quota.spend(request, intent)
    quota.spend(post, Intent.REFUSAL)
    # In a run it leaves inconclusive what would need more, and nothing else.
    monkeypatch.setattr(Basic, "max_near_misses", 1)
    with serve(contract()) as server:
        settings = Settings(
            target=server.url, auth=DEMO_AUTH[:1], requirements=("AUTH-04", "AUTH-06"), seed=1, confirm=1
        )
        session = Run(settings)
        session.discover()
        session.execute_expected()
        session.close()
    assert sent_by(session)[Kind.WRONG_CREDENTIAL] == 2
    assert [result.status for result in session.results] == [Status.INCONCLUSIVE, Status.PASSED]
    assert session.results[0].reason == "no more than 2 requests of this kind are sent: with wrong credentials"
