"""Writing the contract folder, and comparing it with what pages give."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from conformance.contract.components import Component, Names
from conformance.contract.folder import (
    COMPONENT,
    COMPONENT_LINES,
    COMPONENTS,
    FORMAT,
    LINES,
    OPERATION,
    REQUEST,
    RESPONSE,
    SourceEntries,
    StoredLines,
    StoredOperation,
)
from conformance.contract.model import OperationContract
from conformance.contract.source_map import SourceMap, split
from conformance.core.files import write_text


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """What was derived from one page, the digest of that page, and what it says of names."""

    contract: OperationContract
    page_digest: str = ""
    names: Names = Names()


def files(derived: Derived) -> dict[str, str]:
    """The files of one operation, relative to the contract folder, and their content."""
    contract = derived.contract
    operation, lines = split(msgspec.to_builtins(StoredOperation(format=FORMAT, operation=contract.operation)))
    stored_lines = StoredLines(
        digest=derived.page_digest,
        operation=lines,
        request=_entries(contract.request_source),
        response=_entries(contract.response_source),
    )
    contents = {OPERATION: operation, REQUEST: contract.request, RESPONSE: contract.response, LINES: stored_lines}
    home = contract.operation.id
    return {f"{home}/{name}": as_text(content) for name, content in contents.items() if content is not None}


def component_files(components: Mapping[str, Component]) -> dict[str, str]:
    """The files of the components, relative to the contract folder, and their content."""
    found = {}
    for name, component in components.items():
        found[f"{COMPONENTS}/{name}{COMPONENT}"] = as_text(component.schema)
        found[f"{COMPONENTS}/{name}{COMPONENT_LINES}"] = as_text(_entries(component.source))
    return found


def _entries(source: SourceMap) -> SourceEntries:
    return {at: {"x-source": places} for at, places in source.places.items()}


def as_text(content: Any) -> str:
    """JSON as it is in the folder: a member a line, in the order of the page."""
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


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
    """One line for each file of these operations that is not what ``write`` would write; none if all are."""
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


def remove_components(folder: Path, wanted: Collection[str]) -> None:
    """Remove the files of all components but those."""
    home = folder / COMPONENTS
    for path in home.iterdir() if home.is_dir() else ():
        if path.suffix == ".json" and path.name.partition(".")[0] not in wanted:
            path.unlink()


def remove_operations(folder: Path, names: Sequence[str]) -> list[str]:
    """Remove these operations; a line for each that cannot be removed."""
    errors = []
    for home in (folder / name for name in names):
        if home.is_symlink():
            errors.append(f"{home}: is a link, and --prune removes only folders; remove it yourself")
        else:
            shutil.rmtree(home)
    return errors
