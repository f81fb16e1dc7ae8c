"""The folder in which Hypothesis keeps its files while the suite runs, instead of the working directory."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from hypothesis import configuration
from hypothesis.internal.conjecture import providers


@contextlib.contextmanager
def temporary_home() -> Iterator[Path]:
    """Let Hypothesis use a temporary folder, which is yielded and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder, home(Path(folder)):
        yield Path(folder)


@contextlib.contextmanager
def home(folder: Path) -> Iterator[None]:
    """Let Hypothesis use ``folder``, and at the end its earlier one again: the user's own tests may follow."""
    # Hypothesis has a function to set the folder, but none to get it.
    before = vars(configuration).get("__hypothesis_home_directory")
    configuration.set_hypothesis_home_dir(folder)
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)


def without_local_constants() -> contextlib.AbstractContextManager[object]:
    """Let Hypothesis draw no constants that it finds in the source code of local modules.

    It draws some by default. The requests of a seed would then depend on how this package is installed, and on the
    code of the application under test. Hypothesis has no setting for it.
    """
    return mock.patch.object(providers, "is_local_module_file", return_value=False)
