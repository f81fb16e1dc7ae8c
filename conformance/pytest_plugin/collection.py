"""Collection: the suite's requirements and custom ones become items, in the order in which they are tried."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.pytest_plugin.items import RequirementItem, items_of
from conformance.pytest_plugin.reports import fail
from conformance.pytest_plugin.runs import UNUSABLE, is_worker, run_of, target_of
from conformance.pytest_plugin.xdist import NO_OPERATION


def pytest_plugin_registered(plugin: object) -> None:
    """A plugin or ``conftest.py`` may bring requirements by the hook ``conformance_requirements``."""
    if hasattr(plugin, "conformance_requirements"):
        from conformance.engine.custom_requirements import HOOKS

        if not HOOKS.is_registered(plugin):
            HOOKS.register(plugin)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Where the suite is collected, the requirements of installed packages and of hooks are, too."""
    config = session.config
    if "conformance.requirements" not in config.invocation_params.args or not target_of(config):
        return
    from conformance.core.errors import InputError
    from conformance.engine.custom_requirements import load_installed
    from conformance.requirements import load_requirements

    load_requirements()
    try:
        config.args += map(str, load_installed())
    except InputError as error:
        fail(config, error)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A module of custom requirements that was imported already is not imported again."""
    custom = sys.modules.get("conformance.engine.custom_requirements")
    loaded = custom.LOADED.get(module_path.resolve()) if custom else None
    if loaded is None:
        return None
    module: pytest.Module = pytest.Module.from_parent(parent, path=module_path)
    module.obj = loaded
    return module


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, obj: object) -> list[pytest.Item] | None:
    """One item for each operation, if the object is a requirement's function."""
    registry = sys.modules.get("conformance.engine.registry")
    requirement = registry.requirement_of(obj) if registry else None
    if requirement is None:
        return None
    from conformance.core.errors import InputError

    config = collector.config
    try:
        operations = list(run_of(config).probes)
    except InputError as error:
        # Raised here, it would be an error of each module; the whole run ends with it, once.
        config.stash[UNUSABLE] = error
        operations = [NO_OPERATION]
    return items_of(collector, requirement, operations)


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what the options ask for; run-wide checks come last."""
    found = ours(items)
    if not found:
        return
    if UNUSABLE in config.stash:
        if is_worker(config):
            # The controller sees it by the name, and reports it once.
            return
        fail(config, config.stash[UNUSABLE])
    run = run_of(config)
    place = {(each.id, operation): position for position, (each, operation) in enumerate(run.cases())}
    dropped = [item for item in found if item.case not in place]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    others = [item for item in items if not isinstance(item, RequirementItem)]
    kept = [item for item in found if item.case in place]
    items[:] = [*others, *sorted(kept, key=lambda item: place[item.case])]


def ours(items: Sequence[pytest.Item]) -> list[RequirementItem]:
    """The items that are requirements."""
    return [item for item in items if isinstance(item, RequirementItem)]
