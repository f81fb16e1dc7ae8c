"""Pages in, schemas folder out: what ``conformance derive`` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from conformance.contract import store
from conformance.contract.derive import derive
from conformance.contract.errors import InputError
from conformance.contract.files import read_text
from conformance.pages.operation import read_document, read_operation
from conformance.pages.samples import REQUEST, RESPONSE, read_sample


class DeriveReport(msgspec.Struct):
    """The files that were written, or that differ, and the pages that could not be used; a line each."""

    written: list[Path] = []
    errors: list[str] = []
    differences: list[str] = []


def derive_pages(paths: Sequence[Path], out: Path, check: bool) -> DeriveReport:
    """Derive the contract of every page in ``paths`` (pages, or folders of them) into ``out``.

    A page that cannot be used does not stop the others. With ``check``, nothing is written: the report says how
    ``out`` differs from what the pages give.
    """
    report = DeriveReport()
    derived: dict[str, tuple[Path, store.Derived]] = {}
    for page in _pages(paths, report):
        try:
            each = derive_page(page)
        except InputError as error:
            report.errors.append(str(error))
            continue
        operation = each.contract.operation.id
        if operation in derived:
            report.errors.append(f"{page}: documents {operation}, as {derived[operation][0]} does; keep one of them")
        else:
            derived[operation] = (page, each)
    found = [each for _, each in derived.values()]
    try:
        if check:
            report.differences = store.check(found, out)
        else:
            report.written = store.write(found, out)
    except InputError as error:
        report.errors.append(str(error))
    return report


def derive_page(path: Path) -> store.Derived:
    """Read one page and derive its contract, with the lines of its samples as they stand on the page."""
    document = read_document(path)
    request, response = read_sample(document, REQUEST), read_sample(document, RESPONSE)
    contract = derive(
        read_operation(document),
        request_lines=request[1] if request else None,
        response_lines=response[1] if response else None,
    )
    return store.Derived(contract=contract, page_digest=store.page_digest(read_text(path)))


def _pages(paths: Sequence[Path], report: DeriveReport) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in paths:
        found = _pages_below(path) if path.is_dir() else [path]
        if not found:
            report.errors.append(f"{path}: no pages (*.md) in this folder")
        for page in found:
            # A link that leads nowhere cannot be resolved; reading it says so.
            real = page.resolve() if page.exists() else page
            if real not in seen:
                seen.add(real)
                yield page


def _pages_below(folder: Path) -> list[Path]:
    # A README tells about its folder; it documents no operation.
    return sorted(each for each in folder.rglob("*.md") if each.is_file() and each.name.lower() != "readme.md")
