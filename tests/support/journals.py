"""Exchanges to record, and a journal that a process of its own writes until it is killed."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from conformance.client.exchange import Intent, RedactedExchange, Request, Response
from conformance.journal import sync
from conformance.journal.reader import JournalReader
from conformance.journal.steps import RecordedAttempt, Use
from conformance.journal.writer import Journal

WORDS = ("Id", "Description", "State", "Completed", "2026-01-31T12:00:00+01:00", "translation", "progress", "é", "4711")


def used(*numbers: int) -> list[RecordedAttempt]:
    """One attempt, which used these exchanges."""
    return [RecordedAttempt(1, "{}", uses=[Use(number, "selected", "variation") for number in numbers])]


def body_of(size: int, seed: int) -> bytes:
    """JSON-like text that compresses like an answer does; another one for each seed."""
    draw = random.Random(seed)
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(f'{{"{draw.choice(WORDS)}": {draw.randrange(10**6)}, "Text": "{draw.choice(WORDS)}"}}')
        length += len(parts[-1])
    return ",".join(parts).encode()[:size]


def exchange_of(number: int, body: bytes, request_body: bytes = b"") -> RedactedExchange:
    headers = (("Content-Type", "application/json; charset=utf-8"), ("Date", "Fri, 30 Jan 2026 10:00:00 GMT"))
    return RedactedExchange(
        number=number,
        operation=f"batch-tasks-{number % 7}",
        requirement=f"SEL-{number % 40:02}",
        purpose="selected",
        intent=Intent.VARIATION,
        request=Request(
            method="GET",
            target=f"/tasks?$select=Id,State&id={number}",
            headers=(("Accept", "application/json"), ("Authorization", "Basic [redacted]")),
            body=request_body,
        ),
        response=Response(status=200, reason="OK", headers=headers, body=body, wire_size=len(body)),
        url=f"https://target.example/tasks?$select=Id,State&id={number}",
        started="2026-01-30T10:00:00.123+00:00",
        seconds=0.0125,
    )


def written(size: int = 3000) -> Iterator[RedactedExchange]:
    """The exchanges that ``write_for_ever`` records, without end."""
    number = 0
    while True:
        yield exchange_of(number, body_of(size, number))
        number += 1


def assert_prefix(path: Path, size: int = 3000) -> int:
    """Whether the journal holds what was written up to some moment, each byte of it; gives the number of exchanges."""
    with JournalReader(path) as reader:
        exchanges = reader.exchanges()
        count = 0
        for expected, found in zip(written(size), exchanges, strict=False):
            assert in_memory(found) == expected
            count += 1
        assert count == len(exchanges)
        results = [int(result) for result in reader.results()]
        assert results == list(range(len(results)))
        # A trial has one exchange each: what follows them is what the moment interrupted.
        assert count in (len(results), len(results) + 1)
        assert len(reader.interrupted()) <= 1
        return count


def in_memory(exchange: RedactedExchange) -> RedactedExchange:
    """The exchange with its body loaded, to compare it with one that was never written."""
    response = exchange.response
    if response is None:
        return exchange
    return msgspec.structs.replace(exchange, response=msgspec.structs.replace(response, body=response.body))


def write_for_ever(path: Path) -> None:
    """Write trials of one exchange, and print each number once it is committed."""
    # The log is copied into the file all the time, so that it is killed meanwhile, too.
    sync.EVERY, sync.LOG_BYTES = 0.001, 100_000
    journal = Journal.create(path)
    for exchange in written():
        trial = journal.start(f"R-{exchange.number}", "operation")
        journal.add_exchange(exchange)
        print_committed("exchange", exchange.number)
        journal.finish(trial, str(exchange.number).encode(), "passed", used(exchange.number))
        print_committed("result", exchange.number)


def print_committed(kind: str, number: int) -> None:
    sys.stdout.write(f"{kind} {number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]))
