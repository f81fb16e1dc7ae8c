"""The schemas folder: its layout, reading it as a contract, writing it, and comparing it with what pages give.

``pages/<id>.md`` is an operation's page, ``<id>/operation.json`` what it says, ``<id>/request.schema.json`` and
``<id>/response.schema.json`` the JSON Schemas of the bodies that it documents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import msgspec

from conformance.contract.errors import InputError
from conformance.contract.files import list_folder, read_text, write_text
from conformance.contract.model import Contract, Operation, OperationContract

FORMAT = "conformance-operation/1"
OPERATION, REQUEST, RESPONSE, PAGES = "operation.json", "request.schema.json", "response.schema.json", "pages"


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """What was derived from one page, and the digest of that page."""

    contract: OperationContract
    page_digest: str


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The content of operation.json."""

    format: str
    digest: str
    operation: Operation


def default_schemas() -> Path:
    """The schemas that come with the project: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"


def page_digest(text: str) -> str:
    """SHA-256 of a page's text as ``read_text`` gives it, so that line ends and byte order marks do not count."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(folder: Path) -> Contract:
    """Read a schemas folder, every file checked; InputError names the first that cannot be used."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; derive one with: conformance derive PAGE_OR_DIR... --out {folder}")
    homes = [home for home in list_folder(folder) if home.is_dir() and home.name != PAGES and home.name[0] != "."]
    if not homes:
        raise InputError(f"{folder}: no operations here; derive some with: conformance derive ... --out {folder}")
    found: dict[str, Path] = {}
    contracts = []
    for home in homes:
        try:
            contract = _load_operation(home)
        except RecursionError:
            raise InputError(f"{home}: a file here is nested too deeply; derive it again") from None
        known = found.setdefault(contract.operation.id, home)
        if known is not home:
            raise InputError(f"{home / OPERATION}: the operation {contract.operation.id} is already in {known}")
        contracts.append(contract)
    for operation, home in found.items():
        if home.name != operation:
            raise InputError(f"{home / OPERATION}: holds the operation {operation}; rename its folder to that")
    return Contract(operations=tuple(contracts), digest=_digest(contracts))


def load_pages(folder: Path, contract: Contract) -> dict[str, str]:
    """The texts of the contract's pages by file name, as far as the folder keeps them."""
    paths = {each.operation.page: folder / PAGES / f"{each.operation.id}.md" for each in contract.operations}
    return {name: read_text(path) for name, path in paths.items() if path.is_file()}


def write(derived: Sequence[Derived], folder: Path) -> list[Path]:
    """Write the files of these operations, remove schemas that they no longer have, and return what was written."""
    written = []
    for each in derived:
        files = _files(each)
        for name, text in files.items():
            write_text(folder / name, text)
            written.append(folder / name)
        for path in _left_over(each, folder):
            path.unlink()
    return written


def check(derived: Sequence[Derived], folder: Path) -> list[str]:
    """One line for each file of these operations that is not what ``write`` would leave; none if all are."""
    lines = []
    for each in derived:
        for name, text in _files(each).items():
            if not (folder / name).is_file():
                lines.append(f"{folder / name}: missing")
            elif read_text(folder / name) != text:
                lines.append(f"{folder / name}: differs from what the page gives")
        lines += [f"{path}: left over, the page documents no such body" for path in _left_over(each, folder)]
    return lines


def _files(derived: Derived) -> dict[str, str]:
    contract = derived.contract
    stored = _Stored(format=FORMAT, digest=derived.page_digest, operation=contract.operation)
    files = {OPERATION: msgspec.to_builtins(stored), REQUEST: contract.request, RESPONSE: contract.response}
    home = contract.operation.id
    return {
        f"{home}/{name}": json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        for name, content in files.items()
        if content is not None
    }


def _left_over(derived: Derived, folder: Path) -> list[Path]:
    home = derived.contract.operation.id
    paths = [folder / home / name for name in (REQUEST, RESPONSE)]
    return [path for path in paths if path.is_file() and f"{home}/{path.name}" not in _files(derived)]


def _load_operation(home: Path) -> OperationContract:
    path = home / OPERATION
    raw = _read_json(path)
    try:
        stored = msgspec.convert(raw, _Stored)
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {error}; derive it again") from None
    if stored.format != FORMAT:
        raise InputError(f"{path}: format {stored.format!r} is not {FORMAT!r}; derive it again")
    unknown = next(_unknown(raw, msgspec.to_builtins(stored), ""), None)
    if unknown:
        raise InputError(f"{path}: unknown field `{unknown}`; derive it again")
    operation = stored.operation
    page = home.parent / PAGES / f"{operation.id}.md"
    if page.is_file() and page_digest(read_text(page)) != stored.digest:
        raise InputError(f"{home}: schemas do not fit page {page}: run conformance derive {page} --out {home.parent}")
    return OperationContract(
        operation=operation,
        request=_load_schema(home / REQUEST, documented=operation.request is not None),
        response=_load_schema(home / RESPONSE, documented=operation.response is not None),
    )


def _load_schema(path: Path, *, documented: bool) -> dict[str, Any] | None:
    if not documented:
        if path.is_file():
            raise InputError(f"{path}: left over, the page documents no such body; remove it")
        return None
    schema = _read_json(path)
    if not isinstance(schema, dict):
        raise InputError(f"{path}: is not a JSON Schema: an object is expected; derive it again")
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        where = "/".join(str(step) for step in error.absolute_path) or "the top"
        reason = " ".join(error.message.split())[:200]
        raise InputError(f"{path}: is not a JSON Schema: {reason} (at {where}); derive it again") from None
    return schema


def _read_json(path: Path) -> Any:
    if not path.is_file():
        raise InputError(f"{path}: missing; run conformance derive on the operation's page")
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: is not JSON: {error.msg}; derive it again") from None
    except ValueError as error:
        raise InputError(f"{path}: is not JSON: {error}; derive it again") from None


def _unknown(raw: Any, known: Any, at: str) -> Iterator[str]:
    """The fields of ``raw`` that the model does not have (msgspec reads past them)."""
    if isinstance(raw, dict):
        for name, value in raw.items():
            if name not in known:
                yield at + name
            else:
                yield from _unknown(value, known[name], f"{at}{name}.")
    elif isinstance(raw, list):
        for value, counterpart in zip(raw, known, strict=True):
            yield from _unknown(value, counterpart, at)


def _digest(contracts: Sequence[OperationContract]) -> str:
    content = msgspec.to_builtins(sorted(contracts, key=lambda each: each.operation.id))
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
