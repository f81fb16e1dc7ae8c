"""Pages in, contract folder out: what ``conformance derive`` does.

A page is read alone, by several processes if there are many; then the types that pages share are found, and what
changed is written. A page whose text did not change is not read again, unless a type that it shares did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from conformance.contract import folder, write_folder
from conformance.contract import index as index_file
from conformance.contract.components import Names, Shared, names, refer, share, with_references
from conformance.contract.derive import derive
from conformance.contract.index import Entry, Index, entry, read_index
from conformance.contract.model import OperationContract
from conformance.contract.schema_types import is_named
from conformance.contract.write_folder import Derived
from conformance.core.errors import InputError
from conformance.core.files import read_text
from conformance.pages.document import MAX_BYTES, RESPONSE_BODY, Document, included, included_digest, parse_document
from conformance.pages.operation import read_with_lines
from conformance.pages.page_file import PageFile, find_pages, root_of
from conformance.pages.pool import each_page, without_collector

Progress = Callable[[int, int], None]
"""Called after each page with how many of how many are read."""


class DeriveReport(msgspec.Struct):
    """The files that were written, or that differ, and the pages that could not be used; a line each."""

    written: list[Path] = []
    errors: list[str] = []
    differences: list[str] = []
    unchanged: int = 0
    orphans: list[str] = []
    """Operations in the folder that no page gave this time, though whole folders of pages were named."""
    index: Index = Index()
    components: int = 0


def derive_pages(
    paths: Sequence[Path],
    out: Path,
    check: bool = False,
    *,
    workers: int | None = None,
    prune: bool = False,
    progress: Progress | None = None,
) -> DeriveReport:
    """Derive the contract of every page in ``paths`` (pages, or folders of them) into ``out``.

    A page that cannot be used does not stop the others. With ``check``, nothing is written: the report says how
    ``out`` differs from what the pages give. With ``prune``, operations that have no page any more are removed.
    """
    report = DeriveReport()
    with without_collector():
        _derive(report, paths, out, check, workers, prune=prune, progress=progress)
    return report


def _derive(
    report: DeriveReport,
    paths: Sequence[Path],
    out: Path,
    check: bool,
    workers: int | None,
    *,
    prune: bool,
    progress: Progress | None,
) -> None:
    pages, report.errors = find_pages(paths)
    before = Index() if check else read_index(out)
    known = {each.page: (operation, each) for operation, each in before.pages.items()}
    changed, same = _sort(pages, known, out)
    reader = _Reader(report, workers, progress, len(pages))
    read = reader.read(changed)
    touched = _touched(read, before, known, changed)
    again = [page for page in same if touched is None or _is_concerned(known[page.relative][1].names, touched)]
    read |= reader.read(again)
    unchanged = {known[page.relative][0]: known[page.relative][1] for page in same if page not in again}
    report.unchanged = len(unchanged)
    try:
        _finish(report, _Result(parsed=read, unchanged=unchanged, before=before, touched=touched), out, check)
        _orphans(report, paths, {*read, *unchanged}, out, check=check, prune=prune)
    except InputError as error:
        report.errors.append(str(error))


def derive_page(path: Path) -> Derived:
    """Read one page and derive its contract, with the lines of its samples as they are on the page."""
    found = _parse(PageFile(path=path, root=root_of(path), relative=path.name))
    return _referring(found, with_references(share([(found.contract, found.names)])))


def _referring(derived: Derived, shared: Shared) -> Derived:
    return msgspec.structs.replace(derived, contract=refer(derived.contract, shared))


def parse_page(document: Document, digest: str = "") -> Derived:
    """What one page alone gives, with the names of shared types beside its schemas."""
    operation, request_lines, response_lines = read_with_lines(document)
    contract = derive(operation, request_lines=request_lines, response_lines=response_lines)
    return named(document, contract, digest)


def named(document: Document, contract: OperationContract, digest: str = "") -> Derived:
    """A contract with what its page says of names."""
    headed = document.section(RESPONSE_BODY) if contract.operation.response is None else None
    empty = headed.rest if headed and is_named(headed.rest) else ""
    return Derived(contract=contract, page_digest=digest, names=names(contract, empty))


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    parsed: dict[str, tuple[PageFile, Derived]]
    unchanged: dict[str, Entry]
    before: Index
    touched: frozenset[str] | None


def _sort(
    pages: list[PageFile], known: dict[str, tuple[str, Entry]], out: Path
) -> tuple[list[PageFile], list[PageFile]]:
    """The pages that changed since ``out`` was written, and those that did not."""
    changed: list[PageFile] = []
    same: list[PageFile] = []
    for page in pages:
        found = known.get(page.relative)
        is_same = found and (out / found[0] / folder.LINES).is_file() and _digest(page) == found[1].digest
        (same if is_same else changed).append(page)
    return changed, same


def _digest(page: PageFile) -> str:
    try:
        text = read_text(page.path, MAX_BYTES)
        return included_digest(text, included(page.path, text, page.root))
    except InputError:
        return ""


def _touched(
    parsed: dict[str, tuple[PageFile, Derived]],
    before: Index,
    known: dict[str, tuple[str, Entry]],
    changed: list[PageFile],
) -> frozenset[str] | None:
    """The names of types whose meaning may have changed; None if all may have."""
    now = [each.names for _, each in parsed.values()]
    then = [known[page.relative][1].names for page in changed if page.relative in known]
    others = {each.names.empty for id, each in before.pages.items() if id not in parsed}
    if {each.empty for each in now} - others != {each.empty for each in then} - others:
        return None
    touched = {name for said in (*now, *then) for name in said.defines}
    everything = [*now, *(each.names for each in before.pages.values())]
    size = -1
    # A type whose table uses one of these may read differently too.
    while size != len(touched):
        size = len(touched)
        touched |= {name for said in everything if not touched.isdisjoint(said.uses) for name in said.defines}
    return frozenset(touched)


def _is_concerned(said: Names, touched: frozenset[str]) -> bool:
    return not touched.isdisjoint((*said.defines, *said.uses))


def _finish(report: DeriveReport, result: _Result, out: Path, check: bool) -> None:
    """Find the shared types, and write or compare."""
    found = with_references(_shared(result, out))
    report.components = len(found.components)
    derived = [_referring(each, found) for _, each in result.parsed.values()]
    now = {name: entry(page.relative, each) for name, (page, each) in result.parsed.items()}
    report.index = Index(pages={**result.before.pages, **result.unchanged, **now})
    fresh = {name: each for name, each in found.components.items() if _is_fresh(name, result)}
    shared_files = write_folder.component_files(fresh)
    if check:
        report.differences = write_folder.check(derived, out) + write_folder.check_files(shared_files, out)
        return
    report.written = write_folder.write(derived, out)
    report.written += write_folder.write_files(shared_files, out)
    report.written += write_folder.write_files(index_file.files(report.index), out)
    write_folder.remove_components(out, found.components)


def _shared(result: _Result, out: Path) -> Shared:
    """The shared types: derived again if pages changed what a name means, otherwise as they are in ``out``."""
    new = share((each.contract, each.names) for _, each in result.parsed.values())
    if result.touched is None or not result.unchanged:
        return new
    kept = {name: each for name, each in folder.load_components(out).items() if name not in result.touched}
    unchanged = {each.names.empty for each in result.unchanged.values()} - {""}
    touched = {name: each for name, each in new.components.items() if name in result.touched}
    return Shared(components={**kept, **touched}, ambiguous=new.ambiguous, meaningless=new.meaningless | unchanged)


def _is_fresh(name: str, result: _Result) -> bool:
    """Whether a component was made from these pages, rather than kept as it was."""
    return result.touched is None or not result.unchanged or name in result.touched


def _orphans(
    report: DeriveReport, paths: Sequence[Path], given: set[str], out: Path, *, check: bool, prune: bool
) -> None:
    """Find the operations of ``out`` that no page gave, if whole folders of pages were named."""
    if not all(path.is_dir() for path in paths) or not out.is_dir() or report.errors:
        return
    homes = [home for home in folder.operation_folders(out) if (home / folder.OPERATION).is_file()]
    report.orphans = [home.name for home in homes if home.name not in given]
    if check:
        report.differences += [f"{out / name}: left over, no page documents it" for name in report.orphans]
    elif prune and report.orphans:
        report.errors += write_folder.remove_operations(out, report.orphans)
        pages = {name: each for name, each in report.index.pages.items() if name in given}
        report.index = Index(pages=pages)
        write_folder.write_files(index_file.files(report.index), out)


class _Reader:
    """Reads pages, by several processes where that is worth it; a line in the report for each that it cannot use."""

    def __init__(self, report: DeriveReport, workers: int | None, progress: Progress | None, total: int) -> None:
        self._report = report
        self._workers = workers
        self._progress = progress
        self._total = total
        self._done = 0

    def read(self, pages: list[PageFile]) -> dict[str, tuple[PageFile, Derived]]:
        """Each page by its operation, in the order given."""
        found: dict[str, tuple[PageFile, Derived]] = {}
        for page, result in zip(pages, each_page(_parse, Derived, pages, self._workers), strict=True):
            self._done += 1
            if self._progress:
                self._progress(self._done, self._total)
            if isinstance(result, str):
                self._report.errors.append(result)
                continue
            operation = result.contract.operation.id
            if operation in found:
                known = found[operation][0].path
                self._report.errors.append(f"{page.path}: documents {operation}, as {known} does; keep one of them")
            else:
                found[operation] = (page, result)
        return found


def _parse(page: PageFile) -> Derived:
    text = read_text(page.path, MAX_BYTES)
    document = parse_document(page.path, text, page.root)
    return parse_page(document, included_digest(text, included(page.path, text, page.root)))
