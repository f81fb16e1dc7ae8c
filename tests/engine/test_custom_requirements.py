"""Custom requirements run beside the suite's, in a folder or from an installed package."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.core.errors import InputError
from conformance.engine.custom_requirements import load_custom_requirements
from conformance.reference import DEMO_AUTH, serve
from support.suite_runner import contract

OWN = '''"""Acme's rules."""

from conformance import MUST, Probe, principle, requirement


@requirement("ACME-01", MUST, "Every answer names its server", source=principle("Acme's house rules"))
def test_server_header(ask: Probe) -> None:
    """The header Server of the plain answer."""
    plain = ask.baseline()
    ask.check(plain.header("Server") == "{expected}", "another server", expected="{expected}", actual="", of=[plain])
'''


def run(*options: str, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "conformance",
        "run",
        "--requirement",
        "ACME-*",
        "--requirement",
        "OP-01",
        *options,
    ]
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=60, env=environment)


@pytest.mark.slow(reason="whole runs of the command")
@pytest.mark.parametrize(("expected", "status", "became"), [("reference", 0, "passed"), ("other", 1, "failed")])
def test_a_folder(tmp_path: Path, expected: str, status: int, became: str) -> None:
    folder = tmp_path / "tests" / "conformance"
    folder.mkdir(parents=True)
    (folder / "test_acme.py").write_text(OWN.replace("{expected}", expected))
    ended = run("--also", "tests/conformance", cwd=tmp_path)
    assert ended.returncode == status, ended.stdout + ended.stderr
    results = json.loads((tmp_path / "reports" / "results.json").read_text())
    found = {each["id"]: each for each in results["requirements"]}
    assert found["ACME-01"]["status"] == became
    assert found["ACME-01"]["chapter"] == "Acme's rules"
    assert found["OP-01"]["status"] == "passed"


@pytest.mark.slow(reason="whole runs of the command")
def test_an_installed_package(tmp_path: Path) -> None:
    (tmp_path / "acme_rules.py").write_text(OWN.replace("{expected}", "reference"))
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[conformance.requirements]\nacme = acme_rules\n")
    ended = run(cwd=tmp_path, path=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Acme's rules" in ended.stdout


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("nowhere", None, "no requirements here"),
        ("test_a.py", "import no_such_module\n", "cannot be imported: No module named 'no_such_module'"),
        ("test_a.py", "def malformed(:\n", "cannot be imported: invalid syntax"),
        ("test_a.py", "x = 1\n", "defines no requirement"),
    ],
)
def test_one_line_where_it_cannot_be_used(tmp_path: Path, name: str, content: str | None, says: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError) as error:
        load_custom_requirements([tmp_path / name])
    assert says in str(error.value)
    assert "\n" not in str(error.value)


HOOK = """from pathlib import Path

from conformance import hookimpl


@hookimpl
def conformance_requirements():
    return [Path(__file__).with_name("rules")]
"""


@pytest.mark.slow(reason="a run of pytest in a process of its own")
def test_the_hook_in_a_conftest(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "test_acme.py").write_text(OWN.replace("{expected}", "reference"))
    (tmp_path / "conftest.py").write_text(HOOK)
    with serve(contract()) as server:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "--pyargs", "conformance.requirements", "-k", "ACME", "-v",
             "--target", server.url, "--auth", DEMO_AUTH[0]],
            capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"test_acme\.py::test_server_header.* PASSED", ended.stdout)


def test_an_id_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "test_acme.py").write_text(OWN.replace("ACME-01", "SEL-01"))
    with pytest.raises(InputError, match=r"test_acme\.py.* requirement SEL-01 is defined twice"):
        load_custom_requirements([tmp_path / "test_acme.py"])


@pytest.mark.slow(reason="whole runs of the command")
def test_the_example_of_the_readme(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = next(part for part in readme.split("```python\n")[1:] if "@requirement" in part).partition("```")[0]
    folder = tmp_path / "tests" / "conformance"
    folder.mkdir(parents=True)
    (folder / "test_acme.py").write_text(example)
    ended = run("--also", "tests/conformance", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    results = json.loads((tmp_path / "reports" / "results.json").read_text())
    assert {each["id"]: each["status"] for each in results["requirements"]}["ACME-01"] == "passed"
    explained = subprocess.run(
        [sys.executable, "-m", "conformance", "explain", "ACME-01", "--also", "tests/conformance", "--no-exchanges"],
        capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False,
    )  # fmt: skip
    assert explained.returncode == 0, explained.stderr
    assert "A tracing header changes nothing" in explained.stdout
