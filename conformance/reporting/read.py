"""Reading ``results.json`` back, with one clear line if that fails."""

from __future__ import annotations

from pathlib import Path

import msgspec

from conformance.core.errors import InputError
from conformance.core.files import read_text
from conformance.core.validation_messages import validation_message
from conformance.reporting.folder import PREVIOUS
from conformance.reporting.results import FORMAT, FORMER, Results, from_json
from conformance.reporting.verdict import Scope

NAME = "results.json"


def read_results(path: Path) -> Results:
    """The results in a file, or in a folder of reports. Raises InputError."""
    path = path / NAME if path.is_dir() else path
    try:
        results = from_json(read_text(path).encode())
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        why = validation_message(error) if isinstance(error, msgspec.ValidationError) else str(error)
        raise InputError(f"{path}: is not a {NAME} of a run: {why}") from None
    if results.format == FORMER:
        unknown = Scope(complete=False, reasons=(f"{FORMER} does not say what was left out",))
        return msgspec.structs.replace(results, scope=unknown)
    if results.format != FORMAT:
        raise InputError(f"{path}: format {results.format!r} is neither {FORMAT!r} nor {FORMER!r}; run the suite again")
    if results.run.unfinished:
        raise InputError(f"{path}: that run has not finished, or was killed; earlier reports are in {PREVIOUS}/")
    return results
