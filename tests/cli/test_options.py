"""The options of a run: one table, and the same value wherever an option is given."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from conformance.cli.main import cli
from conformance.core.errors import InputError
from conformance.engine.config import Config, read_config
from conformance.engine.options.effective import FileValue, resolve
from conformance.engine.options.option import INIT, PYTEST, REPLAY, RUN, Option
from conformance.engine.options.table import OPTIONS, option, options_of
from conformance.engine.settings import RunOptions, Settings, reports_of
from conformance.reporting.reproduction.shell_secrets import options as shell_options

NAMES_OF_THE_FIRST_VERSION = {
    "--target", "--auth", "--app-token", "--installation", "--conformance-config", "--schemas", "--operation",
    "--requirement", "--conformance-profile", "--conformance-seed", "--conformance-strict", "--rate",
    "--max-requests", "--conformance-timeout", "--wait", "--conformance-baseline", "--lenient-baseline",
    "--update-baseline", "--accept-known", "--reports", "--since",
}  # fmt: skip
# An accepted value of each kind as text, the same in TOML, and what it means; by the words of its kind.
SAMPLES: dict[str, tuple[str, Any, Any]] = {
    "a text": ("some text", "some text", "some text"),
    "a path": ("some/path", "some/path", Path("some/path")),
    "true or false": ("yes", True, True),
    "a number above 0": ("2.5", 2.5, 2.5),
    "a number, 0 or more": ("0", 0, 0.0),
    "a number of bytes, or of KiB, MiB or GiB as in 8MiB": ("2 MiB", "2MiB", 2 * 1024 * 1024),
}


def sample(row: Option) -> tuple[str, Any, Any]:
    if row.secret is not None:
        text = {"auth": "bearer:env:TOKEN"}.get(row.name, "env:TOKEN")
        return text, text, text
    if row.kind.choices:
        return row.kind.choices[-1], row.kind.choices[-1], row.kind.choices[-1]
    if row.kind.wants.startswith("a whole number"):
        return "7", 7, 7
    if row.kind.wants.startswith("permissions"):
        return "0640", "0640", 0o640
    return SAMPLES[row.kind.wants]


@pytest.mark.parametrize("row", OPTIONS, ids=lambda row: row.name)
def test_an_option_means_the_same_wherever_it_is_given(row: Option) -> None:
    text, toml, value = sample(row)
    many = row.repeatable
    expected = (value,) if many else value
    if row.kind.is_flag:
        expected = row.switched
    for command in row.commands:
        written: Any = True if row.kind.is_flag else [text] if many else text
        given = resolve(command, {row.name: written}, {}, {})[row.name]
        assert (given.value, given.origin) == (expected, "option")
        if row.variable:
            found = resolve(command, {}, {row.variable: text}, {})[row.name]
            assert (found.value, found.origin, found.label) == (expected, "environment", row.variable)
        if row.toml:
            key = row.switched if row.kind.is_flag else [toml] if many else toml
            found = resolve(command, {}, {}, {row.toml: FileValue(key, "c.toml:3")})[row.name]
            assert (found.value, found.origin, found.label) == (expected, "file", f"c.toml:3: {row.toml}")
        default = resolve(command, {}, {}, {})[row.name]
        assert (default.value, default.origin) == (row.default, "default")


@pytest.mark.parametrize("row", [row for row in OPTIONS if row.setting], ids=lambda row: row.name)
def test_settings_have_a_field_of_each_option_with_its_default(row: Option) -> None:
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    if row.name != "target":
        assert fields[row.setting].default == row.default


def test_every_field_of_the_settings_is_an_option_or_says_what_it_is() -> None:
    derived = {"given", "auth_option", "app_token_option", "shared", "used", "run_id"}
    assert {field.name for field in msgspec.structs.fields(Settings)} - {row.setting for row in OPTIONS} == derived


def test_command_line_before_environment_before_file_before_default() -> None:
    file = {"rate": FileValue(3, "c.toml:1")}
    environment = {"CONFORMANCE_RATE": "2"}
    assert resolve(RUN, {"rate": "1"}, environment, file)["rate"].value == 1
    assert resolve(RUN, {}, environment, file)["rate"].value == 2
    assert resolve(RUN, {}, {}, file)["rate"].value == 3
    assert resolve(RUN, {}, {}, {})["rate"].value is None
    # An empty variable is one that is not set.
    assert resolve(RUN, {}, {"CONFORMANCE_RATE": ""}, file)["rate"].origin == "file"
    # What a file switches on, the environment switches off.
    strict = {"strict": FileValue(True, "c.toml:1")}
    assert resolve(RUN, {}, {"CONFORMANCE_STRICT": "0"}, strict)["strict"].value is False


def test_names_are_unique_and_none_is_taken() -> None:
    for names in (
        [row.name for row in OPTIONS],
        [row.variable for row in OPTIONS if row.variable],
        [row.toml for row in OPTIONS if row.toml],
        [row.setting for row in OPTIONS if row.setting],
        [row.under_pytest for row in OPTIONS if row.under_pytest],
    ):
        assert len(names) == len(set(names))
    keys = {field.name for field in msgspec.structs.fields(Config)}
    assert not keys & {row.toml for row in OPTIONS}


def test_variables_of_curl_lines_mean_nothing_else_to_a_run() -> None:
    """Who sets these for the curl lines of a report does not change the next run."""
    from conformance.client.credentials import parse_credential

    shown = shell_options(
        [parse_credential(text) for text in ("basic:a:b", "soticket:c", "bearer:d", "session:e=f;XSRF=g")], "h"
    )
    in_curl = {
        "CONFORMANCE_BASIC",
        "CONFORMANCE_SOTICKET",
        "CONFORMANCE_BEARER",
        "CONFORMANCE_COOKIE",
        "CONFORMANCE_XSRF",
    }
    assert all(any(name in each for each in shown) for name in in_curl)
    assert not in_curl & {row.variable for row in OPTIONS}


def test_a_name_under_pytest_has_the_prefix_but_for_those_of_the_first_version() -> None:
    names = {row.under_pytest for row in options_of(PYTEST)}
    assert names >= NAMES_OF_THE_FIRST_VERSION
    assert all(name.startswith("--conformance-") for name in names - NAMES_OF_THE_FIRST_VERSION)


@pytest.mark.slow(reason="processes under pytest")
def test_pytest_has_every_option_of_the_table() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for row in options_of(PYTEST):
        assert f"  {row.under_pytest}" in shown


@pytest.mark.parametrize("command", [RUN, INIT, REPLAY])
def test_commands_have_every_option_of_the_table(command: str) -> None:
    known = {name for parameter in cli.commands[command].params for name in parameter.opts}
    for row in options_of(command):
        assert (row.parameter if command in row.positional else f"--{row.name}") in known


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"rate": "0"}, "--rate '0': it must be a number above 0"),
        ({"rate": "nan"}, "--rate 'nan': it must be a number above 0"),
        ({"seed": "-1"}, "--seed '-1': it must be a whole number from 0 to 4294967295"),
        ({"confirm": "0"}, "--confirm '0': it must be a whole number from 1 to 100"),
        ({"max-body": "8 MB"}, "--max-body '8 MB': it must be a number of bytes, or of KiB, MiB or GiB"),
        ({"max-body": "0"}, "--max-body '0': it must be"),
        ({"reports-mode": "0444"}, "--reports-mode '0444': it must be permissions in octal"),
        ({"reports-mode": "rw"}, "--reports-mode 'rw': it must be permissions in octal"),
        ({"color": "sometimes"}, "--color 'sometimes': it must be one of auto, always, never"),
        ({"fail-on": ["failed", "skipped"]}, "--fail-on 'skipped': it must be one of failed, warning"),
        ({"installation": "here"}, "--installation 'here': it must be one of onsite, online"),
        ({"max-failures": "0"}, "--max-failures '0': it must be a whole number from 1 on"),
    ],
)
def test_a_value_that_cannot_be_read_names_the_option(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        resolve(RUN, given, {}, {})
    assert str(error.value).startswith(says)
    # Under pytest it has another name, in the environment its variable, in a file its line.
    name, value = next(iter(given.items()))
    with pytest.raises(InputError) as error:
        resolve(PYTEST, given, {}, {})
    assert str(error.value).startswith(option(name).under_pytest)
    with pytest.raises(InputError) as error:
        resolve(RUN, {}, {option(name).variable: value if isinstance(value, str) else "\n".join(value)}, {})
    assert str(error.value).startswith(option(name).variable)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rate = true", "c.toml:1: rate: it must be a number above 0"),
        ('rate = "fast"', "c.toml:1: rate: it must be a number above 0"),
        ("ids = [1]\nstrict = 1", "c.toml:2: strict: it must be true or false"),
        ('requirements = "SEL-*"', "c.toml:1: requirements: it must be an array, each a text"),
        ("rate = [1]", "c.toml:1: rate: it must be a number above 0"),
        ('auth = ["bearer:Planted-Secret-1"]', "c.toml:1: auth: this file may not hold a secret"),
        ('auth = ["Planted-Secret-1"]', "c.toml:1: auth: this file may not hold a secret"),
        ('auth = ["basic:demo:Planted-Secret-1"]', "c.toml:1: auth: this file may not hold a secret"),
        ('auth = ["session:A=Planted-Secret-1;XSRF=x"]', "c.toml:1: auth: this file may not hold a secret"),
        ('\napp_token = "Planted-Secret-1"', "c.toml:2: app_token: this file may not hold a secret"),
        ('target = "https://elsewhere.example"', "c.toml:1: unknown key 'target'"),
        ('config = "other.toml"', "c.toml:1: unknown key 'config'"),
        ("[time_zones]\nrate = 5", "c.toml:2: rate is in the table [time_zones]; write it above the first table"),
        ('[accept_undecided]\nreports = "x"', "c.toml:2: reports is in the table [accept_undecided]"),
        ("max_requets = 5", "c.toml:1: unknown key 'max_requets'; did you mean max_requests?"),
    ],
)
def test_a_mistake_in_the_configuration_names_the_line(
    text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.toml").write_text(text)
    with pytest.raises(InputError) as error:
        RunOptions(RUN, {"config": "c.toml"}, {})
    assert says in str(error.value)
    assert "Planted-Secret-1" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_configuration_is_read_only_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("conformance.toml").write_text("rate = 5\nids = [3]\n")
    unread = RunOptions(RUN, {}, {"CONFORMANCE_CONFIG": "conformance.toml"})
    assert (unread["rate"], unread.config.ids) == (None, ())
    read = RunOptions(RUN, {"config": "conformance.toml"}, {})
    assert (read["rate"], read.config.ids) == (5, (3,))


def test_references_to_secrets_may_stand_in_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('auth = ["bearer:env:A", "basic:demo:file:b.txt", "basic:env:C"]\napp_token = "env:TOKEN"\n')
    options = RunOptions(RUN, {"config": str(file)}, {})
    assert options["auth"] == ("bearer:env:A", "basic:demo:file:b.txt", "basic:env:C")
    assert read_config(file)[1]["app_token"].place == f"{file}:2"


def test_what_is_kept_of_the_options_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_APP_TOKEN", "Planted-Secret-2")
    auth = ["bearer:Planted-Secret-1", "basic:demo:Planted-Secret-1", "bearer:env:TOKEN", "Planted-Secret-1"]
    settings = RunOptions(RUN, {"auth": auth, "no-wrong-credentials": True}).settings("https://x.example")
    assert settings.app_token == "Planted-Secret-2"
    kept = msgspec.json.encode(settings.used).decode()
    assert "Planted" not in kept
    assert settings.used["auth"].value == (
        "bearer:[redacted]",
        "basic:demo:[redacted]",
        "bearer:env:TOKEN",
        "[redacted]",
    )
    assert (settings.used["app-token"].origin, settings.used["app-token"].place) == (
        "environment",
        "CONFORMANCE_APP_TOKEN",
    )
    assert settings.used["no-wrong-credentials"].value is True
    assert settings.wrong_credentials is False
    assert settings.used["max-body"].value == "8 MiB"
    assert settings.used["reports-mode"].value == "0600"


def test_where_reports_go_is_known_whatever_else_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    assert reports_of(RUN, {"rate": "x"}, {}) == (Path("reports"), 0o600)
    assert reports_of(RUN, {"reports": "a", "reports-mode": "rw"}, {}) == (Path("a"), 0o600)
    assert reports_of(RUN, {"config": str(file)}, {}) == (Path("reports"), 0o600)
    file.write_text('reports = "b"\nreports_mode = "0644"\nrate = "x"\n')
    assert reports_of(RUN, {"config": str(file)}, {}) == (Path("b"), 0o644)


def test_help_does_not_load_the_suite() -> None:
    """It answers in the time that a shell waits for a completion."""
    code = (
        "import sys\nfrom conformance.cli.main import cli\n"
        "for name in ('run', 'init', 'replay', 'config'):\n"
        "    cli.main([name, '--help'], standalone_mode=False)\n"
        "slow = {'conformance.requirements', 'hypothesis', 'requests', 'schemathesis', 'pytest'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("line", "index", "completed"),
    [
        ("conformance run --color a", 3, ["auto", "always"]),
        ("conformance run --fail-on un", 3, ["unstable"]),
        ("conformance run --profile sm", 3, ["smoke"]),
        ("conformance run --exclude SEL-1", 3, ["SEL-10", "SEL-11", "SEL-12", "SEL-13"]),
        ("conformance run --max-r", 2, ["--max-requests"]),
        ("conformance run --reports ", 3, [""]),
    ],
)
def test_a_shell_completes(line: str, index: int, completed: list[str]) -> None:
    from click.shell_completion import BashComplete

    found = BashComplete(cli, {}, "conformance", "_CONFORMANCE_COMPLETE").get_completions(
        line.split()[1:index], line.split(" ")[index]
    )
    assert [item.value for item in found] == completed
    if line.endswith("--reports "):
        assert [item.type for item in found] == ["file"]


def test_no_option_of_the_command_is_beside_the_table() -> None:
    """What ``run`` alone had would not reach pytest, the configuration or the record of a run."""
    for command in (RUN,):
        own = {p.name for p in cli.commands[command].params if isinstance(p, click.Option)}
        assert own == {row.parameter for row in options_of(command) if command not in row.positional}


def config_of(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", "config", *arguments],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_effective_values_are_printed_with_their_origin_and_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('ids = [1]\nrate = 5\nmax_body = "1 MiB"\nwrong_credentials = false\n')
    ended = config_of(
        "https://user:Planted-Secret-1@x.example", "--config", "my.toml", "--rate", "2", "--auth",
        "bearer:Planted-Secret-1", cwd=tmp_path, CONFORMANCE_TIMEOUT="7", CONFORMANCE_APP_TOKEN="Planted-Secret-2",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "Planted" not in ended.stdout + ended.stderr
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in ended.stdout.splitlines()}
    assert list(rows) == [row.name for row in options_of(RUN)]
    assert rows["target"] == "https://user:[redacted]@x.example option TARGET"
    assert rows["auth"] == "bearer:[redacted] option --auth"
    assert rows["app-token"] == "[redacted] environment CONFORMANCE_APP_TOKEN"
    assert rows["rate"] == "2 option --rate"
    assert rows["timeout"] == "7 environment CONFORMANCE_TIMEOUT"
    assert rows["max-body"] == "1 MiB my.toml:3"
    assert rows["no-wrong-credentials"] == "yes my.toml:4"
    assert rows["max-wait"] == "120 default"
    assert rows["seed"] == "- default"


def test_a_mistake_is_one_line_of_the_command(tmp_path: Path) -> None:
    ended = config_of("--max-time", "soon", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "conformance: --max-time 'soon': it must be a number above 0\n"


@pytest.mark.parametrize(("when", "colored"), [("always", True), ("never", False), ("auto", False)])
def test_colors_are_as_asked_for(when: str, colored: bool) -> None:
    from conformance.core.console import console

    file = io.StringIO()
    console(when, file).print("[red]red[/red] [bold]bold[/bold]")
    assert ("\x1b[" in file.getvalue()) is colored
    assert "red" in file.getvalue()


ROOT = Path(__file__).parents[2]
HEADINGS = "| option | conformance.toml | meaning |\n| --- | --- | --- |\n"


def rows_of_the_readme() -> str:
    """The table of the README, as the options are."""

    def cell(text: str) -> str:
        return text.replace("|", "\\|")

    rows = []
    for row in options_of(RUN):
        shown = (
            "TARGET" if RUN in row.positional else f"--{row.name} {row.metavar or '|'.join(row.kind.choices)}".strip()
        )
        rows.append(f"| `{cell(shown)}` | {f'`{row.toml}`' if row.toml else ''} | {cell(row.help_of(RUN))} |\n")
    return "".join(rows)


def test_the_readme_has_every_option() -> None:
    """CONFORMANCE_GOLDEN=write writes its table."""
    file = ROOT / "README.md"
    before, rest = file.read_text().split(HEADINGS)
    table = re.match(r"(\|.*\n)*", rest)
    assert table is not None
    if os.environ.get("CONFORMANCE_GOLDEN") == "write":
        file.write_text(before + HEADINGS + rows_of_the_readme() + rest[table.end() :])
        return
    assert table[0] == rows_of_the_readme()


def test_the_readme_names_the_options_that_pytest_has_without_prefix() -> None:
    text = (ROOT / "README.md").read_text()
    names = re.search(r"There, options have a prefix .*? except these:\n(.*?)\.\n", text, re.DOTALL)
    assert names is not None
    assert set(re.findall(r"`(--[a-z-]+)`", names[1])) == NAMES_OF_THE_FIRST_VERSION - {
        name for name in NAMES_OF_THE_FIRST_VERSION if name.startswith("--conformance-")
    }


@pytest.mark.slow(reason="processes under pytest")
def test_a_mistake_under_pytest_is_one_line_with_the_name_that_pytest_has() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "conformance.requirements.test_http", "-q", "-p", "no:cacheprovider",
         "--target", "http://localhost:1", "--conformance-max-time", "soon"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 2, ended.stdout
    assert "--conformance-max-time 'soon': it must be a number above 0" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
