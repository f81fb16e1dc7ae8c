"""The curl line of a finding, pasted into a shell, shows the finding again."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
from suite_runner import SEED, contract
from test_reports import exchange

from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, serve
from conformance.suite.config import Config
from conformance.suite.curl import curl
from conformance.suite.session import Session, Settings
from conformance.target.credentials import parse_credential
from conformance.target.exchange import Request

SESSION = next(parse_credential(text) for text in DEMO_AUTH if text.startswith("session:"))
ENVIRONMENT = {
    "CONFORMANCE_AUTHORIZATION": parse_credential(DEMO_AUTH[0]).headers()[0][1],
    "CONFORMANCE_COOKIE": SESSION.cookie,
    "CONFORMANCE_XSRF": SESSION.xsrf,
}
FAULTS = ["select-ignored", "scheme-case-sensitive", "head-with-body", "accept-required", "missing-content-type-crashes",
          "malformed-accept-crashes", "chunked-ignored", "form-refused", "escapes-not-decoded", "select-encoded-ignored"]  # fmt: skip


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="no curl or no bash")
@pytest.mark.parametrize("fault", FAULTS)
def test_the_line_gets_the_same_answer(fault: str, tmp_path: Path) -> None:
    with serve(contract(), faults=[fault]) as server:
        settings = Settings(target=server.url, auth=DEMO_AUTH, seed=SEED)
        session = Session(settings, Config(time_zones=DEMO_TIME_ZONES))
        session.learn()
        for requirement, operation in session.expected:
            session.settle(requirement, session.asks[operation])
        session.close()
        came = {each.number: each for each in session.target.recorder.exchanges}
        findings = [finding for result in session.results for finding in result.findings]
        assert findings
        for finding in findings:
            told = came[finding.exchanges[-1]].response
            assert told is not None
            line = finding.curl.replace("curl -i", f"curl -s -o {tmp_path / 'body'} -w '%{{http_code}}'", 1)
            pasted = subprocess.run(
                ["bash", "-c", line], env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=False
            )
            assert pasted.stdout == str(told.status), finding.curl
            if "-I" not in line:
                assert (tmp_path / "body").read_bytes() == told.body, finding.curl


def line(method: str = "POST", **changes: object) -> str:
    return curl(
        msgspec.structs.replace(
            exchange(0), request=msgspec.structs.replace(Request(method=method, target="/x"), **changes)
        )
    )


def test_what_curl_would_add_is_left_out() -> None:
    assert line().endswith("-H 'Accept:' -H 'Content-Type:'")
    assert "Accept:'" not in line(headers=(("accept", "a/b"),))


def test_a_missing_variable_stops_the_shell() -> None:
    text = line(headers=(("Authorization", "Basic [redacted]"),))
    assert '"Authorization: ${CONFORMANCE_AUTHORIZATION:?}"' in text
    assert subprocess.run(
        ["bash", "-c", text], env={"PATH": os.environ["PATH"]}, capture_output=True, check=False
    ).returncode
    assert '"Authorization: bASIC ${CONFORMANCE_AUTHORIZATION#* }"' in line(
        headers=(("Authorization", "bASIC [redacted]"),)
    )


def test_head_has_no_method_of_its_own() -> None:
    assert line("HEAD").startswith("curl -i -g -I 'http://127.0.0.1:1/x?$select=Id' ")
