"""Pages that are meant to do harm: one clear line, in bounded time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.core.errors import InputError
from conformance.pages.compile import derive_pages, parse_page
from conformance.pages.document import MAX_BYTES, parse_document
from conformance.pages.lint.run import lint
from support.generated_pages import page, properties

WHOLE = page(
    method="POST /api/v1/Thing/{id}",
    head="What it does.\n\n| Path Part | Type | Description |\n|----|----|----|\n| id | int32 | x **Required** |",
    request="## Request Body: entity\n\n" + properties("Id | int32 | x", "Items | array | x"),
    sent='{"Id": 1, "Items": [{"A": 1}]}',
    table=properties("Id | int32 | x", "When | date-time | In percent, 0 to 100"),
    received='{"Id": 1, "When": "2020-01-02T03:04:05Z"}',
)
# Generous for any machine; without a bound these take minutes, or forever.
SECONDS = 20


def sized(unit: str) -> str:
    return unit * ((MAX_BYTES - 10_000) // len(unit.encode()))


HOSTILE = {
    "brackets": sized("[") + "\n",
    "brackets and parentheses": sized("[](") + "\n",
    "images": sized("![") + "\n",
    "emphasis": sized("*a_") + "\n",
    "back-ticks": sized("`a``") + "\n",
    "quotes": sized("> ") + "\n",
    "quotes in lines": sized(">>>>>>>>>>\n"),
    "lists": sized("- ") + "\n",
    "nested lists": "".join(" " * number + "- a\n" for number in range(1900)),
    "headings": sized("# a\n"),
    "lines": sized("\n"),
    "words": sized("a b "),
    "angles": sized("<a ") + "\n",
    "entities": sized("&amp;") + "\n",
    "includes": sized("[!include[a](b.md)]\n"),
    "fences": sized("```\n"),
    "dashes": sized("-") + "\n",
    "small tables": sized("|a|b|\n|-|-|\n|1|2|\n\n"),
    "rows that never end": "| Property Name | Type |\n|----|----|\n" + sized("| a\n"),
    "rows": "| Property Name | Type |\n|----|----|\n" + sized("| a | b |\n"),
    "escaped pipes": sized("\\|") + "\n",
    "link definitions": sized("[a]: b\n"),
    "front matter": "---\n" + sized("a: b\n"),
}


@pytest.mark.slow(reason="large pages, and many that Hypothesis draws")
@pytest.mark.parametrize("name", HOSTILE)
def test_much_of_the_same(name: str) -> None:
    started = time.process_time()
    for text in (HOSTILE[name], WHOLE.replace("What it does.\n", f"What it does.\n\n{HOSTILE[name]}\n")[:MAX_BYTES]):
        try:
            parse_page(parse_document(Path("page.md"), text))
        except InputError as error:
            assert str(error).startswith("page.md")
            assert len(str(error)) < 500
            assert len(str(error).splitlines()) == 1
    assert time.process_time() - started < 2 * SECONDS


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"a":' * 60 + "1" + "}" * 60, "nested too deeply"),
        ("1e999", "cannot be used"),
        ("9" * 5000, "cannot be used"),
        ('"\\ud800"', "cannot be used"),
    ],
)
def test_a_hostile_sample(body: str, says: str) -> None:
    text = page(response="## Response: array", body="", received=body)
    with pytest.raises(InputError, match=says):
        parse_page(parse_document(Path("page.md"), text))


@pytest.mark.slow(reason="large pages, and many that Hypothesis draws")
def test_a_million_pipes() -> None:
    with pytest.raises(InputError, match=r"^page\.md:1: a line of more than 1000 cells"):
        parse_document(Path("page.md"), "|" * 1_000_000)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\0\1\2", "binary"),
        (b"\xff\xfe# a", "UTF-8"),
        (WHOLE.encode("utf-16"), "binary"),
        (b"x" * 50_000_000, "has 50 MB"),
        (WHOLE[:200].encode(), "section"),
        (WHOLE[:-20].encode(), "JSON is malformed"),
    ],
    ids=["empty", "blank", "binary", "no UTF-8", "UTF-16", "50 MB", "cut", "cut late"],
)
def test_a_page_that_is_none(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "page.md").write_bytes(content)
    (tmp_path / "pages" / "good.md").write_text(WHOLE.replace("v1Thing_Get", "v1Good_Get"))
    report = derive_pages([tmp_path / "pages"], tmp_path / "out", workers=1)
    assert len(report.errors) == 1
    assert says in report.errors[0]
    assert report.errors[0].startswith(f"{tmp_path}/pages/page.md")
    assert len(report.index.pages) == 1
    assert lint([tmp_path / "pages"], workers=1).errors == report.errors


def test_a_pipe_and_a_loop_of_links(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    for name in ("pipe.md", "loop.md"):
        report = derive_pages([tmp_path / name], tmp_path / "out", workers=1)
        assert len(report.errors) == 1
        assert name in report.errors[0]


def test_the_command_ends_with_2_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_bytes(b"x" * 50_000_000)
    command = [sys.executable, "-m", "conformance", "derive", str(tmp_path / "page.md"), "--out", str(tmp_path / "out")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        f"conformance: {tmp_path}/page.md: has 50 MB; more than 1 MB is not a page; remove it or shorten it"
    ]


PARTS = st.sampled_from(
    ["|", "| a |", "|----|----|", "\n", "\n\n", "```", "```http!", "```http_\n", "# ", "## Response: ", "Response body: array",
     "{", "}", "[", "]", '"', "\\", "`", "<", "&lt;", "[!include[a](b.md)]", "---", "$select", "{id}", "\u2028", "\x0b", "\x85",
     "0", "-1", "1e9", "true", "null", "é", "\U0001f600", "  ", "\t"]
)  # fmt: skip


@pytest.mark.slow(reason="large pages, and many that Hypothesis draws")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_anything_may_stand_anywhere_in_a_page(data: st.DataObject) -> None:
    text = WHOLE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        text = text[:start] + "".join(data.draw(st.lists(PARTS, max_size=6))) + text[end:]
    try:
        parsed = parse_page(parse_document(Path("page.md"), text))
    except InputError as error:
        assert str(error).startswith("page.md")
        assert len(str(error).splitlines()) == 1
    else:
        assert parsed.contract.operation.statuses


@pytest.mark.slow(reason="large pages, and many that Hypothesis draws")
@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300) | st.lists(PARTS, max_size=60).map("".join))
def test_anything_may_be_a_page(text: str) -> None:
    try:
        parse_page(parse_document(Path("page.md"), text))
    except InputError as error:
        assert len(str(error).splitlines()) == 1


@pytest.mark.slow(reason="large pages, and many that Hypothesis draws")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_linter_reads_whatever_can_be_read(tmp_path: Path, data: st.DataObject) -> None:
    text = WHOLE
    start = data.draw(st.integers(0, len(text)))
    text = (
        text[:start] + "".join(data.draw(st.lists(PARTS, max_size=6))) + text[start + data.draw(st.integers(0, 30)) :]
    )
    (tmp_path / "page.md").write_text(text)
    report = lint([tmp_path / "page.md"], workers=1)
    assert report.pages + len(report.errors) == 1
    assert all(0 <= each.line <= text.count("\n") + 1 for each in report.findings)
