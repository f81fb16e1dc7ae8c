"""Rules of the house, held by tests that say why."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

import conformance
from conformance.cli.main import cli
from conformance.engine.requirement import MAY
from conformance.reference import VARIANTS
from conformance.requirements import CONTENTS, load_requirements

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "conformance"

CHAPTERS = [each.title for each in CONTENTS.chapters]


def test_a_requirement_says_what_it_is() -> None:
    for requirement in load_requirements().values():
        assert re.fullmatch(r"[A-Z]+-\d\d", requirement.id)
        assert not requirement.title.endswith(".")
        assert requirement.doc, f"{requirement.id} does not say how it is judged"
        assert requirement.chapter in CHAPTERS
        # What a MAY records may be what a conforming variant does.
        shown = any(requirement.id in variant.observed for variant in VARIANTS.values())
        assert requirement.faults or (requirement.level is MAY and shown)


def test_no_chapter_is_empty_and_no_number_is_left_out() -> None:
    every = load_requirements()
    assert {each.chapter for each in every.values()} == set(CHAPTERS)
    prefixes = {id.partition("-")[0] for id in every}
    for prefix in prefixes:
        ids = sorted(id for id in every if id.startswith(f"{prefix}-"))
        assert ids == [f"{prefix}-{number:02}" for number in range(1, len(ids) + 1)]


def shell_lines(name: str) -> list[str]:
    text = (ROOT / name).read_text()
    blocks = re.findall(r"```(?:sh|yaml)\n(.*?)```", text, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [re.sub(r"^\s*-\s*(run:\s*)?", "", line).split("#")[0].strip() for line in lines]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "conformance/README.md", "tests/README.md"])
def test_commands_in_the_documentation_exist(name: str) -> None:
    seen = 0
    for line in shell_lines(name):
        if not line.startswith("conformance "):
            continue
        words = shlex.split(line)[1:]
        command: click.Command = cli
        while isinstance(command, click.Group):
            command = command.commands[words.pop(0)]
        with click.Context(command) as context:
            known = {option for parameter in command.get_params(context) for option in parameter.opts}
        unknown = {word for word in words if word.startswith("--")} - known
        assert not unknown, f"{line}: {unknown}"
        seen += 1
    assert seen or name != "README.md"


@pytest.mark.parametrize(
    "name", ["CONTRIBUTING.md", "conformance/README.md", "conformance/DECISIONS.md", "tests/README.md"]
)
def test_files_in_the_documentation_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    places = [ROOT / name, PACKAGE, *(each for each in PACKAGE.iterdir() if each.is_dir()), ROOT / "tests", ROOT]
    named = set(re.findall(r"`((?:[\w]+/)*[\w]+\.(?:py|md|json))`", text))
    assert named
    for each in named - {"operation.json", "results.json"}:
        assert any((place / each).is_file() for place in places), f"{name}: {each}"


def test_the_public_api_is_documented() -> None:
    tables = re.findall(r"^\| (`.*?`) \|", (PACKAGE / "API.md").read_text(), re.MULTILINE)
    assert sorted(name for cell in tables for name in re.findall(r"`(\w+)`", cell)) == sorted(conformance.__all__)


def test_options_in_the_readme_exist() -> None:
    # `--max-...` stands for several of them.
    options = set(re.findall(r"`(--[a-z-]+)(?![a-z.-])", (ROOT / "README.md").read_text()))
    known = {option for command in cli.commands.values() for parameter in command.params for option in parameter.opts}
    of_others = {"--junitxml", "--lf", "--index-url", "--extra-index-url"}
    assert options - known - of_others - {"--conformance-seed"} == set()


def test_the_project_speaks_only_of_itself() -> None:
    """No absolute paths, no machines of ours, no registry's host."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    for name in listed.stdout.split():
        if name == "tests/docs/test_house_rules.py" or not (ROOT / name).is_file():
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"[\s'\"(=](?:/root|/home|/Users)/|pypi\.org|files\.pythonhosted", text), name


def test_the_top_level_is_the_layout() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    top = {line.partition("/")[0] for line in listed.stdout.split()}
    assert top <= {
        *(".ci", ".editorconfig", ".gitattributes", ".gitignore", ".pre-commit-config.yaml"),
        *("CHANGELOG.md", "CONTRIBUTING.md", "GLOSSARY.md", "LICENSE", "README.md", "SECURITY.md"),
        *("changelog.d", "conformance", "noxfile.py", "pyproject.toml", "reports", "schemas", "tests"),
    }
