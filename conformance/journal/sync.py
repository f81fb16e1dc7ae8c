"""Once a second, what a run has committed goes to the disk, so that a power cut loses no more than that.

From time to time the log is copied into the file (a checkpoint), so that the log can begin again.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

EVERY = 0.5
"""Seconds between two writes to the disk; half of what is promised, because writing itself takes time."""
LOG_BYTES = 32 * 1024 * 1024
"""About as many bytes are in the log when it is copied into the file."""
_FEW = 2000
"""Pages (of 4 KiB) that may be copied while nothing can be written."""
_CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"


class Syncer:
    """Syncs SQLite's write-ahead log from a thread of its own: a request hardly ever waits for the disk.

    The log alone is enough. Its frames have checksums, so that after a power cut SQLite uses those up to the first that
    is not whole; the file itself is only written from frames that were synced. No lock of SQLite is on the log, so
    opening and closing it here releases none.

    Checkpoints have a connection of their own, ``database``, and come in two parts. Most pages are copied while
    ``writing`` is free. But the log only begins again if nothing is added before the last page is copied and synced,
    which a run that never pauses would never allow. So the last few pages are copied while ``writing`` is held.
    """

    def __init__(
        self,
        log: Path,
        database: sqlite3.Connection,
        writing: threading.Lock,
        failed: Callable[[OSError | sqlite3.Error], None],
    ) -> None:
        self._log = log
        self._database = database
        self._writing = writing
        self._failed = failed
        self._written = threading.Event()
        self._size = 0
        """About as many bytes were added to the log since it began."""
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="conformance-journal-sync", daemon=True)
        self._thread.start()

    def written(self, size: int) -> None:
        """About ``size`` bytes were committed; called while ``writing`` is held."""
        self._size += size
        if not self._written.is_set():
            self._written.set()

    def close(self) -> None:
        """End; what was written last is synced by closing the journal."""
        self._end.set()
        self._thread.join()
        self._database.close()

    def _run(self) -> None:
        while not self._end.wait(EVERY):
            if not self._written.is_set():
                continue
            # Before syncing: what is written meanwhile is synced next time.
            self._written.clear()
            try:
                sync_file(self._log)
                if self._size >= LOG_BYTES:
                    self._checkpoint()
            except FileNotFoundError:
                continue
            except (OSError, sqlite3.Error) as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    continue
                self._failed(error)
                return

    def _checkpoint(self) -> None:
        # A second time, because what was written meanwhile may be much.
        left = [self._copy() for _ in range(2)][-1]
        # A reader of an earlier state keeps what came after it in the log: then it is tried again later.
        if left <= _FEW:
            with self._writing:
                if self._copy() == 0:
                    self._size = 0

    def _copy(self) -> int:
        """Copy what can be copied, and sync it; gives how many pages of the log are left."""
        _, pages, copied = self._database.execute(_CHECKPOINT).fetchone()
        return int(pages - copied)


def sync_file(path: Path) -> None:
    """Wait until the file is on the disk."""
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the names of new files in a folder are on the disk, where a folder can be synced."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
