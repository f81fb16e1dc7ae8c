"""The command as a user meets it: exit statuses, reports, and one clear line for every mistake."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from conformance.journal.reader import JournalReader
from conformance.reference import DEMO_AUTH, RunningServer, serve
from conformance.reporting.folder import FILES, JOURNAL
from conformance.reporting.results import json_schema
from conformance.requirements import load_requirements
from support.commands import auth, command, one_line
from support.suite_runner import contract

PAGE = "v1BatchAgent_GetBatchTaskInfosByAssociatesAndState"
SCHEMAS = Path(__file__).parents[2] / "schemas"


def test_the_main_job(tmp_path: Path) -> None:
    result = command("run", "--seed", "7", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip().splitlines()[-1].startswith("conformant: ")
    data = json.loads((tmp_path / "reports/results.json").read_text())
    jsonschema.validate(data, json_schema())
    assert data["verdict"] == "conformant"
    assert data["run"]["seed"] == 7
    entries = json.loads((tmp_path / "reports/evidence.har").read_text())["log"]["entries"]
    assert len(entries) <= data["run"]["requests"]
    suite = ElementTree.parse(tmp_path / "reports/junit.xml").getroot()
    assert suite.get("failures") == "0"
    assert suite.get("errors") == "0"
    assert (tmp_path / "reports/index.html").stat().st_size > 10_000
    assert {path.name for path in tmp_path.iterdir()} == {"reports"}


@pytest.mark.slow(reason="whole runs of the command")
def test_the_same_seed_sends_the_same_requests(tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "two"):
        assert command("run", "--seed", "11", "--reports", name, "-q", cwd=tmp_path).returncode == 0
        digests.add(json.loads((tmp_path / name / "results.json").read_text())["run"]["requests_digest"])
    assert len(digests) == 1


@pytest.mark.slow(reason="whole runs of the command")
def test_another_seed_sends_others(tmp_path: Path) -> None:
    digests = set()
    for seed in ("11", "12"):
        assert command("run", "--seed", seed, "--reports", seed, "-q", cwd=tmp_path).returncode == 0
        digests.add(json.loads((tmp_path / seed / "results.json").read_text())["run"]["requests_digest"])
    assert len(digests) == 2


def test_a_faulty_server(faulty: RunningServer, tmp_path: Path) -> None:
    result = command("run", faulty.url, *auth(), "--requirement", "SEL-*", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "failed       SEL-03" in result.stdout
    suite = ElementTree.parse(tmp_path / "reports/junit.xml").getroot()
    failure = next(case for case in suite.iter("testcase") if case.get("name", "").startswith("SEL-03")).find("failure")
    assert failure is not None
    text = failure.text or ""
    for part in (
        "expected: null or absent",
        "POST http://127.0.0.1",
        "Accept: application/json",
        "HTTP/1.1 200",
        '"Id"',
    ):
        assert part in text
    page = (tmp_path / "reports/index.html").read_text()
    assert 'id="SEL-03-' in page
    assert "curl -i" in page


@pytest.mark.slow(reason="whole runs of the command")
def test_github_shows_where_to_look(faulty: RunningServer, tmp_path: Path) -> None:
    summary = tmp_path / "summary"
    line = ["run", faulty.url, *auth(), "--requirement", "SEL-03"]
    result = command(*line, cwd=tmp_path, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    part, first, *_ = (each for each in result.stdout.splitlines() if each.startswith("::"))
    assert part.startswith("::notice title=conformance::partial: 1 of ")
    assert first.startswith(f"::error file=schemas/pages/{PAGE}.md,line=")
    last = result.stdout.strip().splitlines()[-1]
    assert last.startswith("partial: 1 of ")
    assert last.endswith("[exit status 1: 1 requirement failed]")
    assert "**SEL-03**" in summary.read_text()
    assert "::error" not in command(*line, cwd=tmp_path, GITHUB_ACTIONS="").stdout


@pytest.mark.slow(reason="whole runs of the command")
def test_a_reader_that_goes_away_does_not_change_the_exit_status(faulty: RunningServer, tmp_path: Path) -> None:
    line = f"'{sys.executable}' -m conformance run {faulty.url} --auth '{DEMO_AUTH[0]}' --requirement 'SEL-0*'"
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line} | true"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.returncode == 1, result.stderr
    assert result.stderr == ""
    assert (tmp_path / "reports/index.html").is_file()


@pytest.mark.slow(reason="whole runs of the command")
def test_pytest_gives_the_exit_status_of_what_was_selected(
    faulty: RunningServer, server: RunningServer, tmp_path: Path
) -> None:
    for target, status in ((faulty, 1), (server, 0)):
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "--pyargs", "conformance.requirements", "-q", "-p", "no:cacheprovider", "-k",
             "query_select", "--target", target.url, *auth(), "--conformance-seed", "7"],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert result.returncode == status, result.stdout + result.stderr
        data = json.loads((tmp_path / "reports/results.json").read_text())
        # A part of the suite says nothing of the whole.
        assert (data["verdict"], data["scope"]["reasons"]) == ("partial", ["-k query_select"])
        assert all(each["id"].startswith("SEL-") for each in data["requirements"])
        assert any(each["status"] == "failed" for each in data["requirements"]) is bool(status)
    # Hypothesis has drawn, and left nothing in the folder that the user is in.
    assert not (tmp_path / ".hypothesis").exists()


@pytest.mark.slow(reason="whole runs of the command")
def test_inconclusive_is_an_error_for_pytest_and_junit(server: RunningServer, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "conformance.requirements", "-p", "no:cacheprovider", "--junitxml",
         "own.xml", "--requirement", "TZ-01", "--max-requests", "12", "--target", server.url, "--auth", DEMO_AUTH[0]],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.returncode in (3, 4), result.stdout
    if result.returncode == 3:
        for name in ("own.xml", "reports/junit.xml"):
            suite = ElementTree.parse(tmp_path / name).getroot()
            assert next(suite.iter("testcase")).find("error") is not None


@pytest.mark.slow(reason="whole runs of the command")
def test_nothing_decided_is_never_green(server: RunningServer, tmp_path: Path) -> None:
    result = command("run", server.url, *auth()[:2], "--requirement", "APP-01", cwd=tmp_path)
    assert result.returncode == 3
    suite = ElementTree.parse(tmp_path / "reports/junit.xml").getroot()
    assert list(suite.iter("error"))


@pytest.mark.slow(reason="whole runs of the command")
def test_a_budget_leaves_the_rest_inconclusive(server: RunningServer, tmp_path: Path) -> None:
    result = command("run", server.url, *auth(), "--max-requests", "60", cwd=tmp_path)
    assert result.returncode == 3, result.stdout
    data = json.loads((tmp_path / "reports/results.json").read_text())
    assert data["run"]["requests"] == 60
    assert "--max-requests 60 is used up" in {each["reason"] for each in data["requirements"]}


@pytest.mark.slow(reason="whole runs of the command")
def test_secrets_are_in_no_output(faulty: RunningServer, tmp_path: Path) -> None:
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    baseline = ["--baseline", "known.toml", "--update-baseline"]
    result = command("run", faulty.url, *auth(), *baseline, cwd=tmp_path, **github)
    replay = command("replay", "reports", "SEL-03", "--target", faulty.url, *auth(), cwd=tmp_path)
    assert replay.returncode == 1
    written = [result.stdout, result.stderr, *((tmp_path / "reports" / name).read_text() for name in FILES)]
    with JournalReader(tmp_path / "reports" / JOURNAL) as journal:
        written += [document.decode() for _, document in journal.documents("")]
        written += [each.decode() for each in journal.results()]
        for exchange in journal.exchanges():
            body = exchange.response.body if exchange.response else b""
            written += [repr(exchange), exchange.request.body.decode("latin-1"), body.decode("latin-1")]
    written += [replay.stdout, replay.stderr, command("diff", "reports", "reports", cwd=tmp_path).stdout]
    written += [(tmp_path / name).read_text() for name in ("summary", "known.toml")]
    for each in DEMO_AUTH:
        scheme, _, value = each.partition(":")
        secrets = [value.partition(":")[2]] if scheme == "basic" else value.split(";XSRF=")
        for secret in secrets:
            assert all(secret.rpartition("=")[2] not in text for text in written if secret.rpartition("=")[2])


@pytest.mark.slow(reason="whole runs of the command")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(stop: signal.Signals, tmp_path: Path) -> None:
    with serve(contract()) as target:
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", "run", target.url, *auth(), "--rate", "40"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        lines = iter(process.stdout or [])
        # The first chapter is through: the run is in the middle of its work.
        next(lines)
        process.send_signal(stop)
        output, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors + output
    assert process.returncode == 3
    data = json.loads((tmp_path / "reports/results.json").read_text())
    assert data["run"]["interrupted"]
    statuses = {each["id"]: each["status"] for each in data["requirements"]}
    assert statuses.keys() == load_requirements().keys()
    assert {"passed", "inconclusive"} <= set(statuses.values())
    ElementTree.parse(tmp_path / "reports/junit.xml")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.ci
@pytest.mark.slow(reason="a process for each mistake")
@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["run", "staging.example"], 2, "is not a URL; write it as https://"),
        (["run", "http://a:b@localhost"], 2, "give them with --auth"),
        (["run", "http://localhost:99999"], 2, "is not a URL"),
        (["run", "http://no-such-host.invalid"], 4, "does not resolve"),
        (["run", "--auth", "digest:x"], 2, "--auth: write it as one of basic:USER:PASSWORD"),
        (["run", "--auth", "bearer:env:NO_SUCH_VARIABLE"], 2, "NO_SUCH_VARIABLE is not set"),
        (["run", "--auth", "bearer:file:missing.txt"], 2, "cannot read missing.txt"),
        (["run", "--auth", "session:abc"], 2, "write it as session:COOKIE=VALUE;XSRF=TOKEN"),
        (["run", "--requirement", "SEL-99"], 2, "no such requirement; did you mean SEL-"),
        (["run", "--profile", "quick"], 2, "use one of smoke, standard, certify"),
        (["run", "--operation", "Nothing*"], 2, "no operation of the contract matches"),
        (["run", "--config", "missing.toml"], 2, "missing.toml: no such file"),
        (["run", "--config", "unknown.toml"], 2, "unknown.toml:2: unknown key 'langauges'; did you mean languages?"),
        (["run", "--config", "malformed.toml"], 2, "malformed.toml: it is not TOML"),
        (["run", "--config", "wrong.toml"], 2, "wrong.toml:1: ids[0] must be a whole number, not a text"),
        (["run", "--config", "zone.toml"], 2, "is not an IANA time zone"),
        (["run", "--schemas", "missing"], 2, "missing"),
        (["run", "--reports", "unknown.toml"], 2, "--reports unknown.toml: cannot write there"),
        (["run", "--rate", "0"], 2, "--rate"),
        (["run", "--no-such-option"], 2, "No such option"),
        (["run", "app:no_such_module:app"], 2, "cannot import no_such_module"),
        (["run", "app:json:nothing"], 2, "json has no application named nothing"),
        (["serve", "--fault", "select-ignore"], 2, "select-ignored"),
        (["derive", "missing.md", "--out", "out"], 2, "missing.md"),
        (["derive", "unknown.toml", "--out", "out"], 2, "unknown.toml"),
        (["nothing"], 2, "No such command"),
    ],
)
def test_mistakes_get_one_line(arguments: list[str], status: int, says: str, tmp_path: Path) -> None:
    (tmp_path / "unknown.toml").write_text('ids = [1]\nlangauges = ["en"]\n')
    (tmp_path / "malformed.toml").write_text("ids = [")
    (tmp_path / "wrong.toml").write_text('ids = ["a"]\n')
    (tmp_path / "zone.toml").write_text('[time_zones]\nNO = "Norway/Oslo"\n')
    result = command(*arguments, cwd=tmp_path)
    assert result.returncode == status, result.stderr
    assert says in one_line(result)


def test_a_target_that_refuses_the_connection(tmp_path: Path) -> None:
    result = command("run", f"http://127.0.0.1:{free_port()}", cwd=tmp_path)
    assert result.returncode == 4
    assert "refused" in one_line(result)


@pytest.mark.slow(reason="whole runs of the command")
def test_wrong_credentials(server: RunningServer, tmp_path: Path) -> None:
    result = command("run", server.url, "--auth", "basic:somebody:Planted-Secret-1", cwd=tmp_path)
    assert result.returncode == 4
    line = one_line(result)
    assert "refuses the credentials of --auth" in line
    assert "Planted-Secret-1" not in line


@pytest.mark.slow(reason="whole runs of the command")
def test_no_credentials(server: RunningServer, tmp_path: Path) -> None:
    result = command("run", server.url, cwd=tmp_path)
    assert result.returncode == 4
    assert "it requires credentials" in one_line(result)


LOGIN = """
def app(environ, start_response):
    start_response("{status}", [("Content-Type", "text/html"), ("Location", "https://login.example/?a=b")])
    return [b"<html><form>Log in</form></html>"]
"""


@pytest.mark.ci
@pytest.mark.slow(reason="a process for each mistake")
@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("200 OK", "a login page or a firewall?"),
        ("302 Found", "it redirects to https://login.example/"),
        ("404 Not Found", "it has no"),
    ],
)
def test_targets_that_are_no_api(status: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "wsgi_application.py").write_text(LOGIN.format(status=status))
    result = command("run", "app:wsgi_application:app", "--auth", "bearer:x", cwd=tmp_path)
    assert result.returncode == 4, result.stderr
    assert says in one_line(result)


@pytest.mark.slow(reason="whole runs of the command")
def test_an_application_in_process(tmp_path: Path) -> None:
    (tmp_path / "reference_app.py").write_text(
        "from conformance.contract.folder import default_schemas, load\n"
        "from conformance.reference import ReferenceApplication\n"
        "application = ReferenceApplication(load(default_schemas()))\n"
    )
    result = command("run", "app:reference_app:application", *auth(), "--requirement", "SEL-*", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow(reason="whole runs of the command")
def test_waiting_for_a_target_that_starts(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "run", f"http://127.0.0.1:{port}", *auth(), "--wait", "30",
         "--requirement", "SEL-01", "-q"], cwd=tmp_path,
    )  # fmt: skip
    deadline = time.monotonic() + 3
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert process.poll() is None, "it did not wait"
    with serve(contract(), port=port):
        assert process.wait(timeout=60) == 0


@pytest.mark.slow(reason="whole runs of the command")
def test_schemas_that_do_not_fit_their_page(tmp_path: Path) -> None:
    schemas = tmp_path / "schemas"
    (schemas / "pages").mkdir(parents=True)
    page = (SCHEMAS / "pages" / f"{PAGE}.md").read_text()
    (schemas / "pages" / f"{PAGE}.md").write_text(page)
    assert command("derive", f"schemas/pages/{PAGE}.md", "--out", "schemas", cwd=tmp_path).returncode == 0
    assert command("derive", f"schemas/pages/{PAGE}.md", "--out", "schemas", "--check", cwd=tmp_path).returncode == 0
    (schemas / "pages" / f"{PAGE}.md").write_text(page.replace("| StartCount | int32 |", "| StartCount | string |"))
    result = command("derive", f"schemas/pages/{PAGE}.md", "--out", "schemas", "--check", cwd=tmp_path)
    assert result.returncode == 2
    assert "response.schema.json" in result.stderr
    result = command("run", "--schemas", "schemas", cwd=tmp_path)
    assert result.returncode == 2
    assert "conformance derive" in one_line(result)


@pytest.mark.slow(reason="whole runs of the command")
def test_lists(tmp_path: Path) -> None:
    requirements = command("requirements", cwd=tmp_path)
    assert requirements.returncode == 0
    assert "SEL-03   MUST    Every property that was not selected is nulled out" in requirements.stdout
    faults = command("faults", cwd=tmp_path)
    assert faults.returncode == 0
    assert "select-ignored" in faults.stdout
    assert command("--version", cwd=tmp_path).returncode == 0
    assert "--max-requests" in command("run", "--help", cwd=tmp_path).stdout
