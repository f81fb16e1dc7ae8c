"""What a person reads where a name, a value or a file is wrong, and what a shell completes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from conformance.cli.main import cli
from conformance.client.base_url import check_url
from conformance.client.credentials import parse_credential
from conformance.core.errors import InputError
from conformance.core.suggestions import nearest
from conformance.engine.baseline.known_failures import load_baseline
from conformance.engine.config import load_config
from conformance.requirements import load_requirements
from support.commands import command, in_process, one_line

IDS = list(load_requirements())


@pytest.mark.parametrize("name", ["SEL-3", "SEL3", "sel-03", "sel_3", "SEL-003", "sel 3"])
def test_an_id_in_another_spelling(name: str) -> None:
    assert nearest(name, IDS) == "; did you mean SEL-03?"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('ids = "17"', 1, "ids must be a list, not a text"),
        ("languages = [1]", 1, "languages[0] must be a text, not a whole number"),
        ("\n[time_zones]\nNO = 'Europe/Olso'", 3, "NO = 'Europe/Olso' is not an IANA time zone"),
        ('[accept_undecided]\n"LANG-02" = " "', 2, "LANG-02 has no reason; say why"),
        ("idz = [1]", 1, "did you mean ids?"),
    ],
)
def test_a_configuration_that_cannot_be_used(text: str, line: int, says: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        load_config(path)
    assert str(error.value).startswith(f"--config {path}:{line}: ")
    assert says in str(error.value)


def test_all_that_is_wrong_with_a_baseline_at_once(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(
        '[[known]]\nrequirement = "SEL-03"\nreason = ""\nuntil = 2027-01-01\n'
        '[[known]]\nrequirement = "SEL-04"\nreason = "x"\nuntil = "soon"\n'
    )
    with pytest.raises(InputError) as error:
        load_baseline(path)
    assert str(error.value).count(str(path)) == 1
    assert "1: entry 1 (SEL-03): the reason is empty" in str(error.value)
    assert "5: entry 2: until is not a date" in str(error.value)


def test_results_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"format": 99}')
    result = in_process("replay", "results.json", "SEL-01", cwd=tmp_path)
    assert result.returncode == 2
    assert "is not a results.json of a run: format must be a text, not a whole number" in one_line(result)


@pytest.mark.parametrize(
    "text",
    ["http://a b", "http://h%00x", "http://[bad", "http://..", "http://" + "a" * 300, "http://h:notaport", "ftp://h",
     "h", "http://", "https:///x", "http://h:0", "http://h\n"],
)  # fmt: skip
def test_what_is_no_url(text: str) -> None:
    with pytest.raises(InputError, match="is not a URL; write it as https://"):
        check_url(text)


@pytest.mark.parametrize(
    "text",
    ["http://h", "https://a-b.example:8443/x/y", "http://127.0.0.1:1", "http://[::1]:80", "http://bücher.example"],
)
def test_what_is_one(text: str) -> None:
    check_url(text)


@pytest.mark.parametrize(
    "words",
    [
        ("run", "https://jane:p#s3cr3t-v4lue@h"), ("run", "ftp://jane:s3cr3t-v4lue@h"), ("run", "jane:s3cr3t-v4lue@h"),
        ("run", "http://h/?token=s3cr3t-v4lue"), ("run", "http://127.0.0.1:9", "bearer:s3cr3t-v4lue"),
        ("run", "bearer:s3cr3t-v4lue"), ("init", "http://u:s3cr3t-v4lue@h"),
    ],
)  # fmt: skip
def test_what_may_be_a_credential_is_not_repeated(words: tuple[str, ...], tmp_path: Path) -> None:
    result = in_process(*words, cwd=tmp_path)
    assert result.returncode == 2
    assert "s3cr3t" not in one_line(result)


def test_a_password_of_its_own_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password.txt").write_text("sommer\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PW", "sommer")
    monkeypatch.setenv("BOTH", "jane:sommer")
    for text in ("basic:jane:file:password.txt", "basic:jane:env:PW", "basic:env:BOTH", "basic:jane:sommer"):
        assert (parse_credential(text).user, parse_credential(text).password) == ("jane", "sommer"), text
    with pytest.raises(InputError, match="cannot read nowhere"):
        parse_credential("basic:jane:file:nowhere")


def test_the_variable_is_blamed_for_what_it_holds(tmp_path: Path) -> None:
    result = in_process("run", "http://127.0.0.1:9", cwd=tmp_path, CONFORMANCE_AUTH="jane:sommer")
    assert one_line(result).startswith("conformance: CONFORMANCE_AUTH: write it as one of basic:USER:PASSWORD")


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("conformance explain SEL-0", "SEL-03"),
        ("conformance run --requirement TZ-", "TZ-07"),
        ("conformance run --profile s", "smoke"),
        ("conformance serve --fault select-s", "select-sticky"),
        ("conformance serve --variant one-", "one-language"),
    ],
)
def test_what_a_shell_completes(line: str, offers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split()) - 1))
    offered = BashComplete(cli, {}, "conformance", "_CONFORMANCE_COMPLETE").complete()
    assert f"plain,{offers}" in offered.splitlines()


@pytest.mark.slow(reason="whole runs of the command")
def test_a_narrow_terminal_gets_lines(tmp_path: Path) -> None:
    result = command("run", "--profile", "smoke", "-q", cwd=tmp_path)
    assert result.returncode == 0
    narrow = command("run", "--profile", "smoke", cwd=tmp_path, COLUMNS="60")
    assert "\nSO-TimeZone: 1 passed\n" in narrow.stdout
    assert narrow.stdout.count("Every exchange again") == 1
