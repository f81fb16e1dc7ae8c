"""Writing the journal of a run while it goes on.

Each exchange and each result is a transaction of its own. In WAL mode a commit is one write to the operating system,
so that ``kill -9`` loses nothing; the disk follows once a second (``sync.py``). In rollback mode, where WAL is not
possible, each commit waits for the disk.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.client.exchange import RedactedExchange
from conformance.core.errors import InputError
from conformance.core.one_line import one_line
from conformance.journal.connect import SIDE_FILES, check_file, check_schema, clear_errors, connect
from conformance.journal.packing import digest_of, pack
from conformance.journal.rows import COLUMNS, json_value, row_of, text_value
from conformance.journal.schema import APPLICATION_ID, STATEMENTS, VERSION
from conformance.journal.steps import LearnedFact, RecordedAttempt, attempt_rows, use_rows
from conformance.journal.sync import Syncer, sync_file, sync_folder

_INSERT_EXCHANGE = f"INSERT INTO exchanges ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_HAS_BODY = "SELECT 1 FROM bodies WHERE digest = ?"
_INSERT_BODY = "INSERT INTO bodies (digest, size, data) VALUES (?, ?, ?)"
_REFERRED = "SELECT 1 FROM exchanges WHERE request_body = :digest OR response_body = :digest LIMIT 1"
_NEXT_TRIAL = "SELECT coalesce(max(number), 0) + 1 FROM trials"
_INSERT_RESULT = """INSERT INTO results (trial, requirement, operation, status, finished, result)
SELECT number, requirement, operation, ?1, ?2, ?3 FROM trials WHERE number = ?4"""
_PAGES = 12 * 1024
"""Bytes of pages that a transaction changes at least, roughly."""
_MISTAKES = (sqlite3.ProgrammingError, sqlite3.IntegrityError)
"""Errors that a full or faulty disk does not cause."""
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Journal:
    """The journal of one process; any of its threads may write."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        """Only for ``create`` and ``open``."""
        self.path = path
        self.problem = ""
        """Why nothing more is recorded, as one line; empty as long as all is well. What was written stays readable."""
        self._database, self.mode = _set_mode(path, database)
        """``wal``, or ``truncate`` (rollback mode) where WAL is not possible, as in many network file systems."""
        self._lock = threading.Lock()
        self._closed = False
        (self._next_trial,) = self._database.execute(_NEXT_TRIAL).fetchone()
        self.on_problem: Callable[[str], None] = lambda problem: None
        """Called once with ``problem``, by whichever thread finds it, to end the run; it must not close the journal."""
        self._syncer: Syncer | None = None
        if self.mode == "wal":
            second = connect(path, "rw")
            second.execute("PRAGMA synchronous = NORMAL")
            self._syncer = Syncer(_log(path), second, self._lock, self._stop)

    @classmethod
    def create(cls, path: Path) -> Journal:
        """A new journal; raises InputError if the file exists or cannot be written."""
        if path.exists():
            raise InputError(f"{path}: exists; remove it or name another folder for the reports")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for suffix in SIDE_FILES:
                # SQLite would take what another journal of this name left for a part of this one.
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            database = connect(path, "rwc")
            try:
                # In rollback mode, synced: the file is a journal from its first moment, whatever happens to the WAL.
                database.execute("BEGIN IMMEDIATE")
                database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                database.execute(f"PRAGMA user_version = {VERSION}")
                for statement in STATEMENTS:
                    database.execute(statement)
                database.execute("COMMIT")
                journal = cls(path, database)
            except BaseException:
                database.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise InputError(f"{path}: cannot be written: {_why(error)}") from None
        sync_folder(path.parent)
        return journal

    @classmethod
    def open(cls, path: Path) -> Journal:
        """A journal to continue, also after ``kill -9``; raises InputError if it cannot be read or written."""
        check_file(path)
        with clear_errors(path):
            database = connect(path, "rw")
            try:
                check_schema(database, path)
                return cls(path, database)
            except BaseException:
                database.close()
                raise

    def put(self, name: str, document: bytes) -> None:
        """Keep a document under a name, in place of an earlier one."""
        self.put_all([(name, document)])

    def put_all(self, documents: Iterable[tuple[str, bytes]]) -> None:
        """Keep these documents, each under its name: all of them or, if the process is killed meanwhile, none."""
        rows = [(text_value(name), len(document), pack(document)) for name, document in documents]
        size = sum(len(data) for _, _, data in rows)
        self._write(lambda database: database.executemany("REPLACE INTO documents VALUES (?, ?, ?)", rows), size)

    def put_facts(self, operation: str, facts: Sequence[LearnedFact]) -> None:
        """What discovery found out of an operation, in place of what was recorded of it before."""
        name = text_value(operation)
        rows = [
            (name, place, text_value(fact.name), text_value(fact.value), int(fact.found))
            for place, fact in enumerate(facts)
        ]
        shown = [(name, place, number) for place, fact in enumerate(facts) for number in sorted(set(fact.exchanges))]

        def insert(database: sqlite3.Connection) -> None:
            for table in ("facts", "fact_exchanges"):
                database.execute(f"DELETE FROM {table} WHERE operation = ?", (name,))
            database.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", rows)
            database.executemany("INSERT INTO fact_exchanges VALUES (?, ?, ?)", shown)

        self._write(insert)

    def add_exchange(self, exchange: RedactedExchange) -> bytes | None:
        """Record an exchange, in place of an earlier one with its number; gives the digest of its response's body.

        Then bodies that no exchange has any more are overwritten: a secret may have been found in them.
        """
        request = exchange.request.body
        response = exchange.response.body if exchange.response is not None else b""
        sent, received = (digest_of(body) if body else None for body in (request, response))
        row = row_of(exchange, sent, received)

        def insert(database: sqlite3.Connection) -> None:
            for digest, body in ((sent, request), (received, response)):
                if digest is not None and not database.execute(_HAS_BODY, (digest,)).fetchone():
                    database.execute(_INSERT_BODY, (digest, len(body), pack(body)))
            try:
                database.execute(_INSERT_EXCHANGE, row)
            except sqlite3.IntegrityError:
                # Only the statement is undone. An exchange is rarely recorded again: nothing is looked up before.
                _replace(database, row)

        self._write(insert, len(request) + len(response))
        return received

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a query finds of what was recorded so far, while other threads write; raises sqlite3.Error."""
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def start(self, requirement: str, operation: str) -> int:
        """A trial begins; gives its number."""
        with self._lock:
            number: int = self._next_trial
            self._next_trial += 1
        values = (number, text_value(requirement), text_value(operation), _now())
        self._write(lambda database: database.execute("INSERT INTO trials VALUES (?, ?, ?, ?)", values))
        return number

    def finish(self, trial: int, result: bytes, status: str, attempts: Sequence[RecordedAttempt] = ()) -> None:
        """A trial has its result (JSON), and made these attempts."""
        values = (text_value(status), _now(), json_value(result), trial)
        rows = [(trial, *row) for row in attempt_rows(attempts)]
        places = [(trial, place, *row) for place, row in enumerate(use_rows(attempts))]

        def insert(database: sqlite3.Connection) -> None:
            database.execute(_INSERT_RESULT, values)
            database.executemany("INSERT INTO attempts VALUES (?, ?, ?, ?, ?)", rows)
            database.executemany("INSERT INTO trial_exchanges VALUES (?, ?, ?, ?, ?, ?)", places)

        self._write(insert, len(result) + 100 * len(places))

    def close(self) -> None:
        """End writing and leave one file, with nothing beside it. Nothing is written afterwards."""
        if self._syncer is not None:
            self._syncer.close()
        with self._lock:
            if self._closed:
                return
            self._closed = True
            # Not possible on a full disk, or while someone reads: then the log stays and is a part of the journal.
            with contextlib.suppress(sqlite3.Error):
                self._database.execute("PRAGMA busy_timeout = 200")
                self._database.execute("PRAGMA journal_mode = DELETE").fetchone()
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            with contextlib.suppress(OSError):
                sync_file(_log(self.path))

    def _write(self, change: Callable[[sqlite3.Connection], object], size: int = 0) -> None:
        """One transaction of at most about ``size`` bytes, synced soon; after the first that the disk refuses, none."""
        with self._lock:
            if self.problem or self._closed:
                return
            try:
                self._database.execute("BEGIN IMMEDIATE")
                change(self._database)
                self._database.execute("COMMIT")
            except BaseException as error:
                # Whatever it was, also Ctrl-C: the next transaction must be able to begin.
                with contextlib.suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
                if not isinstance(error, (sqlite3.Error, OSError)) or isinstance(error, _MISTAKES):
                    raise
                failed = error
            else:
                if self._syncer is not None:
                    self._syncer.written(size + _PAGES)
                return
        self._stop(failed)

    def _stop(self, error: sqlite3.Error | OSError) -> None:
        """Record nothing more, and report it; not while the lock is held: the callback may wait for another thread."""
        if not self.problem:
            self.problem = (
                f"{self.path}: nothing more is recorded: {_why(error)}; what was recorded before stays readable"
            )
            self.on_problem(self.problem)


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _set_mode(path: Path, database: sqlite3.Connection) -> tuple[sqlite3.Connection, str]:
    """WAL if it is possible here, and how much a commit waits for the disk; gives the connection and the mode."""
    if _use_wal(database):
        mode, wait = "wal", "NORMAL"
    else:
        # A lock of one process alone needs no shared memory: a new connection can take the file out of WAL mode.
        database.close()
        database = connect(path, "rw")
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        (mode,) = database.execute("PRAGMA journal_mode = TRUNCATE").fetchone()
        database.execute("PRAGMA locking_mode = NORMAL")
        wait = "FULL"
    database.execute(f"PRAGMA synchronous = {wait}")
    # The thread that syncs the log copies it into the file.
    database.execute("PRAGMA wal_autocheckpoint = 0")
    database.execute("PRAGMA secure_delete = ON")
    return database, mode


def _use_wal(database: sqlite3.Connection) -> bool:
    try:
        (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
        # The first transaction maps the memory that processes share; not every file system can do that.
        database.execute("BEGIN IMMEDIATE")
        database.execute("COMMIT")
    except sqlite3.OperationalError:
        return False
    return bool(mode == "wal")


def _replace(database: sqlite3.Connection, row: tuple[Any, ...]) -> None:
    """Put this row in place of the exchange with its number, and remove the bodies that no exchange has any more."""
    query = "SELECT request_body, response_body FROM exchanges WHERE number = ?"
    replaced = database.execute(query, row[:1]).fetchone() or ()
    database.execute("DELETE FROM exchanges WHERE number = ?", row[:1])
    database.execute(_INSERT_EXCHANGE, row)
    for digest in replaced:
        if digest is not None and not database.execute(_REFERRED, {"digest": digest}).fetchone():
            database.execute("DELETE FROM bodies WHERE digest = ?", (digest,))


def _why(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        return "the disk is full" if error.errno in _NO_SPACE else one_line(error.strerror or str(error))
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        return "the disk is full"
    return one_line(str(error))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
