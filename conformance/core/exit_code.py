"""The exit statuses of the command."""

from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """What the command ends with."""

    SUCCESS = 0
    """The target is conformant; of another command, that it did what was asked."""
    FAILURE = 1
    """The target is non-conformant; of another command, that it found a difference or a problem."""
    USAGE_ERROR = 2
    """An option, a configuration, a page or another file cannot be used."""
    INCONCLUSIVE = 3
    TARGET_NOT_TESTABLE = 4
    """The target cannot be reached, or refused the credentials before anything was tested."""
