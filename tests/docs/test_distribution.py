"""The name under which the project is installed: free on the public index, and the same wherever a text says it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

from conformance import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# The requirement ``conformance`` as an argument of an installer: not a path, an option's value or part of a longer name.
TAKEN = re.compile(
    r"(?:pipx?3?|uv)(?: pip| tool)? (?:install|wheel|download|add)\b[^\n`]*?"
    r"[\s'\"]conformance(?:\[[^\]]*\])?(?=[\s'\"`=<>~!;,.)\\]|$)",
    re.MULTILINE,
)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("pip install conformance", True),
        ("- run: pip install --quiet 'conformance[dev]>=0.1'", True),
        ("`pipx install conformance`", True),
        ("uv tool install conformance\n", True),
        ("pip install webapi-conformance", False),
        ("pip install dist/webapi_conformance-0.1.0-py3-none-any.whl", False),
        ("pip install . && .venv/bin/conformance run", False),
        ("pip install conformance-harness", False),
    ],
)
def test_what_counts_as_the_other_project(text: str, is_found: bool) -> None:
    assert bool(TAKEN.search(text)) is is_found


def test_no_text_installs_the_other_project() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    files = [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    texts = {path: path.read_text(encoding="utf-8") for path in files if path != Path(__file__)}
    assert any(PROJECT["name"] in text for text in texts.values())
    assert [str(path) for path, text in texts.items() if TAKEN.search(text)] == []


def test_the_readme_installs_this_project() -> None:
    readme = (ROOT / "README.md").read_text()
    assert PROJECT["name"] != "conformance"
    installed = re.findall(r"--index-url https://packages\.example/simple (\S+)", readme)
    assert len(installed) == 3
    assert set(installed) == {PROJECT["name"]}
    wheel = re.findall(r"dist/(\S+)-py3-none-any\.whl", readme)
    assert wheel == [f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}"]


def test_what_is_installed_is_this_project() -> None:
    """One distribution brings the command and the plugin, with the version that the package names."""
    assert version(PROJECT["name"]) == PROJECT["version"] == __version__
    for group, value in (
        ("pytest11", "conformance.pytest_plugin.plugin"),
        ("console_scripts", "conformance.cli.main:main"),
    ):
        found = [each for each in entry_points(group=group) if each.value == value]
        assert [(each.name, each.dist.name if each.dist else "") for each in found] == [
            ("conformance", PROJECT["name"])
        ]
