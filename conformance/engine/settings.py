"""The options of a run with their types, and how they are gathered from everywhere that they can be given."""

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
    """Every option of a run, one typed place for the command and for pytest. Times in seconds, sizes in bytes.

    The fields are the rows of ``engine/options/table.py``, with their defaults, but for those that say otherwise.
    """

    target: str
    run_id: str = ""
    """Names the run where reports had to be written before there was a session; else the session makes one."""
    given: str = ""
    """How the target was named where ``target`` is the URL of one that was started for this run."""
    auth: tuple[str, ...] = ()
    auth_option: str = "--auth"
    """Where ``auth`` was given, for messages."""
    app_token: str = ""
    """As it was given: it may be a reference (``env:NAME``), which the target looks up."""
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
    """Statuses (``failed``, ``warning``, ``inconclusive``, ``unstable``); empty leaves it to the verdict."""
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
    """Folder in which the processes of a run share what they read of credentials."""
    used: dict[str, UsedOption] = {}
    """Every option by its name, with where it comes from and without secrets: what a report may show."""


class RunOptions:
    """The options of a command or of pytest, read and checked, and the configuration that they name.

    ``given`` is what was written, by the option's name. Raises InputError that names option, variable or line.
    """

    def __init__(self, command: str, given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> None:
        path = given.get("config")
        self.config, file = read_config(Path(path) if path else None)
        """What is known of the target."""
        self.effective = resolve(command, given, os.environ if environment is None else environment, file)

    def __getitem__(self, name: str) -> Any:
        """The value of an option; its default where the command does not have it."""
        return self.effective[name].value if name in self.effective else option(name).default

    @property
    def names_config(self) -> bool:
        """Whether a configuration is given."""
        return self["config"] is not None

    def label(self, name: str) -> str:
        """What a message about an option's value names: the option, the variable, or file and line."""
        return self.effective[name].label if name in self.effective else f"--{name}"

    def settings(self, target: str, **more: Any) -> Settings:
        """The settings of a run against ``target``; ``more`` are fields of which the caller knows better."""
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
    """Folder and mode of the reports, before anything else is known to be right.

    A mistake has to be reported too: what cannot be read counts as not given.
    """
    return _early(command, given, "reports", environment), _early(command, given, "reports-mode", environment)


def only_planned(command: str, given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> bool:
    """Whether it is a dry run, which writes no reports; known as early as ``reports_of``."""
    return bool(_early(command, given, "dry-run", environment))


def _early(command: str, given: Mapping[str, Any], name: str, environment: Mapping[str, str] | None) -> Any:
    file: dict[str, FileValue] = {}
    with contextlib.suppress(InputError):
        file = read_config(Path(given["config"]) if given.get("config") else None)[1]
    row = option(name)
    try:
        return resolve_one(row, command, given, os.environ if environment is None else environment, file).value
    except InputError:
        return row.default


def used_of(effective: Mapping[str, Effective]) -> dict[str, UsedOption]:
    """What a report may show of the options, by name."""
    return {name: each.used for name, each in effective.items()}
