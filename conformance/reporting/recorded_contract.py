"""What the reports need beside results and exchanges, in the journal: contract, pages and target facts.

With it a journal gives its reports on any machine. Secrets are looked for in all of it, although it is mostly the
user's documentation: a sample of a page may show the password that the run was given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from conformance.client.redact import Redactor
from conformance.comparison.target_facts import TargetFacts
from conformance.contract.model import Contract, OperationContract
from conformance.core.errors import InputError
from conformance.engine.probe import Probe
from conformance.engine.run import Run
from conformance.journal.connect import DAMAGED
from conformance.journal.reader import JournalReader
from conformance.journal.steps import LearnedFact

CONTRACT, OPERATIONS, PAGES, FACTS = "contract", "contract/", "pages/", "facts/"
"""Names of documents: the contract as a whole, and the beginnings of those that there are several of."""


class StoredContract(msgspec.Struct, frozen=True, kw_only=True):
    """The contract as a whole: its digest, and that of each document of an operation, in the contract's order."""

    digest: str
    operations: dict[str, str]


def contract_documents(run: Run) -> Iterator[tuple[str, bytes]]:
    """The documents of the run's contract and pages."""
    redactor, digests = run.target.redactor, {}
    for each in run.contract.operations:
        document = _without_secrets(each, redactor)
        digests[each.operation.id] = hashlib.sha256(document).hexdigest()
        yield OPERATIONS + each.operation.id, document
    yield CONTRACT, msgspec.json.encode(StoredContract(digest=run.contract.digest, operations=digests))
    for name, text in run.pages.items():
        yield PAGES + name, redactor.bytes(text.encode())


def read_contract(journal: JournalReader, digest: str) -> Contract:
    """The contract of the run; raises InputError unless it is the one with this digest, and whole."""
    document = journal.document(CONTRACT)
    stored = None if document is None else _decode(journal.path, document, StoredContract)
    if stored is None or stored.digest != digest:
        raise InputError(f"{journal.path}: its contract is not the one of its record; {DAMAGED}")
    operations = []
    for operation, expected in stored.operations.items():
        found = journal.document(OPERATIONS + operation)
        if found is None or hashlib.sha256(found).hexdigest() != expected:
            raise InputError(f"{journal.path}: its contract of {operation} is not the one that was recorded; {DAMAGED}")
        operations.append(_decode(journal.path, found, OperationContract))
    return Contract(operations=tuple(operations), digest=digest)


def read_pages(journal: JournalReader) -> dict[str, str]:
    """The texts of the pages, by file name."""
    pages = journal.documents(PAGES)
    return {name.removeprefix(PAGES): text.decode("utf-8", "replace") for name, text in pages}


def facts_document(probe: Probe) -> tuple[str, bytes]:
    """The facts of an operation; their elements are in the exchange of the fact that counts them."""
    facts = msgspec.structs.replace(probe.facts, elements=[])
    return FACTS + probe.operation.id, _without_secrets(facts, probe.target.redactor)


def read_facts(journal: JournalReader) -> dict[str, TargetFacts]:
    """Of each operation the facts that reports need."""
    found = {}
    for name, document in journal.documents(FACTS):
        found[name.removeprefix(FACTS)] = _decode(journal.path, document, TargetFacts).for_pairing()
    return found


def learned_facts(probe: Probe) -> list[LearnedFact]:
    """The lines of discovery with the exchanges from which they were learned."""
    line = probe.target.redactor.line
    notes = zip(probe.facts.notes, probe.learned_from, strict=False)
    return [LearnedFact(str(name), line(value), found, numbers) for (name, value, found), numbers in notes]


def _decode(path: Path, document: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(document, type=kind, dec_hook=_from_name)
    except msgspec.MsgspecError as error:
        raise InputError(f"{path}: is damaged ({error}); {DAMAGED}") from None


def _without_secrets(value: Any, redactor: Redactor) -> bytes:
    document = msgspec.json.encode(value, enc_hook=_name_of)
    if redactor.bytes(document) == document:
        return document
    # Only in values: a name of ours may be what somebody's password is.
    return msgspec.json.encode(_redacted(msgspec.json.decode(document), redactor))


def _redacted(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.text(value)
    if isinstance(value, dict):
        return {name: _redacted(item, redactor) for name, item in value.items()}
    return [_redacted(item, redactor) for item in value] if isinstance(value, list) else value


def _name_of(zone: Any) -> str:
    return str(zone)


def _from_name(kind: type, name: Any) -> Any:
    return ZoneInfo(name) if kind is ZoneInfo else name
