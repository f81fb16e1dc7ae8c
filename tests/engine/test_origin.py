"""Credentials go to the target's origin: no path, contract or recorded result leads them elsewhere."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.credentials import parse_credential
from conformance.client.exchange import Request
from conformance.client.in_process import serve
from conformance.client.limits import Limits
from conformance.client.origin import OtherOrigin, compose, origin_of
from conformance.client.sender import Label
from conformance.client.target import Target
from conformance.contract.folder import default_schemas, load
from conformance.core.errors import InputError
from support.commands import in_process
from support.echo_server import echo
from support.suite_runner import contract

LABEL = Label(operation="o")
ELSEWHERE = (
    "@127.0.0.1:9/x", ":9/x", ".evil.example/x", "evil.example", "", "x", "?a=b", "#a", "\\@evil.example/x", " /x",
    "\t//evil.example",
)  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize(
    "base", ["https://host", "https://host:8443", "http://[::1]:8080/prefix", "https://host/prefix"]
)
def test_a_path_that_leads_elsewhere_is_not_sent(base: str, path: str) -> None:
    with pytest.raises(OtherOrigin):
        compose(base, path)


@pytest.mark.parametrize(
    "path",
    ["/", "/x", "/@evil.example", "//evil.example/x", "/x?u=https://evil.example", "/a:9/b", "/%40evil:9", "/x#@y"],
)
def test_a_path_below_the_base_is(path: str) -> None:
    assert compose("https://host:8443/prefix", path) == f"https://host:8443/prefix{path}"


@given(st.text(max_size=20))
def test_no_text_leads_to_another_origin(path: str) -> None:
    """Whatever was composed is of the target's origin by the rules of another parser too."""
    import requests

    for base in ("https://host", "http://host:8080"):
        try:
            url = compose(base, path)
        except OtherOrigin:
            continue
        with contextlib.suppress(requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, UnicodeError):
            prepared = requests.Request("GET", url).prepare()
            assert origin_of(prepared.url or "") == origin_of(base)


@pytest.mark.parametrize("way", ["send", "send_parallel", "send_on_wire"])
def test_no_way_of_sending_leads_to_another_server(way: str) -> None:
    arrived: list[Any] = []

    def foreign(environ: dict[str, Any], start: Any) -> list[bytes]:
        arrived.append(environ)
        start("200 OK", [])
        return [b"{}"]

    with serve(echo) as url, serve(foreign) as other:
        target = Target(url, limits=Limits(timeout=5))
        request = Request(
            method="GET",
            target=f"@{other.removeprefix('http://')}/x",
            headers=parse_credential("bearer:secret-token").headers(),
        )
        with contextlib.closing(target), pytest.raises(OtherOrigin):
            getattr(target, way)([request] if way == "send_parallel" else request, LABEL)
    assert arrived == []
    assert target.sent == 0


def changed_schemas(folder: Path, **facts: Any) -> Path:
    """The project's contracts with other facts in their operation."""
    schemas = folder / "schemas"
    shutil.copytree(default_schemas(), schemas)
    path = schemas / contract().operations[0].operation.id / "operation.json"
    stored = json.loads(path.read_text())
    stored["operation"] |= facts
    path.write_text(json.dumps(stored))
    return schemas


@pytest.mark.parametrize(
    "path",
    ["@127.0.0.1:9/x", "x", "", "//evil.example/x", "/\\evil.example", "/a b", "/a\nb", "/a?b", "/a#b", "\\\\evil", "/\x1b[31m"],
)  # fmt: skip
def test_a_contract_with_such_a_path_is_not_loaded(path: str, tmp_path: Path) -> None:
    schemas = changed_schemas(tmp_path, path=path)
    with pytest.raises(InputError, match=r"path is .* a path starts with one '/'") as error:
        load(schemas)
    assert "operation.json" in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"method": "POST /x HTTP/1.1\r\nX: y"}, "method"),
        ({"headers": [{"name": "X: y\r\nZ", "line": 1}]}, "headers"),
        ({"sample_request": {"line": 1, "start": "POST /", "headers": [["X\r\nY", "z"]]}}, "sample_request.headers"),
        ({"sample_request": {"line": 1, "start": "POST /", "headers": [["X", "z\r\nY: z"]]}}, "sample_request.headers: X"),
        ({"response_types": [{"name": "text/xml\r\nX: y", "line": 1}]}, "a media type"),
    ],
)  # fmt: skip
def test_a_contract_that_no_request_can_be_made_of_is_not_loaded(
    facts: dict[str, Any], named: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=f"operation\\.json: {named}") as error:
        load(changed_schemas(tmp_path, **facts))
    assert str(error.value).isprintable()


def test_the_command_sends_nothing_with_such_a_contract(tmp_path: Path) -> None:
    arrived = threading.Event()

    def foreign(environ: dict[str, Any], start: Any) -> list[bytes]:
        arrived.set()
        start("200 OK", [])
        return [b"[]"]

    with serve(foreign) as other:
        schemas = changed_schemas(tmp_path, path=f"@{other.removeprefix('http://')}/x")
        result = in_process(
            "run", "http://127.0.0.1:9", "--auth", "bearer:secret-token", "--schemas", str(schemas), cwd=tmp_path
        )
    assert result.returncode == 2
    assert "a path starts with one '/'" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not arrived.is_set()
