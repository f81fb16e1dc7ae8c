"""Every example in the documentation is carried out: shell lines run, TOML is read by what reads it, Python is run.

What cannot be run in a test is in ``NOT_RUN`` with the reason, and its command and options must still exist. A line that is neither fails the test, so no example can be added that is not tried.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click
import pytest
import yaml
from markdown_it import MarkdownIt

from conformance.cli.main import cli
from conformance.client.credentials import parse_credential
from conformance.engine.baseline.known_failures import load_baseline
from conformance.engine.config import load_config
from conformance.engine.custom_requirements import GROUP
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, RunningServer
from conformance.requirements import load_requirements
from support.commands import command
from support.gateways import Authority, tls

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted({*ROOT.glob("*/README.md"), *ROOT.glob("conformance/*.md")}),
]

NOT_RUN = {
    r"(\.venv/bin/)?pip (install|wheel) |python3 -m venv ": "needs the network, or makes an environment; CI runs these lines",
    r"(\.venv/bin/)?python -m pytest( -m (slow|ci))?( +#.*)?": "runs these tests; without a file, also this one in itself",
    r"python tests/benchmarks/": "takes minutes",
    r"(mypy|lint-imports|ruff check \.|ruff format --check \.)$": "CI runs it on the whole repository",
    r"(towncrier|nox|pre-commit)\b": "is about a checkout, or runs these tests",
    r"conformance open\b": "starts a browser",
    r"conformance resume\b": "needs a run that was killed; tests/engine/test_resume.py kills some",
    r"conformance serve\b": "ends when somebody stops it",
}
# Other than 0. What the lines are about is a server with a fault, so these statuses are what they are to show.
ENDS = {
    r"conformance replay .*next\.example": (0, "the other server does not have the fault"),
    r"conformance replay ": (1, "the server still has the fault"),
    r"conformance lint docs/api": (1, "the page has a finding"),
    r"conformance report ": (1, "the run found failures"),
    r"conformance diff ": (1, "what passed before fails"),
    r"conformance run .*--accept-known": (0, "every failure is known, and that is accepted"),
    r"conformance run .*--baseline ": (1, "the server has the fault"),
}
# Lines that are about a server with a fault; the others get the correct one.
OF_FAULTY = r"--baseline |replay .*staging\.example"


class Block(NamedTuple):
    document: Path
    line: int
    language: str
    text: str

    @property
    def id(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def blocks_of(document: Path) -> Iterator[Block]:
    for token in MarkdownIt().parse(document.read_text(encoding="utf-8")):
        if token.type in ("fence", "code_block"):
            language = token.info.strip() if token.type == "fence" else "indented"
            yield Block(document, (token.map or [0])[0] + 1, language, token.content)


def spans_of(document: Path) -> Iterator[str]:
    """Commands in the text, between backticks."""
    for token in MarkdownIt().enable("table").parse(document.read_text(encoding="utf-8")):
        for child in token.children or ():
            if child.type == "code_inline" and re.match(r"(conformance|pytest) [a-z-]", child.content):
                yield child.content


BLOCKS = [block for document in DOCUMENTS for block in blocks_of(document)]


def of(*languages: str) -> list[Any]:
    return [pytest.param(block, id=block.id) for block in BLOCKS if block.language in languages]


def lines_of(block: Block) -> list[str]:
    """Single commands: without comments, continued lines joined, ``&&`` taken apart."""
    joined = block.text.replace("\\\n", " ")
    lines = [re.sub(r"\s+", " ", re.sub(r"(^|\s)#.*", "", line)).strip() for line in joined.splitlines()]
    return [part.strip() for line in lines if line for part in line.split(" && ")]


def strings_in(data: Any) -> Iterator[str]:
    if isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from strings_in(each)
    elif isinstance(data, str):
        yield data


def every_line() -> dict[str, str]:
    """Each command once, with where it stands; those that a workflow in YAML runs too."""
    found: dict[str, str] = {}
    for block in BLOCKS:
        lines = lines_of(block) if block.language == "sh" else []
        if block.language == "yaml":
            lines = [s for s in strings_in(yaml.safe_load(block.text)) if re.match(r"conformance |pip ", s)]
        for line in lines:
            found.setdefault(re.sub(r"^\.venv/bin/(?=conformance)", "", line), block.id)
    return found


LINES = every_line()


def table(line: str, rows: dict[str, Any]) -> Any:
    return next((value for pattern, value in rows.items() if re.match(pattern, line)), None)


def parse(line: str) -> None:
    """Let the command read its arguments, without doing anything."""
    words = shlex.split(line)[1:]
    if words[0].startswith("-"):
        cli.make_context("conformance", list(words), resilient_parsing=True)
        return
    chosen: click.Command = cli.commands[words[0]]
    with chosen.make_context(words[0], words[1:]):
        pass


def demo(scheme: str) -> str:
    return next(each for each in DEMO_AUTH if each.startswith(f"{scheme}:"))


# Python of the examples finds the hosts that they name at the ports of the environment: no line is changed for that.
RESOLVER = """
import os, socket

_PORTS = dict(each.split(":") for each in os.environ.get("EXAMPLE_HOSTS", "").split())
_resolve = socket.getaddrinfo


def getaddrinfo(host, port, *rest, **more):
    return _resolve("127.0.0.1", _PORTS[host], *rest, **more) if host in _PORTS else _resolve(host, port, *rest, **more)


socket.getaddrinfo = getaddrinfo
"""
# As little as shows that a line works, where the line says nothing else.
QUICK = {"CONFORMANCE_PROFILE": "smoke", "CONFORMANCE_REQUIREMENT": "OP-0*\nSEL-03\nAUTH-02"}


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


@pytest.fixture(scope="module")
def ports(server: RunningServer, faulty: RunningServer, prepared: Path) -> Iterator[tuple[int, int]]:
    """The conforming and the faulty server, as servers of a company are reached: by TLS, one of them below a path."""
    authority = Authority(prepared, "ca")
    right, wrong = (authority.server_context("staging.example", "next.example") for _ in range(2))
    with tls(server.url, right, mounted=b"/crm") as conforming, tls(faulty.url, wrong) as wrong_server:
        yield port_of(conforming), port_of(wrong_server)


@pytest.fixture(scope="module")
def prepared(server: RunningServer, faulty: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the examples speak of. Each line gets a copy: none needs the one above it."""
    folder = tmp_path_factory.mktemp("documentation")
    tools = folder / "bin"
    tools.mkdir()
    for name, module in {"conformance": " -m conformance", "pytest": " -m pytest", "python": ""}.items():
        (tools / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{module} "$@"\n')
        (tools / name).chmod(0o755)
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    for name in ("docs/api", "docs-of-may", "docs-of-june"):
        shutil.copytree(ROOT / "schemas" / "pages", folder / name)
    assert command("derive", "docs/api", "--out", "contract", cwd=folder).returncode == 0
    for issued, name in zip(Authority(folder, "me").client("me"), ("me.pem", "me.key"), strict=True):
        issued.rename(folder / name)
    (folder / "login.txt").write_text(demo("basic").partition(":")[2] + "\n")
    (folder / "password.txt").write_text(demo("basic").split(":", 2)[2] + "\n")
    (folder / "new-token").write_text(f"#!/bin/sh\nprintf %s '{demo('bearer').partition(':')[2]}'\n")
    (folder / "new-token").chmod(0o700)
    (tools / "sitecustomize.py").write_text(RESOLVER)
    zones = "".join(f'"{code}" = "{zone}"\n' for code, zone in DEMO_TIME_ZONES.items())
    (folder / "conformance.toml").write_text(f"[time_zones]\n{zones}")

    def run(server: RunningServer, *options: str) -> None:
        ended = command("run", server.url, "--auth", demo("bearer"), "--profile", "smoke", *options, cwd=folder)
        assert ended.returncode in (0, 1, 3), ended.stderr

    run(server)
    shutil.copytree(folder / "reports", folder / "before")
    run(faulty, "--baseline", "known.toml", "--update-baseline")
    known = folder / "known.toml"
    known.write_text(known.read_text().replace('reason = ""', 'reason = "the next release fixes it"'))
    return folder


@pytest.mark.slow(reason="a process for each example")
@pytest.mark.parametrize("line", LINES, ids=[f"{place} {line[:70]}" for line, place in LINES.items()])
def test_the_line_works(line: str, prepared: Path, ports: tuple[int, int], tmp_path: Path) -> None:
    """What runs is what is written; the environment says where the servers are, who asks, and how little is enough."""
    if table(line, NOT_RUN):
        exists(line)
        return
    folder = tmp_path / "folder"
    shutil.copytree(prepared, folder)
    right, wrong = ports
    secrets = {each.partition(":")[0].upper(): each.partition(":")[2] for each in DEMO_AUTH}
    environment = {
        **os.environ,
        **QUICK,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(folder / "bin"), os.environ.get("PYTHONPATH")])),
        "EXAMPLE_HOSTS": f"staging.example:{wrong if re.search(OF_FAULTY, line) else right} next.example:{right}",
        "REQUESTS_CA_BUNDLE": str(folder / "ca.pem"),
        "COLUMNS": "120",
        "TOKEN": secrets["BEARER"],
        "TICKET": secrets["SOTICKET"],
        "SESSION": secrets["SESSION"],
        "GATE": "open-sesame",
    }
    if "--auth" not in line:
        environment["CONFORMANCE_AUTH"] = demo("bearer")
    ended = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    status, why = table(line, ENDS) or (0, "")
    assert ended.returncode == status, f"{LINES[line]}: {line}\n{why}\n{ended.stdout[-3000:]}{ended.stderr[-2000:]}"
    assert "Traceback" not in ended.stdout + ended.stderr


@functools.cache
def help_of(*tool: str) -> str:
    return subprocess.run([sys.executable, *tool, "--help"], capture_output=True, text=True, check=False).stdout


def exists(line: str) -> None:
    """The command of a line that is not run, and its options."""
    words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=\S*", word)]
    name = Path(words[0]).name
    if name == "conformance":
        parse(line)
        return
    if name.startswith("python") and words[1].endswith(".py"):
        assert (ROOT / words[1]).is_file(), words[1]
        return
    tool = words[2] if name.startswith("python") else name
    asked = {"pip": ["-m", "pip", *words[1:2]], "venv": ["-m", "venv"], "pytest": ["-m", "pytest"]}.get(tool)
    if asked is None:
        assert shutil.which(name) or (Path(sys.executable).parent / name).is_file(), f"{name} is not installed"
        return
    shown = help_of(*asked)
    for option in words:
        assert not option.startswith("--") or option in shown, f"{line}: {option}"


@pytest.mark.parametrize("rows", [NOT_RUN, ENDS], ids=["not run", "ends"])
def test_the_tables_hold_nothing_that_is_not_needed(rows: dict[str, Any]) -> None:
    needed = {next((p for p in rows if re.match(p, line)), None) for line in LINES}
    assert rows.keys() - needed == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_the_text_exist(document: Path) -> None:
    for span in spans_of(document):
        # A placeholder is as good as a value; an ellipsis stands for the rest.
        if span.startswith("conformance ") and "..." not in span:
            parse(span)


def credentials() -> set[str]:
    texts = [*LINES, *(span for document in DOCUMENTS for span in spans_of(document))]
    return {match.strip("'") for text in texts for match in re.findall(r"--auth ('[^']*'|\S+)", text)}


@pytest.mark.parametrize("text", sorted(credentials()))
def test_credentials_are_written_as_they_are_read(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Where an example means a variable or a file, the command must look there."""
    monkeypatch.chdir(tmp_path)
    value = demo(text.partition(":")[0]).partition(":")[2]
    (tmp_path / "login.txt").write_text(value)
    (tmp_path / "password.txt").write_text(value.partition(":")[2])
    (tmp_path / "new-token").write_text(f"#!/bin/sh\nprintf %s '{value}'\n")
    (tmp_path / "new-token").chmod(0o700)
    for name in re.findall(r"env:(\w+)", text):
        monkeypatch.setenv(name, value)
    read = parse_credential(text)
    assert not re.search(r"\b(env|file|cmd)\b", " ".join([*read.secrets, *read.variables.values()]))


@pytest.mark.parametrize("block", of("toml"))
def test_toml_is_read(block: Block, tmp_path: Path) -> None:
    data = tomllib.loads(block.text)
    file = tmp_path / "example.toml"
    file.write_text(block.text, encoding="utf-8")
    if "known" in data:
        assert load_baseline(file)
    elif "project" in data:
        assert list(data["project"]["entry-points"]) == [GROUP]
    else:
        load_config(file)
        # What the configuration accepts is the id of a requirement, not any text.
        assert data.get("accept_undecided", {}).keys() <= load_requirements().keys()


@pytest.mark.parametrize("block", of("yaml"))
def test_yaml_is_read(block: Block) -> None:
    lines = [each for each in strings_in(yaml.safe_load(block.text)) if each.startswith("conformance ")]
    assert lines
    for line in lines:
        parse(line)


def flat(text: str) -> str:
    """However deep it stands."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


@functools.cache
def sources() -> str:
    files = [*(ROOT / "conformance").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    return "\n".join(flat(file.read_text(encoding="utf-8")) for file in files)


@pytest.mark.slow(reason="a process for each example")
@pytest.mark.parametrize("block", of("python"))
def test_python_runs(block: Block, prepared: Path, tmp_path: Path) -> None:
    """A part of a module is there as here; a whole requirement is judged; a script runs beside the reports."""
    if flat(block.text) in sources():
        return
    file = tmp_path / "test_example.py"
    file.write_text(block.text, encoding="utf-8")
    if "@requirement(" not in block.text:
        ended = subprocess.run([sys.executable, file], cwd=prepared, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return
    id_ = re.findall(r'@requirement\(\s*"([^"]+)"', block.text)[0]
    ended = command("run", "--also", file.name, "--requirement", id_, "--requirement", "OP-01", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    record = json.loads((tmp_path / "reports" / "results.json").read_text())
    statuses = {each["id"]: each["status"] for each in record["requirements"]}
    assert statuses[id_] in ("passed", "warning", "failed"), statuses


def test_every_block_says_what_it_is() -> None:
    """A block without a language is a picture; commands in it would not be tried."""
    for block in BLOCKS:
        assert block.language in ("sh", "toml", "yaml", "python", ""), f"{block.id}: {block.language}"
        assert block.language or not re.search(r"^\s*(conformance|pytest|python) ", block.text, re.M), block.id
