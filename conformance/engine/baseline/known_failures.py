"""``--baseline FILE``: the failures that are known, each with a reason and a date until which it is tolerated.

[[known]]
requirement = "SEL-03"
operation = "v1BatchAgent_*"    # a glob; without it, every operation
reason = "properties that were not selected are still sent; the next release fixes it"
owner = "platform team"
ticket = "API-1234"
until = 2027-03-31
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import msgspec

from conformance.core.errors import InputError
from conformance.core.suggestions import nearest
from conformance.core.toml import read_toml
from conformance.core.validation_messages import validation_message
from conformance.engine.settings import Settings

TABLE = "known"


class KnownFailure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the file. The last day of ``until`` still counts."""

    requirement: str
    reason: str
    until: datetime.date
    operation: str = "*"
    owner: str = ""
    ticket: str = ""


def load_baseline(path: Path, *, unfinished: bool = False) -> tuple[KnownFailure, ...]:
    """Read the file. Raises InputError (file, line, what to do) if it cannot be used.

    ``unfinished`` allows entries with an empty reason, because the file is about to be written again.
    """
    try:
        file = read_toml(path, "--baseline")
    except InputError as error:
        raise InputError(str(error) if path.is_file() else f"{error}; write one with --update-baseline") from None
    data = file.data
    for key in data:
        if key != TABLE:
            raise InputError(f"{file.at(key)}: unknown key {key!r}; write entries as [[{TABLE}]]")
    raw = data.get(TABLE, [])
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise InputError(f"{file.at(TABLE)}: write each entry as [[{TABLE}]], in double brackets")
    lines = file.table_lines(TABLE)
    entries, problems = [], []
    for index, item in enumerate(raw):
        where = f"{file.name}:{lines[index] if index < len(lines) else 1}: entry {index + 1}"
        try:
            entries.append(_entry(item, where, unfinished))
        except InputError as error:
            problems.append(str(error))
    if problems:
        # All problems in one message, because otherwise each one is found only after the one before is corrected.
        raise InputError("; ".join([problems[0], *(each.removeprefix(f"--baseline {path}:") for each in problems[1:])]))
    return tuple(entries)


def _entry(item: dict[str, Any], where: str, unfinished: bool) -> KnownFailure:
    fields = {field.name: field for field in msgspec.structs.fields(KnownFailure)}
    for key in item:
        if key not in fields:
            raise InputError(f"{where}: unknown key {key!r}{nearest(key, fields)} (known: {', '.join(fields)})")
    for name, field in fields.items():
        if field.required and name not in item:
            raise InputError(f"{where}: {name} is missing{_HINTS[name]}")
    try:
        entry = msgspec.convert(item, type=KnownFailure)
    except msgspec.ValidationError as error:
        if "until" in str(error):
            raise InputError(f"{where}: until is not a date; write it as until = 2027-03-31") from None
        raise InputError(f"{where}: {validation_message(error)}") from None
    if not entry.reason.strip() and not unfinished:
        raise InputError(f"{where} ({entry.requirement}): the reason is empty; say why the failure is tolerated")
    return msgspec.structs.replace(entry, requirement=entry.requirement.strip().upper())


_HINTS = {
    "requirement": '; name one, as in requirement = "SEL-03"',
    "reason": "; say why the failure is tolerated",
    "until": "; write the last day on which it is tolerated, as in until = 2027-03-31",
}


def failures_of(settings: Settings) -> tuple[KnownFailure, ...]:
    """The known failures of ``--baseline``. Raises InputError, also if ``--update-baseline`` cannot write the file."""
    path = settings.baseline
    if path is None:
        for option in ("lenient_baseline", "accept_known", "update_baseline"):
            if getattr(settings, option):
                raise InputError(f"--{option.replace('_', '-')} needs a file: give it with --baseline FILE")
        return ()
    if settings.update_baseline:
        is_new = not path.exists()
        try:
            # This is known before anything is sent, and does not change an existing file.
            with path.open("a"):
                pass
            if is_new:
                path.unlink()
        except OSError as error:
            raise InputError(f"--baseline {path}: cannot be written: {error.strerror}") from None
        if is_new:
            return ()
    return load_baseline(path, unfinished=settings.update_baseline)
