"""Which pages are named, each with the folder that its includes may not leave: pages may come from others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec


class PageFile(msgspec.Struct, frozen=True, kw_only=True):
    """A page. ``root`` is the folder that was named, links resolved: includes of the page stay inside it.

    ``relative`` is the path below that folder; of a page that was named alone, its name.
    """

    path: Path
    root: Path
    relative: str


def find_pages(paths: Sequence[Path]) -> tuple[list[PageFile], list[str]]:
    """The pages that are named, alone or by their folder, and one line for each folder or link that gives none."""
    pages: list[PageFile] = []
    errors: list[str] = []
    seen: set[Path] = set()
    for path in paths:
        is_folder = path.is_dir()
        found = _below(path) if is_folder else [path]
        root = path.resolve() if is_folder else root_of(path)
        if not found:
            errors.append(f"{path}: no pages (*.md) in this folder")
        for page in found:
            if is_folder and not is_inside(page, root):
                errors.append(f"{page}: is a link that leads outside {path}; name the folder that it leads to")
                continue
            # A link that leads nowhere cannot be resolved; reading it says so.
            real = page.resolve() if page.exists() else page
            if real not in seen:
                seen.add(real)
                relative = page.relative_to(path).as_posix() if is_folder else page.name
                pages.append(PageFile(path=page, root=root, relative=relative))
    return pages, errors


def root_of(path: Path) -> Path:
    """The folder for a page that was named alone: the working directory, or its own folder if it is elsewhere."""
    working = Path.cwd()
    return working if is_inside(path, working) else path.parent.resolve()


def is_inside(path: Path, root: Path) -> bool:
    """Whether a path leads into a folder (whose own links are resolved), links and ``..`` followed."""
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError, ValueError):
        # A loop of links, or a name that no file can have.
        return False


def _below(folder: Path) -> list[Path]:
    # A README describes its folder, an included sample is part of another page; neither documents an operation.
    found = (each for each in folder.rglob("*.md") if each.is_file() and each.name.lower() != "readme.md")
    return sorted(each for each in found if not _is_fragment(each))


def _is_fragment(path: Path) -> bool:
    """Whether a file is one that pages include: it begins with a fence."""
    try:
        with path.open("rb") as file:
            return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"```http!", b"```http_"))
    except OSError:
        return False
