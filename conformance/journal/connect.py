"""Opening a journal, with one clear line if the file is not one, or cannot be read."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.core.errors import InputError
from conformance.core.one_line import one_line
from conformance.journal.schema import APPLICATION_ID, INDEXES, TABLES, VERSION

SIDE_FILES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file: a part of it until it is closed or recovered."""
_MAGIC = b"SQLite format 3\0"
_PATIENCE = 10.0
"""Seconds to wait for another process that has locked the file."""
_ANOTHER = "name a journal that a run has written"
DAMAGED = "restore it from a copy, or run again"


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection in one of SQLite's modes (``ro``, ``rw``, ``rwc``), safe for a file from anyone."""
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False,
    )  # fmt: skip
    try:
        for setting in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
            database.execute(f"PRAGMA {setting}")
    except BaseException:
        database.close()
        raise
    return database


@contextlib.contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """Turn what is wrong with the file into one line that names it."""
    try:
        yield
    except sqlite3.Error as error:
        raise InputError(f"{path}: {_reason(error)}") from None
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"{path}: is damaged ({one_line(str(error))}); {DAMAGED}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def _reason(error: sqlite3.Error) -> str:
    if isinstance(error, sqlite3.ProgrammingError):
        return "was closed before all of it was read"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "is locked by another program; close that program and try again"
    if code == sqlite3.SQLITE_NOTADB:
        return f"is not a journal; {_ANOTHER}"
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH):
        return f"cannot be opened ({error}); check the rights of the file and its folder"
    return f"is damaged ({one_line(str(error))}); {DAMAGED}"


def check_file(path: Path) -> None:
    """Raise InputError unless this is a SQLite file; nothing but its first bytes is read."""
    with clear_errors(path):
        try:
            found = path.stat()
            if stat.S_ISDIR(found.st_mode):
                raise InputError(f"{path}: is a folder; name the file journal.sqlite in it")
            # Reading a pipe or a device might never end.
            if not stat.S_ISREG(found.st_mode):
                raise InputError(f"{path}: is not a regular file; {_ANOTHER}")
            with path.open("rb") as file:
                magic = file.read(len(_MAGIC))
        except FileNotFoundError:
            raise InputError(f"{path}: no such file; {_ANOTHER}") from None
    if not magic:
        raise InputError(f"{path}: is empty: the run ended before it recorded anything; run again")
    if magic != _MAGIC:
        raise InputError(f"{path}: is not a journal; {_ANOTHER}")


def check_schema(database: sqlite3.Connection, path: Path) -> None:
    """Raise InputError unless the file has exactly the tables of this version; sqlite3.Error if it is unreadable.

    Exactly, because a view or a trigger of another file would run whatever it holds.
    """
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise InputError(f"{path}: is a SQLite file, but not a journal; {_ANOTHER}")
    if version != VERSION:
        raise InputError(
            f"{path}: is a journal of format {version}, and this version of conformance reads format {VERSION}; "
            "use the version that wrote it, or run again"
        )
    found = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL LIMIT 100"))
    if found != TABLES | INDEXES:
        raise InputError(f"{path}: does not have the tables of a journal; {_ANOTHER}")


def open_to_read(path: Path) -> tuple[sqlite3.Connection, tempfile.TemporaryDirectory[str] | None]:
    """A connection that changes nothing, and the folder of the copy that it reads, if there is one.

    A killed run leaves files beside the journal that belong to it. Where SQLite cannot use them without writing (a
    folder that is read-only, a transaction to roll back), a copy is read.
    """
    check_file(path)
    with clear_errors(path):
        try:
            return _checked(path, path, "ro"), None
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            return _open_copy(path)


def _open_copy(path: Path) -> tuple[sqlite3.Connection, tempfile.TemporaryDirectory[str]]:
    folder = tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True)
    try:
        copy = Path(folder.name) / "journal.sqlite"
        for suffix in ("", "-wal", "-journal"):
            beside = path.with_name(path.name + suffix)
            if not suffix or beside.exists():
                shutil.copyfile(beside, copy.with_name(copy.name + suffix))
        return _checked(path, copy, "rw"), folder
    except BaseException:
        folder.cleanup()
        raise


def _checked(path: Path, opened: Path, mode: str) -> sqlite3.Connection:
    database = connect(opened, mode)
    try:
        check_schema(database, path)
        database.execute("PRAGMA query_only = ON")
    except BaseException:
        database.close()
        raise
    return database
