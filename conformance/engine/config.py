"""``conformance.toml``: facts about the target that discovery need not find, and options of a run."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from conformance.client.codec_xml import XmlSpelling
from conformance.client.oauth2 import OAuth2Client, check_client
from conformance.core.errors import InputError
from conformance.core.suggestions import nearest
from conformance.core.toml import TomlFile, read_toml
from conformance.core.validation_messages import validation_message
from conformance.engine.options.effective import FileValue
from conformance.engine.options.table import OPTIONS

FILE = "conformance.toml"


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of the file that are not options.

    Discovery first tries ``ids`` when it looks for data, and also tries ``states`` and ``languages``. ``time_zones``
    maps each code that the target knows to its IANA zone. ``accept_undecided`` maps the id of a requirement to the
    reason why this installation can never decide it: the requirement is then reported as skipped, with that reason.

    ``reads`` and ``writes`` are ids of operations, or glob patterns, of which the user knows that they read or write;
    only operations that read are called. A pattern in ``reads`` covers only operations of unknown effect; an operation
    whose page shows that it writes must be named by its id. ``writes`` overrides ``reads``.

    ``request_xml`` maps an operation's id (or a glob) to how a request body must be written in XML. ``oauth2`` are the
    clients that ``--auth oauth2:NAME`` names. ``transport_authenticates`` says whether the target may authenticate a
    sender by ``--client-cert``, ``--header`` or ``--cookie`` alone.
    """

    ids: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    time_zones: dict[str, str] = {}
    accept_undecided: dict[str, str] = {}
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    request_xml: dict[str, XmlSpelling] = {}
    oauth2: dict[str, OAuth2Client] = {}
    transport_authenticates: bool = True

    def recorded(self) -> Config:
        """The configuration as a report keeps it, without OAuth2 clients: a report must not send a secret anywhere."""
        return msgspec.structs.replace(self, oauth2={})


def load_config(path: Path | None) -> Config:
    """The configuration in the file, without options; see ``read_config``."""
    return read_config(path)[0]


def read_config(path: Path | None) -> tuple[Config, dict[str, FileValue]]:
    """Read the configuration, and the options of a run by key. Both are empty if ``path`` is None.

    Raises InputError (file, line, what to do) if the file is missing, is not TOML, or has an unknown key or value.
    """
    if path is None:
        return Config(), {}
    file = read_toml(path, "--config")
    data = file.data
    fields = [field.name for field in msgspec.structs.fields(Config)]
    keys = [option.toml for option in OPTIONS if option.toml]
    for key in data:
        if key not in (*fields, *keys):
            all_keys = f" (known: {', '.join(fields)}, and the options of conformance run)"
            hint = nearest(key, [*fields, *keys]) or all_keys
            raise InputError(f"{file.at(key)}: unknown key {key!r}{hint}")
    _check_places(file, keys)
    options = {key: FileValue(data.pop(key), file.at(key).removeprefix("--config ")) for key in keys if key in data}
    try:
        config = msgspec.convert(data, type=Config)
    except msgspec.ValidationError as error:
        named = re.search(r"`\$\.(\w+)", str(error))
        where = file.at(named.group(1)) if named else file.name
        raise InputError(f"{where}: {validation_message(error)}") from None
    for code, zone in config.time_zones.items():
        if not _is_zone(zone):
            raise InputError(
                f"{file.at(code)}: time_zones: {code} = {zone!r} is not an IANA time zone (Europe/Oslo, for example)"
            )
    for name, reason in config.accept_undecided.items():
        if not reason.strip():
            raise InputError(f"{file.at(name)}: accept_undecided: {name} has no reason; say why")
    for name, client in config.oauth2.items():
        check_client(client, f"{file.at(f'oauth2.{name}')}: oauth2.{name}")
    return config, options


def _check_places(file: TomlFile, keys: list[str]) -> None:
    """In TOML, a key below a table belongs to the table, so an option there would be read as a time-zone code."""
    for table in ("time_zones", "accept_undecided"):
        content = file.data.get(table)
        for key in content if isinstance(content, dict) else ():
            if key in keys:
                raise InputError(f"{file.at(key)}: {key} is in the table [{table}]; write it above the first table")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
