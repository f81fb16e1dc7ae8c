"""The schemas folder: its layout, reading it as a contract, writing it, and comparing it with what pages give.

``pages/<id>.md`` is an operation's page, ``<id>/operation.json`` what it says, ``<id>/request.schema.json`` and
``<id>/response.schema.json`` the JSON Schemas of the bodies that it documents; ``components/<name>.schema.json`` are
the types that they share. The lines on the page that all this comes from stand beside it in ``lines.json``, so that a
difference between two versions of a documentation shows facts and not how far they moved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec

from conformance.contract.components import REFERENCE, expand, references
from conformance.contract.model import Contract, Operation, OperationContract
from conformance.contract.source_map import join, part
from conformance.contract.validate import check_operation
from conformance.core.errors import InputError
from conformance.core.files import list_folder, read_text, write_text

FORMAT = "conformance-operation/3"
OPERATION, REQUEST, RESPONSE, LINES = "operation.json", "request.schema.json", "response.schema.json", "lines.json"
PAGES, COMPONENTS = "pages", "components"


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """What was derived from one page, and the digest of that page."""

    contract: OperationContract
    page_digest: str


class _Stored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of operation.json."""

    format: str
    operation: Operation


class _Lines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of lines.json: the digest of the page, and for each file where what it says comes from."""

    digest: str
    operation: dict[str, Any] = {}
    request: dict[str, Any] = {}
    response: dict[str, Any] = {}


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
    homes = operation_folders(folder)
    if not homes:
        raise InputError(f"{folder}: no operations here; derive some with: conformance derive ... --out {folder}")
    contracts, components = _load_all(folder, homes)
    expanded = tuple(
        msgspec.structs.replace(
            each, request=expand(each.request, components), response=expand(each.response, components)
        )
        for each in contracts
    )
    return Contract(operations=expanded, digest=_digest(expanded))


def load_parts(folder: Path) -> tuple[list[OperationContract], dict[str, dict[str, Any]], str]:
    """The same with references to the components as they are; the components; and the contract's digest."""
    digest = load(folder).digest
    return *_load_all(folder, operation_folders(folder)), digest


def _load_all(folder: Path, homes: list[Path]) -> tuple[list[OperationContract], dict[str, dict[str, Any]]]:
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
    """The folders of the operations in a schemas folder, by name."""
    apart = (PAGES, COMPONENTS)
    return [each for each in list_folder(folder) if each.is_dir() and each.name not in apart and each.name[0] != "."]


def load_components(folder: Path) -> dict[str, dict[str, Any]]:
    """The components of a schemas folder by name, each with its references as they are."""
    home = folder / COMPONENTS
    if not home.is_dir():
        return {}
    paths = [path for path in list_folder(home) if path.name.endswith(".schema.json")]
    return {path.name.removesuffix(".schema.json"): _load_schema(path) for path in paths}


def files(derived: Derived) -> dict[str, str]:
    """The files of one operation, relative to the schemas folder, and their content."""
    contract = derived.contract
    stored = msgspec.to_builtins(_Stored(format=FORMAT, operation=contract.operation))
    contents = {OPERATION: stored, REQUEST: contract.request, RESPONSE: contract.response}
    parted = {name: part(content) for name, content in contents.items() if content is not None}
    lines = _Lines(
        digest=derived.page_digest,
        operation=parted[OPERATION][1],
        request=parted[REQUEST][1] if REQUEST in parted else {},
        response=parted[RESPONSE][1] if RESPONSE in parted else {},
    )
    texts = {name: content for name, (content, _) in parted.items()} | {LINES: lines}
    return {f"{contract.operation.id}/{name}": as_text(content) for name, content in texts.items()}


def component_files(components: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The files of the components, relative to the schemas folder, and their content."""
    found = {}
    for name, schema in components.items():
        content, lines = part(schema)
        found[f"{COMPONENTS}/{name}.schema.json"] = as_text(content)
        found[f"{COMPONENTS}/{name}.lines.json"] = as_text(lines)
    return found


def as_text(content: Any) -> str:
    """JSON as it stands in the folder: a member a line, in the order of the page."""
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def load_pages(folder: Path, contract: Contract) -> dict[str, str]:
    """The texts of the contract's pages by file name, as far as the folder keeps them."""
    paths = {each.operation.page: folder / PAGES / f"{each.operation.id}.md" for each in contract.operations}
    return {name: read_text(path) for name, path in paths.items() if path.is_file()}


def write(derived: Sequence[Derived], folder: Path) -> list[Path]:
    """Write the files of these operations, remove schemas that they no longer have, and return what was written."""
    written = []
    for each in derived:
        wanted = files(each)
        written += write_files(wanted, folder)
        for path in _left_over(each, wanted, folder):
            path.unlink()
    return written


def write_files(wanted: dict[str, str], folder: Path) -> list[Path]:
    """Write the files that are not there already as they should be, and return them."""
    paths = {folder / name: text for name, text in wanted.items()}
    there = {parent: parent.is_dir() for parent in {path.parent for path in paths}}
    changed = [path for path, text in paths.items() if not (there[path.parent] and _is(path, text))]
    for path in changed:
        write_text(path, paths[path])
    return changed


def check(derived: Sequence[Derived], folder: Path) -> list[str]:
    """One line for each file of these operations that is not what ``write`` would leave; none if all are."""
    lines = []
    for each in derived:
        wanted = files(each)
        lines += check_files(wanted, folder)
        lines += [f"{path}: left over, the page documents no such body" for path in _left_over(each, wanted, folder)]
    return lines


def check_files(wanted: dict[str, str], folder: Path) -> list[str]:
    """One line for each file that is missing or another one."""
    missing = [f"{folder / name}: missing" for name in wanted if not (folder / name).is_file()]
    return missing + [
        f"{folder / name}: differs from what the page gives"
        for name, text in wanted.items()
        if (folder / name).is_file() and not _is(folder / name, text)
    ]


def _is(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _left_over(derived: Derived, wanted: dict[str, str], folder: Path) -> list[Path]:
    home = derived.contract.operation.id
    names = (f"{home}/{name}" for name in (REQUEST, RESPONSE))
    return [folder / name for name in names if name not in wanted and (folder / name).is_file()]


def _load_stored(home: Path) -> tuple[_Stored, _Lines]:
    lines = _convert(home / LINES, _read_json(home / LINES), _Lines)
    raw = _read_json(home / OPERATION)
    if isinstance(raw, dict) and raw.get("format") != FORMAT:
        raise InputError(f"{home / OPERATION}: format {raw.get('format')!r} is not {FORMAT!r}; derive it again")
    return _convert(home / OPERATION, join(raw, lines.operation), _Stored), lines


def _load_operation(home: Path, components: dict[str, dict[str, Any]]) -> OperationContract:
    stored, lines = _load_stored(home)
    operation = stored.operation
    check_operation(operation, home / OPERATION)
    page = home.parent / PAGES / f"{operation.id}.md"
    if page.is_file() and page_digest(read_text(page)) != lines.digest:
        raise InputError(f"{home}: schemas do not fit page {page}: run conformance derive {page} --out {home.parent}")
    schemas: list[dict[str, Any] | None] = []
    for path, body, where in (
        (home / REQUEST, operation.request, lines.request),
        (home / RESPONSE, operation.response, lines.response),
    ):
        if body is None:
            if path.is_file():
                raise InputError(f"{path}: left over, the page documents no such body; remove it")
            schemas.append(None)
            continue
        schema = join(_load_schema(path), where)
        for name in references(schema):
            if name not in components:
                raise InputError(f"{path}: {REFERENCE}{name} is not in {home.parent / COMPONENTS}; derive it again")
        schemas.append(schema)
    return OperationContract(operation=operation, request=schemas[0], response=schemas[1])


def _convert(path: Path, raw: Any, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(raw, kind, str_keys=True)
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {error}; derive it again") from None


def _load_schema(path: Path) -> dict[str, Any]:
    schema = _read_json(path)
    if not isinstance(schema, dict):
        raise InputError(f"{path}: is not a JSON Schema: an object is expected; derive it again")
    try:
        jsonschema_rs.Draft202012Validator(_local(schema))
    except (jsonschema_rs.ValidationError, ValueError) as error:
        reason = " ".join(str(getattr(error, "message", error)).split())[:200]
        where = "/".join(str(step) for step in getattr(error, "instance_path", ())) or "the top"
        raise InputError(f"{path}: is not a JSON Schema: {reason} (at {where}); derive it again") from None
    return schema


def _local(schema: Any) -> Any:
    """The schema with its references to components left out: whether they are there is for another check."""
    if isinstance(schema, dict):
        return {key: _local(value) for key, value in schema.items() if key != "$ref"}
    return [_local(item) for item in schema] if isinstance(schema, list) else schema


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
