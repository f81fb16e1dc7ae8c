"""The extension point for packages and pytest plugins that have custom requirements.

    from conformance import hookimpl

    @hookimpl
    def conformance_requirements():
        return [Path(__file__).with_name("test_acme.py")]

A package names the module that holds its hooks under the entry point group ``conformance``; a ``conftest.py`` and a
pytest plugin need no entry point.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pluggy

hookspec = pluggy.HookspecMarker("conformance")
hookimpl = pluggy.HookimplMarker("conformance")


@hookspec
def conformance_requirements() -> Iterable[ModuleType | Path]:
    """Return modules with requirements, or files and folders that hold them."""
    return ()
