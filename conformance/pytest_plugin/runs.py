"""The run of a pytest process: made from pytest's options, or brought by the command that drives pytest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.engine.options.on_pytest import taken
from conformance.pytest_plugin.reports import aside, run_id

if TYPE_CHECKING:
    from conformance.core.errors import InputError
    from conformance.engine.run import Run
    from conformance.engine.settings import RunOptions, Settings

RUN: pytest.StashKey[Run] = pytest.StashKey()
DRIVEN: pytest.StashKey[bool] = pytest.StashKey()
"""Whether a command brought the run: it has begun the reports, and it reports errors itself."""
UNUSABLE: pytest.StashKey[InputError] = pytest.StashKey()
"""Why no run could be made while tests were collected."""
NO_TARGET = "--target is missing: give the base URL of the server under test"


def run_of(config: pytest.Config) -> Run:
    """The run, made from pytest's options unless a command brought its own. Raises InputError."""
    if RUN not in config.stash:
        brought = config.hook.pytest_conformance_run()
        config.stash[DRIVEN] = brought is not None
        config.stash[RUN] = brought or _of_options(config)
    return config.stash[RUN]


def _of_options(config: pytest.Config) -> Run:
    from conformance.engine.run import Run
    from conformance.requirements import load_requirements

    load_requirements()
    options = _options(config)
    return Run(_settings(config, options), options.config)


def is_driven(config: pytest.Config) -> bool:
    """Whether a command brought the run."""
    return config.stash.get(DRIVEN, False)


def _options(config: pytest.Config) -> RunOptions:
    from conformance.engine.settings import RunOptions

    return RunOptions("pytest", taken(config))


def _settings(config: pytest.Config, options: RunOptions) -> Settings:
    """The settings of this process; workers share the limits out. Raises InputError."""
    from conformance.core.errors import InputError

    if not options["target"]:
        raise InputError(NO_TARGET)
    given = getattr(config, "workerinput", {})
    share, rate, most = given.get("conformance_share", 1), options["rate"], options["max-requests"]
    return options.settings(
        options["target"],
        run_id=run_id(config),
        since=aside(config, options["since"]),
        seed=given.get("conformance_seed", options["seed"]),
        rate=rate and rate / share,
        max_requests=most and max(1, most // share),
        shared=Path(given["conformance_shared"]) if "conformance_shared" in given else None,
    )


def target_of(config: pytest.Config) -> str | None:
    """The URL that is tested, or None if none is named."""
    return config.getoption("--target") or os.environ.get("CONFORMANCE_TARGET")


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")
