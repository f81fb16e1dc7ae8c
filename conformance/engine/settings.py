"""The options of a run with their types, collected from command line, environment and configuration."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from conformance.core.errors import InputError
from conformance.engine.config import read_config
from conformance.engine.options.effective import Effective, FileValue, UsedOption, resolve, resolve_one
from conformance.engine.options.table import OPTIONS, option


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every option of a run, typed, for the command and for pytest. Times are in seconds, sizes in bytes.

    A field without a docstring is the option with this name in ``engine/options/table.py``, with its default.
    """

    target: str
    run_id: str = ""
    """The id of the run if it is already in reports; empty lets the run make one."""
    given: str = ""
    """The target as it was given, if it was started for this run and ``target`` is its URL."""
    auth: tuple[str, ...] = ()
    auth_option: str = "--auth"
    """Where ``auth`` was given, for messages."""
    app_token: str = ""
    """As it was given. It may be a reference (``env:NAME``), which the target resolves."""
    app_token_option: str = "--app-token"
    """Where ``app_token`` was given, for messages."""
    installation: str = "onsite"
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    insecure: bool = False
    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    proxy: str = ""
    no_proxy: bool = False
    instance_header: str = ""
    config: Path | None = None
    schemas: Path | None = None
    operations: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    profile: str = "standard"
    seed: int | None = None
    strict: bool = False
    fail_on: tuple[str, ...] = ()
    """Statuses (``failed``, ``warning``, ``inconclusive``, ``unstable``); if empty, the verdict decides."""
    confirm: int = 3
    """How often a failure is repeated before it is reported, at most."""
    wrong_credentials: bool = True
    """Whether requests with wrong credentials may be sent."""
    dry_run: bool = False
    rate: float | None = None
    max_requests: int | None = None
    max_failures: int | None = None
    max_time: float | None = None
    max_body: int = 8 * 1024 * 1024
    max_wait: float = 120.0
    timeout: float = 30.0
    wait: float = 0.0
    reports: Path = Path("reports")
    reports_mode: int = 0o600
    since: Path | None = None
    baseline: Path | None = None
    lenient_baseline: bool = False
    accept_known: bool = False
    update_baseline: bool = False
    color: str = "auto"
    shared: Path | None = None
    """The folder in which the processes of a run share the credentials that they have read."""
    used: dict[str, UsedOption] = {}
    """Every option by its name, with its origin and without secrets, for reports."""


class RunOptions:
    """The options of a command or of pytest, read and checked, and the configuration that they name.

    ``given`` has the texts of the command line by the option's name. Raises InputError that names option, variable or
    line.
    """

    def __init__(self, command: str, given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> None:
        path = given.get("config")
        self.config, file = read_config(Path(path) if path else None)
        """The configuration without options."""
        self.effective = resolve(command, given, os.environ if environment is None else environment, file)

    def __getitem__(self, name: str) -> Any:
        """The value of an option; its default if the command does not have the option."""
        return self.effective[name].value if name in self.effective else option(name).default

    @property
    def names_config(self) -> bool:
        """Whether a configuration is given."""
        return self["config"] is not None

    def label(self, name: str) -> str:
        """The place of an option's value for a message: the option, the variable, or file and line."""
        return self.effective[name].label if name in self.effective else f"--{name}"

    def settings(self, target: str, **more: Any) -> Settings:
        """The settings of a run against ``target``; ``more`` are fields that override those of the options."""
        fields = {each.setting: self[each.name] for each in OPTIONS if each.setting}
        fields |= {
            "target": target,
            "auth_option": self.label("auth"),
            "app_token": "" if self["dry-run"] else self["app-token"],
            "app_token_option": self.label("app-token"),
            "used": used_of(self.effective),
        }
        return Settings(**{**fields, **more})


def reports_of(
    command: str, given: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> tuple[Path, int]:
    """Folder and mode of the reports, read before all other options are checked.

    Reports must also show a wrong option. An option that cannot be read is treated as not given.
    """
    return _early(command, given, "reports", environment), _early(command, given, "reports-mode", environment)


def only_planned(command: str, given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> bool:
    """Whether it is a dry run, which writes no reports; read as early as ``reports_of``."""
    return bool(_early(command, given, "dry-run", environment))


def _early(command: str, given: Mapping[str, Any], name: str, environment: Mapping[str, str] | None) -> Any:
    file: dict[str, FileValue] = {}
    with contextlib.suppress(InputError):
        file = read_config(Path(given["config"]) if given.get("config") else None)[1]
    wanted = option(name)
    try:
        return resolve_one(wanted, command, given, os.environ if environment is None else environment, file).value
    except InputError:
        return wanted.default


def used_of(effective: Mapping[str, Effective]) -> dict[str, UsedOption]:
    """The options by name as a report may show them, without secrets."""
    return {name: each.used for name, each in effective.items()}
