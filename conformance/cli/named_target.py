"""The target of a run that a file names: the user has to name it too, because the file may be of somebody else."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from conformance.core.errors import InputError

if TYPE_CHECKING:
    from conformance.reporting.results import TargetInfo


def named_target(given: str | None, recorded: TargetInfo) -> str:
    """The target that the user names; without it the reference server, if the run was against that.

    Raises InputError for any other target: what a file names gets no credentials, and no code of it is run.
    """
    from conformance.reporting.results import REFERENCE

    if given:
        return given
    if recorded.given == REFERENCE:
        return REFERENCE
    where = recorded.given or recorded.url
    shown = where if where.isprintable() else ascii(where)
    raise InputError(
        f"the run was against {shown}; a file does not choose where credentials go, so name the target: "
        f"add --target {shlex.quote(shown)}"
    )
