"""What a contract folder was derived from: a page an entry, so that a page that did not change is not read again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from conformance import __version__
from conformance.contract.components import Names
from conformance.contract.effect import CallEffect
from conformance.contract.folder import ASSUMPTIONS, INDEX
from conformance.contract.model import Assumption
from conformance.contract.schema_types import kinds
from conformance.contract.write_folder import Derived, as_text

# Raised with each change of what the same page gives.
_REVISION = 5
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
    assumptions: tuple[Assumption, ...] = ()


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """The entries by operation."""

    made_by: str = MADE_BY
    pages: dict[str, Entry] = {}


def read_index(folder: Path) -> Index:
    """The index of a contract folder; an empty one where there is none that can be used."""
    try:
        found = msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)
    except (OSError, msgspec.MsgspecError, ValueError):
        return Index()
    return found if found.made_by == MADE_BY else Index()


def entry(page: str, derived: Derived) -> Entry:
    """The entry of a page that gave this."""
    contract = derived.contract
    return Entry(
        page=page,
        digest=derived.page_digest,
        method=contract.operation.method,
        effect=contract.operation.effect,
        request=_kind(contract.request),
        response=_kind(contract.response),
        names=derived.names,
        assumptions=contract.operation.assumptions,
    )


def files(index: Index) -> dict[str, str]:
    """The index and the list of assumptions as files."""
    pages = dict(sorted(index.pages.items()))
    return {INDEX: as_text(msgspec.structs.replace(index, pages=pages)), ASSUMPTIONS: _report(pages)}


def _report(pages: dict[str, Entry]) -> str:
    lines = ["# What is assumed because the pages do not specify it", ""]
    found = [(each.page, assumption) for each in pages.values() for assumption in each.assumptions]
    if not found:
        return "\n".join([*lines, "Nothing.", ""])
    lines += ["| Page | Line | Not specified | Assumed |", "|---|---|---|---|"]
    for page, each in sorted(found, key=lambda pair: (pair[0], pair[1].line)):
        cells = (page, str(each.line or ""), each.about, each.assumed)
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
