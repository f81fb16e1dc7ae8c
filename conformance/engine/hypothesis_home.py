"""Where Hypothesis keeps its tables while the suite runs: not in the folder that the user is in."""

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
    """A folder for Hypothesis that is gone afterwards; yields it."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder, home(Path(folder)):
        yield Path(folder)


@contextlib.contextmanager
def home(folder: Path) -> Iterator[None]:
    """Let Hypothesis use ``folder``, and afterwards what it used before: tests of the user's own may come next."""
    # Hypothesis can set it, and has no function to ask for it.
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
