"""What a schemas folder was derived from: a page an entry, so that a page that did not change is not read again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from conformance import __version__
from conformance.contract import folder as store
from conformance.contract.components import Names
from conformance.contract.effect import CallEffect
from conformance.contract.model import OpenPoint, OperationContract
from conformance.contract.schema_types import kinds
from conformance.core.files import read_text
from conformance.pages.document import MAX_BYTES

INDEX, OPEN_POINTS = "index.json", "open-points.md"

# Raised with each change of what the same page gives.
_REVISION = 4
MADE_BY = f"conformance {__version__}, revision {_REVISION}"


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page: where it is below the folder that was named, what it was, and what it gives."""

    page: str
    digest: str
    method: str
    effect: CallEffect
    request: str = "none"
    response: str = "none"
    names: Names = Names()
    open: tuple[OpenPoint, ...] = ()


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """The entries by operation."""

    made_by: str = MADE_BY
    pages: dict[str, Entry] = {}


def read_index(folder: Path) -> Index:
    """The index of a schemas folder; an empty one where there is none that can be used."""
    try:
        found = msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)
    except (OSError, msgspec.MsgspecError, ValueError):
        return Index()
    return found if found.made_by == MADE_BY else Index()


def entry(page: str, digest: str, contract: OperationContract, names: Names) -> Entry:
    """The entry of a page that gave this contract."""
    return Entry(
        page=page,
        digest=digest,
        method=contract.operation.method,
        effect=contract.operation.effect,
        request=_kind(contract.request),
        response=_kind(contract.response),
        names=names,
        open=contract.operation.open_points,
    )


def files(index: Index) -> dict[str, str]:
    """The index and the report of open points as files."""
    pages = dict(sorted(index.pages.items()))
    return {INDEX: store.as_text(msgspec.structs.replace(index, pages=pages)), OPEN_POINTS: _report(pages)}


def _report(pages: dict[str, Entry]) -> str:
    lines = ["# What the pages leave open", ""]
    found = [(each.page, point) for each in pages.values() for point in each.open]
    if not found:
        return "\n".join([*lines, "Nothing.", ""])
    lines += ["| Page | Line | Open | Assumed |", "|---|---|---|---|"]
    for page, point in sorted(found, key=lambda each: (each[0], each[1].line)):
        cells = (page, str(point.line or ""), point.about, point.assumed)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _kind(schema: dict[str, object] | None) -> str:
    """``object``, ``array``..., ``bytes``, ``patch``, ``open`` or ``none``: for the summary."""
    if schema is None:
        return "none"
    if "contentEncoding" in schema:
        return "bytes"
    if "$ref" in schema:
        return "object"
    found = kinds(schema)
    return "patch" if len(found) > 1 else next(iter(found), "open")


def included_digest(text: str, included: list[Path]) -> str:
    """The digest of a page together with the files that it includes."""
    more = (read_text(path, MAX_BYTES) if path.is_file() else "\0" for path in included)
    return store.page_digest("".join((text, *more)))
