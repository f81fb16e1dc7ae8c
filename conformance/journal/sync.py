"""Once a second, what a run has committed goes to the disk, so that a power cut loses no more than that."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

_EVERY = 0.5
"""Seconds between two writes to the disk; half of what is promised, because writing itself takes time."""


class Syncer:
    """Syncs SQLite's write-ahead log from a thread of its own: a request never waits for the disk.

    The log alone is enough. Its frames have checksums, so that after a power cut SQLite uses those up to the first that
    is not whole; the file itself is only written from frames that were synced. No lock of SQLite is on the log, so
    opening and closing it here releases none.
    """

    def __init__(self, log: Path, failed: Callable[[OSError], None]) -> None:
        self._log = log
        self._failed = failed
        self._written = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="conformance-journal-sync", daemon=True)
        self._thread.start()

    def written(self) -> None:
        """Something was committed."""
        self._written.set()

    def close(self) -> None:
        """End; what was written last is synced by closing the journal."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(_EVERY):
            if not self._written.is_set():
                continue
            # Before syncing: what is written meanwhile is synced next time.
            self._written.clear()
            try:
                sync_file(self._log)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._failed(error)
                return


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
