"""What was recorded can be read, whatever ended the run: the same exchanges, byte for byte."""

from __future__ import annotations

import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conformance.journal
from conformance.client.exchange import Failure, Intent, RedactedExchange, Request, Response
from conformance.core.errors import InputError
from conformance.journal import sync
from conformance.journal.reader import JournalReader
from conformance.journal.rows import COLUMNS
from conformance.journal.schema import APPLICATION_ID, TABLES, VERSION
from conformance.journal.writer import Journal
from support.journals import assert_prefix, body_of, exchange_of, in_memory, used

TEXTS = st.text(st.characters() | st.characters(categories=["Cs"]) | st.just("\0"), max_size=8)
HEADERS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)
BODIES = st.binary(max_size=40) | st.integers(0, 9).map(lambda seed: body_of(700, seed))
NUMBERS = st.integers(0, 2**62)
RESPONSES = st.builds(
    Response, status=st.integers(0, 999), reason=TEXTS, version=TEXTS, headers=HEADERS, body=BODIES,
    wire_size=NUMBERS, whole_size=st.none() | NUMBERS, original_size=st.none() | NUMBERS, trailing=st.binary(max_size=40),
    trailing_size=st.none() | NUMBERS, framing_problem=TEXTS,
)  # fmt: skip
REQUESTS = st.builds(
    Request, method=TEXTS, target=TEXTS, headers=HEADERS, body=BODIES, chunked=st.booleans(), sent_size=st.none() | NUMBERS
)  # fmt: skip
FIELDS = {
    "number": NUMBERS, "operation": TEXTS, "requirement": TEXTS, "purpose": TEXTS, "intent": st.sampled_from(Intent),
    "request": REQUESTS, "response": st.none() | RESPONSES, "url": TEXTS, "started": TEXTS,
    "seconds": st.floats(0, allow_nan=False), "batch": st.none() | NUMBERS,
    "failure": st.none() | st.sampled_from(Failure), "failure_text": TEXTS,
}  # fmt: skip


def strings_of(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*") if not each.name.endswith("-shm"))


def test_every_field_is_recorded() -> None:
    assert set(FIELDS) == set(RedactedExchange.__struct_fields__)
    parts = {*Request.__struct_fields__, *Response.__struct_fields__} - {"headers", "body"}
    bodies_and_headers = {"request_headers", "request_body", "response_headers", "response_body"}
    assert set(COLUMNS) == (set(FIELDS) - {"request", "response"}) | parts | bodies_and_headers


@settings(max_examples=40, deadline=None)
@given(st.lists(st.fixed_dictionaries(FIELDS), max_size=4, unique_by=lambda each: each["number"]))
def test_an_exchange_is_read_as_it_was_written(values: list[dict]) -> None:
    exchanges = [RedactedExchange(**each) for each in values]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite"
        journal = Journal.create(path)
        for each in exchanges:
            journal.add_exchange(each)
        journal.close()
        assert not journal.problem
        with JournalReader(path) as reader:
            view = reader.exchanges()
            assert [in_memory(each) for each in view] == sorted(exchanges, key=lambda each: each.number)
            assert len(view) == len(exchanges)
            for each in exchanges:
                assert each.number in view
                assert in_memory(view[each.number]) == each
                if each.response is not None and each.response.body:
                    assert view[each.number].response.body_size == len(each.response.body)


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(TEXTS, st.binary(max_size=20), max_size=4), TEXTS)
def test_documents_are_kept_by_name(documents: dict[str, bytes], prefix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite"
        journal = Journal.create(path)
        for name, document in documents.items():
            journal.put(name, b"earlier")
            journal.put(name, document)
        journal.close()
        with JournalReader(path) as reader:
            assert {name: reader.document(name) for name in documents} == documents
            assert dict(reader.documents("")) == documents
            assert dict(reader.documents(prefix)) == {k: v for k, v in documents.items() if k.startswith(prefix)}


def test_results_come_in_the_order_of_finishing_and_the_last_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    first, second, third = (journal.start(name, "operation") for name in ("A-01", "B-01", "C-01"))
    journal.finish(second, b'"B"', "failed", used(3))
    journal.finish(first, b'"A"', "failed", [])
    journal.close()
    # Resumed: C-01 was interrupted, A-01 is tried again.
    journal = Journal.open(path)
    again = journal.start("A-01", "operation")
    with JournalReader(path) as reader:
        assert list(reader.results()) == [b'"B"', b'"A"']
        assert reader.interrupted() == [("C-01", "operation"), ("A-01", "operation")]
    journal.finish(again, b'"A, again"', "passed", [])
    fourth = journal.start("C-01", "operation")
    assert [first, second, third, again, fourth] == [1, 2, 3, 4, 5]
    journal.finish(fourth, b'"C"', "passed", [])
    with JournalReader(path) as reader:
        assert list(reader.results()) == [b'"B"', b'"A, again"', b'"C"']
        assert reader.interrupted() == []
    journal.close()


def test_equal_bodies_are_stored_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    body = body_of(20_000, 0)
    for number in range(50):
        journal.add_exchange(exchange_of(number, body, request_body=body))
    journal.close()
    assert path.stat().st_size < 120_000
    with JournalReader(path) as reader:
        bodies = {each.response.kept_body for each in reader.exchanges()}
        assert len(bodies) == 1


def test_a_replaced_exchange_leaves_nothing_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    secret = b"correct horse battery staple"
    journal.add_exchange(exchange_of(0, secret))
    journal.add_exchange(exchange_of(1, b"other"))
    journal.add_exchange(exchange_of(0, b"[redacted]"))
    journal.close()
    assert secret not in strings_of(path)
    with JournalReader(path) as reader:
        assert [each.response.body for each in reader.exchanges()] == [b"[redacted]", b"other"]


def test_threads_write_together(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)

    def write(first: int) -> list[int]:
        trials = []
        for number in range(first, first + 40):
            journal.add_exchange(exchange_of(number, body_of(500, number)))
            trials.append(journal.start("R-01", f"operation {first}"))
            journal.finish(trials[-1], b"{}", "passed", used(number))
        return trials

    with ThreadPoolExecutor(4) as pool:
        trials = [each for some in pool.map(write, (0, 40, 80, 120)) for each in some]
    journal.close()
    assert not journal.problem
    assert sorted(trials) == list(range(1, 161))
    with JournalReader(path) as reader:
        assert [each.number for each in reader.exchanges()] == list(range(160))
        assert len(list(reader.results())) == 4


# ---- what ends a run


def killed(path: Path, moment: float) -> tuple[int, int]:
    """Write in another process until it has printed ``moment`` lines; gives what it had printed when it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "support.journals", str(path)],
        cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    printed = {"exchange": -1, "result": -1}
    lines = int(moment)
    for line in process.stdout:
        kind, number = line.split()
        printed[kind] = int(number)
        lines -= 1
        if lines == 0:
            time.sleep(moment % 1 / 100)
            process.send_signal(signal.SIGKILL)
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return printed["exchange"] + 1, printed["result"] + 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_what_was_committed_survives_kill_9(tmp_path: Path) -> None:
    draw = random.Random(13)
    moments = [draw.uniform(1, 150) for _ in range(20)]
    paths = [tmp_path / f"{place}.sqlite" for place in range(len(moments))]
    with ThreadPoolExecutor(2) as pool:
        printed = list(pool.map(killed, paths, moments))
    for path, (exchanges, results) in zip(paths, printed, strict=True):
        before = strings_of(path)
        assert assert_prefix(path) >= exchanges
        with JournalReader(path) as reader:
            assert len(list(reader.results())) >= results
        assert strings_of(path) == before, "reading has changed the file"
        journal = Journal.open(path)
        assert journal.mode == "wal"
        count = assert_prefix(path)
        journal.add_exchange(exchange_of(count, body_of(3000, count)))
        journal.close()
        assert [each.name for each in tmp_path.glob(f"{path.name}*")] == [path.name]
        with JournalReader(path) as reader:
            assert len(reader.exchanges()) == reader.exchanges().next_number == count + 1


def write_some(journal: Journal, first: int, count: int) -> None:
    for number in range(first, first + count):
        trial = journal.start(f"R-{number}", "operation")
        journal.add_exchange(exchange_of(number, body_of(3000, number)))
        journal.finish(trial, str(number).encode(), "passed", used(number))


def cut_anywhere(path: Path, folder: Path, draw: random.Random, synced: int = 0) -> list[int]:
    """Read copies of a journal whose log ends anywhere, or has lost a block of what was not synced.

    The first ``synced`` bytes of the log are on the disk.
    """
    log = path.with_name(f"{path.name}-wal").read_bytes()
    counts = []
    places = [0, 31, 32, 33, len(log), *(draw.randrange(synced, len(log)) for _ in range(40))]
    for place, at in enumerate(max(synced, each) for each in places):
        copy = folder / f"{place}.sqlite"
        copy.write_bytes(path.read_bytes())
        lost = log[:at] if place % 2 else log[:at] + bytes(len(log[at : at + 4096])) + log[at + 4096 :]
        copy.with_name(f"{copy.name}-wal").write_bytes(lost)
        counts.append(assert_prefix(copy))
    return counts


def test_after_a_power_cut_a_beginning_is_there(tmp_path: Path) -> None:
    # A power cut loses what was not synced: the end of the log, or blocks of it.
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    write_some(journal, 0, 30)
    (tmp_path / "copies").mkdir()
    counts = cut_anywhere(path, tmp_path / "copies", random.Random(1))
    assert counts[0] == 0
    assert max(counts) == 30
    assert len(set(counts)) > 10
    journal.close()


def write_until_the_log_begins_again(journal: Journal, count: int) -> int:
    """Write without a pause; gives how many exchanges there are then."""
    log = journal.path.with_name(f"{journal.path.name}-wal")
    salt = log.read_bytes()[16:24]
    for number in range(count, count + 5000):
        write_some(journal, number, 1)
        with log.open("rb") as file:
            if file.read(24)[16:] != salt:
                return number + 1
    raise AssertionError("the log grows without end")


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is copied into the file all the time."""
    monkeypatch.setattr(sync, "EVERY", 0.002)
    monkeypatch.setattr(sync, "LOG_BYTES", 300_000)


@pytest.mark.usefixtures("often")
def test_after_a_checkpoint_a_power_cut_loses_only_what_came_after(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    # SQLite begins its log again, with a new salt, once all of it is in the file and synced.
    write_some(journal, 0, 1)
    count = write_until_the_log_begins_again(journal, 1) - 1
    journal._syncer._end.set()
    journal._syncer._thread.join()
    write_some(journal, count + 1, 10)
    (tmp_path / "copies").mkdir()
    counts = cut_anywhere(path, tmp_path / "copies", random.Random(2))
    assert count - 1 <= min(counts) < max(counts) == count + 11
    journal.close()


def test_a_power_cut_while_the_log_is_copied_loses_only_what_came_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    write_some(journal, 0, 20)
    # A reader holds the state of this moment: so far is copied, after all of the log was synced.
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM exchanges").fetchone() == (20,)
    write_some(journal, 20, 5)
    synced = path.with_name(f"{path.name}-wal").stat().st_size
    assert journal._syncer._copy() > 0
    write_some(journal, 25, 5)
    (tmp_path / "copies").mkdir()
    counts = cut_anywhere(path, tmp_path / "copies", random.Random(4), synced)
    assert set(counts) == {25, 26, 27, 28, 29, 30}
    reader.close()
    journal.close()


@pytest.mark.usefixtures("often")
def test_the_log_begins_again_although_a_run_never_pauses(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "journal.sqlite")
    write_some(journal, 0, 1)
    count = 1
    for _ in range(3):
        count = write_until_the_log_begins_again(journal, count)
    assert not journal.problem
    journal.close()
    assert assert_prefix(journal.path) == count


@pytest.mark.usefixtures("often")
def test_a_reader_of_an_earlier_state_only_makes_the_log_longer(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    write_some(journal, 0, 1)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM exchanges").fetchone() == (1,)
    write_some(journal, 1, 100)
    assert path.with_name(f"{path.name}-wal").stat().st_size > 1_000_000
    assert reader.execute("SELECT count(*) FROM exchanges").fetchone() == (1,)
    reader.close()
    count = write_until_the_log_begins_again(journal, 101)
    assert not journal.problem
    journal.close()
    assert assert_prefix(path) == count


def test_a_problem_is_reported_once(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "journal.sqlite")
    reported: list[str] = []
    journal.on_problem = reported.append
    (pages,) = journal._database.execute("PRAGMA page_count").fetchone()
    journal._database.execute(f"PRAGMA max_page_count = {pages}")
    write_some(journal, 0, 10)
    assert reported == [journal.problem]
    assert "the disk is full" in journal.problem
    journal.close()
    assert len(reported) == 1


def test_the_log_is_synced_within_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = threading.Event()

    def sync_file(path: Path) -> None:
        assert path.name == "journal.sqlite-wal"
        synced.set()

    monkeypatch.setattr(sync, "sync_file", sync_file)
    journal = Journal.create(tmp_path / "journal.sqlite")
    # Nothing is written, nothing is synced.
    assert not synced.wait(0.7)
    journal.add_exchange(exchange_of(0, b"{}"))
    assert synced.wait(1)
    journal.close()


def test_a_disk_that_fails_while_syncing_ends_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sync_file(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(sync, "sync_file", sync_file)
    journal = Journal.create(tmp_path / "journal.sqlite")
    journal.add_exchange(exchange_of(0, b"{}"))
    end = time.monotonic() + 2
    while not journal.problem and time.monotonic() < end:
        time.sleep(0.02)
    assert "Input/output error" in journal.problem
    journal.close()


def test_a_full_disk_ends_recording_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    (pages,) = journal._database.execute("PRAGMA page_count").fetchone()
    journal._database.execute(f"PRAGMA max_page_count = {pages + 20}")
    complete = 0
    for number in range(100):
        write_some(journal, number, 1)
        complete += not journal.problem
    assert re.fullmatch(r".*journal\.sqlite: nothing more is recorded: the disk is full; .*", journal.problem)
    assert 5 < complete < 100
    journal.put("record", b"{}")
    assert journal.start("R-01", "operation") == 101
    assert assert_prefix(path) >= complete
    journal.close()
    assert assert_prefix(path) >= complete


LIMITED = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from support.journals import body_of, exchange_of, used
from conformance.journal import sync
from conformance.journal.writer import Journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal.create(Path(sys.argv[1]))
sync.EVERY, sync.LOG_BYTES = 0.002, 1_000_000
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
complete = 0
for number in range(1200):
    trial = journal.start(f"R-{number}", "operation")
    journal.add_exchange(exchange_of(number, body_of(20_000, number)))
    journal.finish(trial, str(number).encode(), "passed", used(number))
    complete += not journal.problem
journal.close()
print(complete, journal.problem)
"""


@pytest.mark.parametrize("limit", [1_000_000, 4_000_000])
def test_a_file_that_cannot_grow_ends_recording(tmp_path: Path, limit: int) -> None:
    """In the log, and while the log is copied into the file."""
    pytest.importorskip("resource")
    path = tmp_path / "journal.sqlite"
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path), str(Path(__file__).parents[1]), str(limit)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    complete, problem = ended.stdout.rstrip("\n").split(" ", 1)
    assert "nothing more is recorded" in problem
    assert path.stat().st_size < limit + 4096
    assert "\n" not in problem
    assert assert_prefix(path, 20_000) >= int(complete) > 10


# ---- other places, other files


def test_without_wal_commits_are_rolled_back_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without shared memory: SQLite's locks by files have none either."""

    def connect(path: Path, mode: str) -> sqlite3.Connection:
        address = f"{path.as_uri()}?mode={mode}&vfs=unix-dotfile"
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)

    monkeypatch.setattr("conformance.journal.writer.connect", connect)
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    assert journal.mode == "truncate"
    write_some(journal, 0, 5)
    assert not journal.problem
    assert not path.with_name(f"{path.name}-wal").exists()
    journal.close()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert assert_prefix(path) == 5


def test_memory_that_cannot_be_shared_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.journal.writer.SIDE_FILES", ())
    path = tmp_path / "journal.sqlite"
    path.with_name(f"{path.name}-shm").mkdir()
    journal = Journal.create(path)
    assert journal.mode == "truncate"
    write_some(journal, 0, 5)
    journal.close()
    assert not journal.problem
    assert assert_prefix(path) == 5


def unfinished(tmp_path: Path) -> Path:
    """A journal as ``kill -9`` leaves it: a part of it is in the log."""
    path = tmp_path / "writing.sqlite"
    journal = Journal.create(path)
    write_some(journal, 0, 5)
    copy = tmp_path / "killed" / "journal.sqlite"
    copy.parent.mkdir()
    for suffix in ("", "-wal"):
        copy.with_name(copy.name + suffix).write_bytes(path.with_name(path.name + suffix).read_bytes())
    journal.close()
    return copy


def test_where_sqlite_cannot_write_a_copy_is_read(tmp_path: Path) -> None:
    path = unfinished(tmp_path)
    # As in a folder that is read-only: the index of the log cannot be made.
    path.with_name(f"{path.name}-shm").mkdir()
    before = path.read_bytes(), path.with_name(f"{path.name}-wal").read_bytes()
    assert assert_prefix(path) == 5
    assert before == (path.read_bytes(), path.with_name(f"{path.name}-wal").read_bytes())


def test_an_unfinished_rollback_is_read_from_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    write_some(journal, 0, 30)
    journal.close()
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("BEGIN")
    writer.execute("UPDATE exchanges SET purpose = 'lost' || number")
    writer.execute("UPDATE bodies SET data = zeroblob(3000)")
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(path.read_bytes())
    rollback = path.with_name(f"{path.name}-journal").read_bytes()
    copy.with_name(f"{copy.name}-journal").write_bytes(rollback)
    writer.execute("ROLLBACK")
    writer.close()
    assert b"lost29" in copy.read_bytes()
    before = copy.read_bytes()
    assert assert_prefix(copy) == 30
    assert copy.read_bytes() == before
    journal = Journal.open(copy)
    journal.close()
    assert assert_prefix(copy) == 30


def finished(tmp_path: Path) -> Path:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    write_some(journal, 0, 5)
    journal.put("record", b"{}")
    journal.close()
    return path


def change(path: Path, *statements: str) -> Path:
    database = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        database.execute(statement)
    database.close()
    return path


def read_all(path: Path) -> None:
    with JournalReader(path) as reader:
        list(reader.documents(""))
        list(reader.results())
        reader.interrupted()
        for each in reader.exchanges():
            in_memory(each)


FILES = {
    "nothing": (lambda path: path.write_bytes(b""), "is empty: the run ended before it recorded anything; run again"),
    "text": (lambda path: path.write_text("{}" * 500), "is not a journal; name a journal that a run has written"),
    "beginning": (lambda path: path.write_bytes(b"SQLite format 3\0"), "is not a journal; name a journal that a run has written"),
    "folder": (lambda path: (path.unlink(), path.mkdir()), "is a folder; name the file journal.sqlite in it"),
    "none": (lambda path: path.unlink(), "no such file; name a journal that a run has written"),
    "another": (lambda path: change(path, "PRAGMA application_id = 1"), "is a SQLite file, but not a journal; "),
    "later": (lambda path: change(path, f"PRAGMA user_version = {VERSION + 1}"), f"is a journal of format {VERSION + 1}, and "),
    "view": (lambda path: change(path, "DROP TABLE trials", "CREATE VIEW trials AS SELECT 1"), "does not have the tables of a journal; "),
    "trigger": (lambda path: change(path, "CREATE TRIGGER t AFTER DELETE ON trials BEGIN SELECT 1; END"), "does not have the tables of a journal; "),
    "half": (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "is damaged ("),
    "headers": (lambda path: change(path, "UPDATE exchanges SET request_headers = '[[1]]'"), "is damaged ("),
    "intent": (lambda path: change(path, "UPDATE exchanges SET intent = 'x'"), "is damaged ("),
    "number": (lambda path: change(path, "UPDATE exchanges SET status = 'x'"), "is damaged ("),
    "no body": (lambda path: change(path, "DELETE FROM bodies"), "is damaged (a body is missing); restore it from a copy, or run again"),
    "body": (lambda path: change(path, "UPDATE bodies SET data = zeroblob(3000)"), "is damaged (a body does not have its digest); "),
    "no zlib": (lambda path: change(path, "UPDATE bodies SET data = 'x'"), "is damaged ("),
    "size": (lambda path: change(path, "UPDATE bodies SET size = 1 << 60"), "is damaged (a value has an impossible size); "),
    "type": (lambda path: change(path, "UPDATE bodies SET size = 'x'"), "is damaged ("),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_another_file_gives_one_line(tmp_path: Path, kind: str) -> None:
    path = finished(tmp_path)
    make, line = FILES[kind]
    make(path)
    with pytest.raises(InputError) as caught:
        read_all(path)
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)
    assert ";" in str(caught.value)
    if list(FILES).index(kind) < 9:
        with pytest.raises(InputError) as opened:
            Journal.open(path)
        assert str(opened.value) == str(caught.value)


def test_a_body_that_unpacks_to_more_than_it_says_is_not_unpacked(tmp_path: Path) -> None:
    path = finished(tmp_path)
    database = sqlite3.connect(path)
    with database:
        database.execute("UPDATE bodies SET data = ?, size = 3000", (zlib.compress(bytes(50_000_000)),))
    database.close()
    with pytest.raises(InputError, match="another size than was recorded"):
        read_all(path)


def test_whatever_byte_is_wrong_it_is_one_line_or_no_matter(tmp_path: Path) -> None:
    data = finished(tmp_path).read_bytes()
    draw = random.Random(3)
    path = tmp_path / "changed.sqlite"
    refused = 0
    for turn in range(250):
        changed = bytearray(data if turn % 5 else data[: draw.randrange(1, len(data))])
        for _ in range(draw.choice((1, 1, 4, 40))):
            # The header of each page is where SQLite can be led astray.
            at = draw.choice(
                (
                    draw.randrange(100),
                    draw.randrange(len(changed) // 4096 + 1) * 4096 + draw.randrange(40),
                    draw.randrange(len(changed)),
                )
            )
            changed[min(at, len(changed) - 1)] = draw.randrange(256)
        path.write_bytes(changed)
        try:
            read_all(path)
        except InputError as error:
            refused += 1
            assert "\n" not in str(error)
            assert str(error).startswith(f"{path}: ")
    assert refused > 50


def test_an_existing_file_is_not_written_over(tmp_path: Path) -> None:
    path = finished(tmp_path)
    with pytest.raises(InputError, match=r"journal\.sqlite: exists; remove it or name another folder"):
        Journal.create(path)
    with pytest.raises(InputError, match="cannot be written: "):
        Journal.create(path / "below" / "journal.sqlite")
    assert assert_prefix(path) == 5


def test_what_another_journal_left_beside_is_no_part_of_a_new_one(tmp_path: Path) -> None:
    left = unfinished(tmp_path)
    left.unlink()
    journal = Journal.create(left)
    journal.close()
    assert assert_prefix(left) == 0


def test_a_journal_is_read_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    write_some(journal, 0, 200)
    with JournalReader(path) as reader:
        seen = []
        for each in reader.exchanges():
            seen.append(each.number)
            if each.number == 100:
                write_some(journal, 200, 50)
        assert seen == list(range(250))
        # It cannot become one file while somebody reads it; nothing is lost by that.
        journal.close()
        assert len(reader.exchanges()) == 250
    assert not journal.problem
    assert assert_prefix(path) == 250


def test_after_closing_there_is_one_line(tmp_path: Path) -> None:
    path = finished(tmp_path)
    with JournalReader(path) as reader:
        exchange = reader.exchanges()[0]
    with pytest.raises(InputError, match="was closed"):
        exchange.response.body  # noqa: B018
    with pytest.raises(InputError, match="was closed"):
        reader.document("record")


def test_the_tables_are_documented(tmp_path: Path) -> None:
    text = (Path(conformance.journal.__file__).parent / "SCHEMA.md").read_text(encoding="utf-8")
    assert f"`PRAGMA application_id` is {APPLICATION_ID} " in text
    assert f"the version of these tables, now {VERSION}." in text
    database = sqlite3.connect(finished(tmp_path))
    parts = dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL))
    assert set(parts) == set(TABLES)
    for table, part in parts.items():
        described = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?`) \|", part, re.MULTILINE)))
        assert described == [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]
    database.close()


def test_of_very_many_results_the_last_ones_are_read_in_the_order_in_which_they_were_finished(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    for number in [*range(600), 0, 5]:
        journal.finish(journal.start(f"A-{number}", "op"), b"%d" % number, "passed", [])
    journal.close()
    with JournalReader(path) as reader:
        assert [int(each) for each in reader.results()] == [*range(1, 5), *range(6, 600), 0, 5]
