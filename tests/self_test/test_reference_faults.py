"""Each fault of the reference server: one request that shows it, on the faulty server and not on the correct one."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests

import conformance.reference
from conformance.contract.folder import default_schemas, load
from conformance.contract.model import Contract
from conformance.reference import FAULTS, serve
from conformance.reference.faults.catalogue import ALONE, Fault
from support.fault_effects import EVERYWHERE, SHOWN
from support.reference_client import BASIC, IDS, PASSWORD, USER, Asker


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load(default_schemas())


# What only the wire shows.


# Those that need two things to meet, a rare value, a boundary or an earlier request: the kill matrix runs the suite
# against each of them, asserts that it was reached, and that the requirement that names it fails.


@pytest.mark.parametrize("fault", sorted(ALONE.keys() & SHOWN.keys()))
def test_the_fault_shows(contract: Contract, fault: str) -> None:
    see, right, wrong = SHOWN[fault]
    installation = "online" if fault == "app-token-refused" else "onsite"
    correct = Asker(contract, installation=installation)
    faulty = Asker(contract, fault, installation=installation)
    assert see(correct) == right
    assert correct.application.triggered == set()
    assert see(faulty) == wrong
    assert faulty.application.triggered == {fault}


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - EVERYWHERE))
def test_the_fault_leaves_an_ordinary_request_alone(contract: Contract, fault: str) -> None:
    faulty = Asker(contract, fault)
    response, expected = faulty(), Asker(contract)()
    assert response.data == expected.data
    assert response.headers == expected.headers
    assert faulty.application.triggered == set()


def url(server: Any) -> str:
    return str(server.url + server.application.contract.operations[0].operation.path)


def sent(server: Any, head: str, body: bytes = b"") -> bytes:
    """What comes back for a request as it is written here, until the server closes."""
    path = server.application.contract.operations[0].operation.path
    text = head.format(path=path, auth=BASIC).replace("\n", "\r\n") + "\r\n\r\n"
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(text.encode() + body)
        while data := connection.recv(65536):
            received += data
    return received


POST = "POST {path} HTTP/1.1\nHost: x\nAuthorization: {auth}\nConnection: close"


def head_body(server: Any) -> Any:
    received = sent(server, POST.replace("POST", "HEAD"))
    return received.partition(b"\r\n\r\n")[2] != b""


def chunked_count(server: Any) -> Any:
    chunked = b'9\r\n{"Associa\r\na\r\nteIds":[3]\r\n1\r\n}\r\n0\r\n\r\n'
    received = sent(server, POST + "\nContent-Type: application/json\nTransfer-Encoding: chunked", chunked)
    return received.split(b" ", 2)[1]


def lower_case(server: Any) -> Any:
    body = b'{"AssociateIds":[3]}'
    head = POST + f"\nContent-Type: application/json\nContent-Length: {len(body)}\naccept: text/xml"
    return b"<ArrayOf" in sent(server, head, body)


def length_fits(server: Any) -> Any:
    body = b'{"AssociateIds":[3]}'
    head = POST + f"\nContent-Type: application/json\nContent-Length: {len(body)}\nAccept: text/xml"
    received = sent(server, head, body)
    found = re.search(rb"Content-Length: (\d+)", received)
    assert found is not None
    return int(found[1]) == len(received.partition(b"\r\n\r\n")[2])


def parallel(server: Any) -> Any:
    barrier = Barrier(6)

    def post(owner: int) -> bool:
        barrier.wait(10)
        body = {"AssociateIds": [owner], "State": "All"}
        found = requests.post(url(server), json=body, auth=(USER, PASSWORD), timeout=10).json()
        return {row["AssociateId"] for row in found} == {owner}

    with ThreadPoolExecutor(6) as pool:
        return all(pool.map(post, IDS))


WIRE: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "head-with-body": (head_body, False, True),
    "chunked-ignored": (chunked_count, b"200", b"400"),
    "header-case-sensitive": (lower_case, True, False),
    "content-length-wrong": (length_fits, True, False),
    "parallel-mix-up": (parallel, True, False),
}


@pytest.mark.parametrize("fault", sorted(WIRE))
def test_the_fault_shows_on_the_wire(contract: Contract, fault: str) -> None:
    see, right, wrong = WIRE[fault]
    with serve(contract) as correct:
        assert see(correct) == right
    with serve(contract, faults=[fault]) as faulty:
        assert see(faulty) == wrong
        assert faulty.application.triggered == {fault}


def test_requests_one_after_the_other_do_not_mix(contract: Contract) -> None:
    with serve(contract, faults=["parallel-mix-up"]) as server, requests.Session() as session:
        session.auth = (USER, PASSWORD)
        for owner in (3, 7, 3):
            found = session.post(url(server), json={"AssociateIds": [owner]}, timeout=5).json()
            assert {row["AssociateId"] for row in found} == {owner}
        assert server.application.triggered == set()


def test_the_request_that_sticks_is_the_one_before(contract: Contract) -> None:
    for fault, first in (("select-sticky", {"query": "$select=Id"}), ("language-sticky", {"Accept_Language": "de"})):
        plain = Asker(contract)([3]).data
        ask = Asker(contract, fault)
        ask([3], **first)
        assert ask([3]).data != plain
        assert ask([3]).data == plain


def test_every_fault_in_the_code_is_registered_and_the_other_way_round() -> None:
    folder = Path(conformance.reference.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    used = set(re.findall(r'faults(?:\.previous|\.last)?\(\s*"([\w-]+)"', code))
    # What a key leaves out is a table there.
    used |= set(re.findall(r'^    "(cache-[\w-]+)": \(', code, re.MULTILINE))
    assert used == FAULTS.keys()


def test_every_fault_that_shows_alone_is_shown() -> None:
    """In ``SHOWN`` of support/fault_effects.py, or in ``WIRE`` here if only bytes or headers on the wire show it."""
    assert SHOWN.keys() | WIRE.keys() == ALONE.keys()
    assert not SHOWN.keys() & WIRE.keys()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.id)
def test_titles_are_sentences(fault: Fault) -> None:
    assert FAULTS[fault.id] is fault
    assert fault.title.endswith(".")
    assert "\n" not in fault.title
    assert len(fault.title) <= 110
