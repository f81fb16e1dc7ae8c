"""The command, in a process of its own or, where that shows the same, in this one."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from conformance.cli.main import main
from conformance.reference import DEMO_AUTH


def command(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a user starts it."""
    return subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def in_process(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same without the second that a process takes: for what ends before pytest runs the suite."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, {"COLUMNS": "120", **environment}),
        mock.patch.object(sys, "argv", ["conformance", *arguments]),
        mock.patch("pytest.main", side_effect=AssertionError("the suite is run: use command")),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out.getvalue(), err.getvalue())


def auth() -> list[str]:
    return [part for each in DEMO_AUTH for part in ("--auth", each)]


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in result.stderr + result.stdout
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("conformance: ")
    return lines[0]
