"""Reading and writing text files, with one clear line if that fails."""

from __future__ import annotations

import stat
from pathlib import Path

from conformance.core.errors import InputError


def read_text(path: Path, most_bytes: int | None = None) -> str:
    """The UTF-8 text of a file, without a byte order mark, its line ends as ``\\n``.

    InputError if it is not a text file, or has more than ``most_bytes``.
    """
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and most_bytes is not None and found.st_size > most_bytes:
            size, most = found.st_size / 1e6, most_bytes / 1e6
            raise InputError(
                f"{path}: has {size:.0f} MB; more than {most:.0f} MB is not a page; remove it or shorten it"
            )
        # Reading a pipe or a device might never end.
        if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
            raise InputError(f"{path}: is not a regular file; name a file")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; name a file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    if b"\0" in raw:
        raise InputError(f"{path}: is a binary file; a text file in UTF-8 is expected")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: is not UTF-8; save the file as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def list_folder(folder: Path) -> list[Path]:
    """What is in a folder, sorted."""
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror or error}") from None


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with ``\\n`` line ends, and the folders above it."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
