"""``conformance.toml``: what the user knows of the target and discovery need not find, and options of a run."""

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
    """The file's keys, without those of options.

    ``ids`` are tried first when discovery looks for data; ``states`` and ``languages`` are tried too;
    ``time_zones`` maps each code that the target knows to its IANA zone. ``accept_undecided`` maps a requirement id to
    the reason why this installation can never decide it: it is then reported as skipped, with that reason.

    ``reads`` and ``writes`` are ids of operations, or patterns of them, that the user knows to read or to write: only
    what reads is called. A pattern in ``reads`` covers operations of unknown effect alone; one whose page shows that it
    writes is named by its id. ``writes`` is stronger.

    ``request_xml`` maps an operation's id (or a glob) to how the target spells its request body in XML.
    ``oauth2`` are the clients that ``--auth oauth2:NAME`` names. ``transport_authenticates`` says whether the target
    may know a sender by ``--client-cert``, ``--header`` or ``--cookie`` alone.
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
        """It as a report keeps it. Where a client secret goes is for the user's own file to say, not for a report."""
        return msgspec.structs.replace(self, oauth2={})


def load_config(path: Path | None) -> Config:
    """What the file says of the target; see ``read_config``."""
    return read_config(path)[0]


def read_config(path: Path | None) -> tuple[Config, dict[str, FileValue]]:
    """Read the file: what it says of the target, and the options of a run by key. Without one, nothing.

    Raises InputError (file, line, what to do) if it is missing, is not TOML, or has an unknown key or value.
    """
    if path is None:
        return Config(), {}
    file = read_toml(path, "--config")
    data = file.data
    fields = [field.name for field in msgspec.structs.fields(Config)]
    keys = [option.toml for option in OPTIONS if option.toml]
    for key in data:
        if key not in (*fields, *keys):
            known = f" (known: {', '.join(fields)}, and the options of conformance run)"
            hint = nearest(key, [*fields, *keys]) or known
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
    """In TOML what follows a table belongs to it: an option down there would be a code of a time zone."""
    for table in ("time_zones", "accept_undecided"):
        content = file.data.get(table)
        for key in content if isinstance(content, dict) else ():
            if key in keys:
                raise InputError(f"{file.at(key)}: {key} stands in the table [{table}]; write it above the first table")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
