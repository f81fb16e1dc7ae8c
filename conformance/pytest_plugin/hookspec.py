"""pytest hooks between the plugin and a command that drives it.

Requirements from elsewhere have a hook of their own: ``conformance.engine.hookspec``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.core.errors import InputError
    from conformance.engine.run import Run
    from conformance.reporting.results import Results


@pytest.hookspec(firstresult=True)
def pytest_conformance_run() -> Run | None:
    """Return the run to execute; without it, the run is made from pytest's options."""


@pytest.hookspec(firstresult=True)
def pytest_conformance_error(error: InputError) -> bool | None:
    """Nothing can be tested, for this reason. Return True if it is reported to the user already."""


@pytest.hookspec
def pytest_conformance_results(results: Results) -> None:
    """The verdict is decided, and the reports are written."""
