"""Pages may come from others: what they include, and what links lead to, stays inside the folder that was named."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.errors import InputError
from conformance.pages.compile import derive_pages
from conformance.pages.document import read_document
from conformance.pages.lint.run import lint
from support.commands import in_process, one_line
from support.generated_pages import page

SECRET = '```http_\nHTTP/1.1 200 OK\n\n{"Id": 4711}\n```\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of pages with a folder of samples in it, and a file of somebody's outside."""
    (tmp_path / "secret.md").write_text(SECRET)
    folder = tmp_path / "docs"
    (folder / "rest").mkdir(parents=True)
    (folder / "samples").mkdir()
    (folder / "samples" / "answer.md").write_text(SECRET)
    return folder


def write(folder: Path, include: str) -> Path:
    path = folder / "rest" / "page.md"
    path.write_text(page(sample=f"[!include[x]({include})]\n"))
    return path


def outside(path: Path, include: str, folder: Path) -> str:
    line = path.read_text().splitlines().index(f"[!include[x]({include})]") + 1
    return f"{path}:{line}: includes {include}, which is outside {folder.resolve()}; name a folder that holds both"


@pytest.mark.parametrize(
    "include", ["../../secret.md", "../../gone.md", "link.md", "loop.md", "../samples/../../secret.md"]
)
def test_an_include_stays_inside(folder: Path, include: str, tmp_path: Path) -> None:
    path = write(folder, include)
    (path.parent / "link.md").symlink_to(tmp_path / "secret.md")
    (path.parent / "loop.md").symlink_to(path.parent / "loop.md")
    report = derive_pages([folder], tmp_path / "out", workers=1)
    assert outside(path, include, folder) in report.errors
    assert outside(path, include, folder) in lint([folder], workers=1).errors
    assert not any("4711" in each.read_text() for each in (tmp_path / "out").rglob("*.json"))


def test_an_absolute_include(folder: Path, tmp_path: Path) -> None:
    path = write(folder, str(tmp_path / "secret.md"))
    assert derive_pages([folder], tmp_path / "out", workers=1).errors == [
        outside(path, str(tmp_path / "secret.md"), folder)
    ]


def test_what_is_inside_is_included(folder: Path, tmp_path: Path) -> None:
    write(folder, "../samples/answer.md")
    assert derive_pages([folder], tmp_path / "out", workers=1).errors == []
    assert "4711" in (tmp_path / "out" / "v1Thing_Get" / "operation.json").read_text()
    # A link to the folder is the folder.
    (tmp_path / "linked").symlink_to(folder)
    assert derive_pages([tmp_path / "linked"], tmp_path / "other", workers=1).errors == []


def test_a_page_that_is_named_alone(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its includes stay in the working directory, or in its own folder if it is not there."""
    path = write(folder, "../samples/answer.md")
    monkeypatch.chdir(folder)
    assert read_document(path).includes[0].found
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is outside"):
        read_document(path)


def test_a_link_to_a_page_elsewhere(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text(page())
    link = folder / "link.md"
    link.symlink_to(tmp_path / "other.md")
    line = f"{link}: is a link that leads outside {folder}; name the folder that it leads to"
    write(folder, "../samples/answer.md")
    report = derive_pages([folder], tmp_path / "out", workers=1)
    assert report.errors == [line]
    assert report.written, "the other pages are derived"
    assert lint([folder], workers=1).errors == [line]


def test_prune_removes_no_link(folder: Path, tmp_path: Path) -> None:
    write(folder, "../samples/answer.md")
    out = tmp_path / "out"
    assert derive_pages([folder], out, workers=1).errors == []
    kept = tmp_path / "kept"
    (out / "v1Thing_Get").rename(kept)
    (kept / "notes.txt").write_text("mine")
    (out / "v1Old_Get").symlink_to(kept)
    result = in_process("derive", str(folder), "--out", str(out), "--prune", cwd=tmp_path)
    assert result.returncode == 2
    assert f"{out / 'v1Old_Get'}: is a link, and --prune removes only folders" in one_line(result)
    assert (kept / "notes.txt").read_text() == "mine"
