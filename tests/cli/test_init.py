"""``conformance init`` writes down what a target knows, and ``run`` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.main import cli
from conformance.client.in_process import serve as serve_in_process
from conformance.core.errors import InputError
from conformance.engine.config import load_config
from conformance.reference import DEMO_AUTH, serve
from support.suite_runner import contract


def init(*options: str) -> str:
    result = CliRunner().invoke(cli, ["init", *options], standalone_mode=False)
    if result.exception:
        raise result.exception
    assert result.return_value == 0
    return result.output


def test_what_the_target_knows_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    with serve(contract()) as server:
        output = init(server.url, "--auth", DEMO_AUTH[0], "--out", str(path))
    assert "written after" in output
    config = load_config(path)
    assert config.ids
    assert set(config.languages) == {"en", "nb", "sv"}
    assert "Asia/Kolkata" in config.time_zones.values()
    secret = DEMO_AUTH[0].rpartition(":")[2]
    assert secret not in path.read_text() + output


def test_a_target_without_data_gives_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    with serve(contract(), variants=["no-data"]) as server:
        init(server.url, "--auth", DEMO_AUTH[0], "--out", str(path))
    assert load_config(path).ids == ()
    assert "# ids = []" in path.read_text()


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text("ids = [1]\n")
    with pytest.raises(InputError, match="--force writes over it"):
        init("http://127.0.0.1:1", "--out", str(path))
    assert path.read_text() == "ids = [1]\n"


def test_no_target_and_no_terminal_to_ask() -> None:
    result = CliRunner().invoke(cli, ["init"], standalone_mode=False)
    assert "name the target" in str(result.exception)


def test_a_target_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        init("http://127.0.0.1:1", "--out", str(tmp_path / "c.toml"))
    assert error.value.exit_status == 4
    assert not (tmp_path / "c.toml").exists()


def test_of_a_server_whose_every_answer_is_a_failure_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"

    def fails(environ: Any, start: Any) -> list[bytes]:
        start("500 Internal Server Error", [("Content-Type", "text/html")])
        return [b"<h1>Error</h1>"]

    with serve_in_process(fails) as url, pytest.raises(InputError, match=r"gets 500 .* 3 times in a row") as error:
        init(url, "--auth", "bearer:x", "--out", str(path))
    assert error.value.exit_status == 4
    assert not path.exists()
