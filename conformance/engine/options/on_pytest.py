"""The table's options as options of pytest. It only imports the table, because every pytest run loads it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.engine.options.option import PYTEST
from conformance.engine.options.table import options_of


def add_options(parser: pytest.Parser) -> None:
    """Add the options to those of pytest."""
    group = parser.getgroup("conformance", "conformance of a web API to its documentation")
    for option in options_of(PYTEST):
        if not option.under_pytest:
            continue
        more: dict[str, Any] = {"metavar": option.metavar or "VALUE"}
        if option.kind.is_flag:
            more = {"action": "store_true", "default": False}
        elif option.repeatable:
            more |= {"action": "append", "default": []}
        # argparse treats a percent sign as a placeholder.
        group.addoption(option.under_pytest, help=option.help_of(PYTEST).replace("%", "%%"), **more)


def taken(config: pytest.Config) -> dict[str, Any]:
    """The texts that were given to pytest, by the option's name."""
    return {option.name: config.getoption(option.under_pytest) for option in options_of(PYTEST) if option.under_pytest}
