"""The one error that a user can cause."""

from __future__ import annotations

from conformance.core.exit_code import ExitCode


class InputError(Exception):
    """Bad input: a page, a folder, an option, a configuration or a target that cannot be used.

    The message is one line that names the file and line, or the option, and what to do. The command prints it
    without a traceback and ends with ``exit_status``.
    """

    def __init__(self, message: str, *, exit_status: ExitCode = ExitCode.USAGE_ERROR) -> None:
        super().__init__(message)
        self.exit_status = exit_status
