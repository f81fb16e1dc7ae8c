"""The contract folder: its layout, and reading it as a contract; ``write_folder.py`` writes it.

``pages/<id>.md`` is an operation's page, ``<id>/operation.json`` what it says, ``<id>/request.schema.json`` and
``<id>/response.schema.json`` the JSON Schemas of the bodies that it documents; ``components/<name>.schema.json`` are
the types that they share. The lines on the page that all this comes from are beside it in ``lines.json``, so that a
difference between two versions of a documentation shows facts and not how far they moved. ``index.json`` says what
each page was and gave, ``assumptions.md`` what is assumed because the pages do not specify it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs
import msgspec

from conformance.contract.components import REFERENCE, Component, Components, expand, references
from conformance.contract.model import Body, Contract, Operation, OperationContract
from conformance.contract.schema_walk import Schema, without
from conformance.contract.source_map import SourceMap, join
from conformance.contract.validate import check_operation
from conformance.core.errors import InputError
from conformance.core.files import list_folder, read_text

FORMAT = "conformance-operation/4"
OPERATION, REQUEST, RESPONSE, LINES = "operation.json", "request.schema.json", "response.schema.json", "lines.json"
PAGES, COMPONENTS, COMPONENT, COMPONENT_LINES = "pages", "components", ".schema.json", ".lines.json"
INDEX, ASSUMPTIONS = "index.json", "assumptions.md"


SourceEntries = dict[str, dict[Literal["x-source"], dict[str, str]]]
"""The places of a source map, as files have them."""


class StoredOperation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of operation.json."""

    format: str
    operation: Operation


class StoredLines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of lines.json: the digest of the page, and for each file where what it says comes from."""

    digest: str
    operation: dict[str, Any] = {}
    request: SourceEntries = {}
    response: SourceEntries = {}


def default_schemas() -> Path:
    """The schemas that come with the project: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"


def page_digest(text: str) -> str:
    """SHA-256 of a page's text as ``read_text`` gives it, so that line ends and byte order marks do not count."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(folder: Path) -> Contract:
    """Read a contract folder, every file checked; InputError names the first that cannot be used."""
    contracts, components = _load_all(folder)
    return _expanded(contracts, components)


def load_parts(folder: Path) -> tuple[list[OperationContract], Components, str]:
    """The same with references to the components as they are; the components; and the contract's digest."""
    contracts, components = _load_all(folder)
    return contracts, components, _expanded(contracts, components).digest


def _expanded(contracts: list[OperationContract], components: Components) -> Contract:
    found = []
    for each in contracts:
        request, request_source = _expand(each.request, each.request_source, components)
        response, response_source = _expand(each.response, each.response_source, components)
        found.append(
            msgspec.structs.replace(
                each, request=request, response=response, request_source=request_source, response_source=response_source
            )
        )
    return Contract(operations=tuple(found), digest=_digest(found))


def _expand(schema: Schema | None, source: SourceMap, components: Components) -> tuple[Schema | None, SourceMap]:
    return (None, source) if schema is None else expand(schema, source, components)


def _load_all(folder: Path) -> tuple[list[OperationContract], Components]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; derive one with: conformance derive PAGE_OR_DIR... --out {folder}")
    homes = operation_folders(folder)
    if not homes:
        raise InputError(f"{folder}: no operations here; derive some with: conformance derive ... --out {folder}")
    components = load_components(folder)
    found: dict[str, Path] = {}
    contracts = []
    for home in homes:
        try:
            contract = _load_operation(home, components)
        except RecursionError:
            raise InputError(f"{home}: a file here is nested too deeply; derive it again") from None
        known = found.setdefault(contract.operation.id, home)
        if known is not home:
            raise InputError(f"{home / OPERATION}: the operation {contract.operation.id} is already in {known}")
        contracts.append(contract)
    for operation, home in found.items():
        if home.name != operation:
            raise InputError(f"{home / OPERATION}: holds the operation {operation}; rename its folder to that")
    return contracts, components


def operation_folders(folder: Path) -> list[Path]:
    """The folders of the operations in a contract folder, by name."""
    apart = (PAGES, COMPONENTS)
    return [each for each in list_folder(folder) if each.is_dir() and each.name not in apart and each.name[0] != "."]


def load_components(folder: Path) -> dict[str, Component]:
    """The components of a contract folder by name, each with its references as they are."""
    home = folder / COMPONENTS
    paths = [path for path in list_folder(home) if path.name.endswith(COMPONENT)] if home.is_dir() else []
    return {path.name.removesuffix(COMPONENT): _load_component(path) for path in paths}


def _load_component(path: Path) -> Component:
    lines = path.with_name(path.name.removesuffix(COMPONENT) + COMPONENT_LINES)
    return Component(_load_schema(path), _source(_convert(lines, _read_json(lines), SourceEntries)))


def _source(entries: SourceEntries) -> SourceMap:
    return SourceMap({at: entry.get("x-source", {}) for at, entry in entries.items()})


def load_pages(folder: Path, contract: Contract) -> dict[str, str]:
    """The texts of the contract's pages by file name, as far as the folder keeps them."""
    paths = {each.operation.page: folder / PAGES / f"{each.operation.id}.md" for each in contract.operations}
    return {name: read_text(path) for name, path in paths.items() if path.is_file()}


def _load_stored(home: Path) -> tuple[StoredOperation, StoredLines]:
    raw = _read_json(home / OPERATION)
    if isinstance(raw, dict) and raw.get("format") != FORMAT:
        raise InputError(f"{home / OPERATION}: format {raw.get('format')!r} is not {FORMAT!r}; derive it again")
    lines = _convert(home / LINES, _read_json(home / LINES), StoredLines)
    return _convert(home / OPERATION, join(raw, lines.operation), StoredOperation), lines


def _load_operation(home: Path, components: Components) -> OperationContract:
    stored, lines = _load_stored(home)
    operation = stored.operation
    check_operation(operation, home / OPERATION)
    page = home.parent / PAGES / f"{operation.id}.md"
    if page.is_file() and page_digest(read_text(page)) != lines.digest:
        raise InputError(
            f"{home}: the schemas are of another version of {page}: run conformance derive {page} --out {home.parent}"
        )
    return OperationContract(
        operation=operation,
        request=_load_body(home / REQUEST, operation.request, components),
        response=_load_body(home / RESPONSE, operation.response, components),
        request_source=_source(lines.request),
        response_source=_source(lines.response),
    )


def _load_body(path: Path, body: Body | None, components: Components) -> Schema | None:
    if body is None:
        if path.is_file():
            raise InputError(f"{path}: left over, the page documents no such body; remove it")
        return None
    schema = _load_schema(path)
    for name in references(schema):
        if name not in components:
            home = path.parents[1] / COMPONENTS
            raise InputError(f"{path}: {REFERENCE}{name} is not in {home}; derive it again")
    return schema


def _convert(path: Path, raw: Any, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(raw, kind, str_keys=True)
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {error}; derive it again") from None


def _load_schema(path: Path) -> Schema:
    schema = _read_json(path)
    if not isinstance(schema, dict):
        raise InputError(f"{path}: is not a JSON Schema: an object is expected; derive it again")
    try:
        # Whether the components are there is for another check.
        jsonschema_rs.Draft202012Validator(without(schema, "$ref"))
    except (jsonschema_rs.ValidationError, ValueError) as error:
        reason = " ".join(str(getattr(error, "message", error)).split())[:200]
        where = "/".join(str(step) for step in getattr(error, "instance_path", ())) or "the top"
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


def _digest(contracts: Iterable[OperationContract]) -> str:
    content = msgspec.to_builtins(sorted(contracts, key=lambda each: each.operation.id), str_keys=True)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
