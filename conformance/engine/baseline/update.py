"""``--update-baseline``: writes the failures of this run to the baseline file, and keeps what people wrote there."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec
import tomlkit
from tomlkit.items import AoT

from conformance.core.files import read_text, write_text
from conformance.engine.baseline.application import FAILED_OR_WARNING, EntryState, judge_entry, matches
from conformance.engine.baseline.known_failures import TABLE, KnownFailure
from conformance.engine.result import RequirementResult

_DAYS = 90
_HEAD = "Known failures: conformance run --baseline. Fill in each reason; an empty one is an error."


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries were kept, added and removed."""

    kept: int
    added: int
    removed: int

    def __str__(self) -> str:
        return f"{self.kept} entries kept, {self.added} added, {self.removed} removed"


def update_baseline(
    path: Path,
    entries: Sequence[KnownFailure],
    results: Sequence[RequirementResult],
    today: datetime.date,
    *,
    every: Collection[str],
    narrowed: bool,
) -> Update:
    """Write ``path``. Entries that still fail or are inconclusive stay unchanged, with their comments.

    Entries that pass or match nothing are removed. Each failure without an entry gets one, with an empty reason. An
    expired entry stays, because only people can decide to tolerate it longer. ``entries`` are those in the file.
    """
    document = tomlkit.parse(read_text(path)) if path.is_file() else tomlkit.document().add(tomlkit.comment(_HEAD))
    judged = [judge_entry(entry, results, today, every=every, narrowed=narrowed) for entry in entries]
    removed = [i for i, each in enumerate(judged) if each.state in (EntryState.PASSES, EntryState.UNMATCHED)]
    tables = document.get(TABLE)
    if not isinstance(tables, AoT):
        # There is no entry, or an empty array that is written in single brackets.
        document.pop(TABLE, None)
        tables = tomlkit.aot()
        document.append(TABLE, tables)
    for index in reversed(removed):
        del tables[index]
    new = [r for r in results if r.status in FAILED_OR_WARNING and not any(matches(entry, r) for entry in entries)]
    for result in new:
        tables.append(_table(result, today))
    if not len(tables):
        del document[TABLE]
    write_text(path, tomlkit.dumps(document))
    return Update(kept=len(entries) - len(removed), added=len(new), removed=len(removed))


def _table(result: RequirementResult, today: datetime.date) -> tomlkit.items.Table:
    table = tomlkit.table()
    table.add("requirement", result.id)
    table.add("operation", result.operation)
    table.add("reason", "")
    table.add("owner", "")
    table.add("ticket", "")
    table.add("until", today + datetime.timedelta(days=_DAYS))
    return table
