"""The folder of the reports: earlier ones are kept aside, files appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from conformance.core.errors import InputError

RESULTS = "results.json"
FORMATS = {
    "html": "index.html",
    "junit": "junit.xml",
    "har": "evidence.har",
    "ctrf": "ctrf.json",
    "sarif": "results.sarif",
    "markdown": "summary.md",
    "badge": "badge.svg",
    # The last to appear: if it is there, all others are of the same run.
    "results": RESULTS,
}
"""The file of each format."""
FILES = tuple(FORMATS.values())
JOURNAL = "journal.sqlite"
_JOURNALS = tuple(JOURNAL + suffix for suffix in ("", "-wal", "-shm", "-journal"))
"""The journal, and what SQLite keeps beside it while it is written or after its process was killed."""
PREVIOUS = "previous"
MODE = 0o600


class _Run(msgspec.Struct):
    id: str = ""
    error: int = 0
    unfinished: bool = False


class _Results(msgspec.Struct):
    run: _Run


def clear(folder: Path, run_id: str) -> bool:
    """Make the folder, and move the reports of an earlier run to ``previous/``: they are not of this one.

    False if this run's own are there already. Reports of a run that tested nothing are removed instead, so that
    a second failed start loses nothing either. Raises InputError if the folder cannot be written to, before
    anything is sent.
    """
    try:
        found = _run_in(folder)
        if found is not None and found.id == run_id:
            return False
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
        present = [folder / name for name in (*_JOURNALS, *reversed(FILES)) if (folder / name).exists()]
        # A run that was killed has its results in its journal.
        has_evidence = found is None or not (found.error or found.unfinished) or (folder / JOURNAL).exists()
        keep = bool(present) and has_evidence
        previous = folder / PREVIOUS
        if keep:
            previous.mkdir(exist_ok=True)
            for name in (*FILES, *_JOURNALS):
                (previous / name).unlink(missing_ok=True)
        for path in present:
            if keep:
                path.replace(previous / path.name)
            else:
                path.unlink()
        for name in FILES:
            # Files that a run left that was killed while it wrote.
            for left in folder.glob(f".{name}-*"):
                left.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"--reports {folder}: cannot write there: {error.strerror}") from None
    return True


def is_reported(folder: Path, run_id: str) -> bool:
    """Whether the reports there are those with which this run ended."""
    found = _run_in(folder)
    return found is not None and found.id == run_id and not found.unfinished


def kept_aside(path: Path, folder: Path) -> Path:
    """Where a report is that an option names, once the reports in ``folder`` have been moved aside."""
    with contextlib.suppress(OSError):
        if path.resolve() == folder.resolve() and (folder / PREVIOUS / RESULTS).exists():
            return folder / PREVIOUS
        if path.resolve().parent == folder.resolve() and path.name in FILES:
            return folder / PREVIOUS / path.name
    return path


def put(folder: Path, writers: Mapping[str, Callable[[], bytes | Iterable[bytes]]], mode: int = MODE) -> list[str]:
    """Write files beside their final names, then move all into place; gives what went wrong, a line a file.

    ``writers`` in the order of need, should the disk be nearly full; each returns a file, whole or in parts. The files
    appear in the order of FILES.
    """
    problems: list[str] = []
    written: dict[str, Path] = {}
    for name, writer in writers.items():
        beside = folder / f".{name}-{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(beside, writer(), mode)
            written[name] = beside
        except OSError as error:
            problems.append(f"{name}: {error.strerror}")
            with contextlib.suppress(OSError):
                beside.unlink()
        except Exception as error:
            if os.environ.get("CONFORMANCE_DEBUG"):
                raise
            problems.append(f"{name}: {type(error).__name__}: {error}")
    for name in sorted(written, key=FILES.index):
        try:
            written[name].replace(folder / name)
        except OSError as error:
            problems.append(f"{name}: {error.strerror}")
            with contextlib.suppress(OSError):
                written[name].unlink()
    return problems


def _write(path: Path, data: bytes | Iterable[bytes], mode: int) -> None:
    # Never readable by others, not even for the moment before the mode is set.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.writelines([data] if isinstance(data, bytes) else data)
    path.chmod(mode)


def _run_in(folder: Path) -> _Run | None:
    """Which run wrote the results there; None if there are none that can be read."""
    try:
        return msgspec.json.decode((folder / RESULTS).read_bytes(), type=_Results).run
    except (OSError, msgspec.MsgspecError):
        return None
