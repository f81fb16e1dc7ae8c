"""The connection to the target as words of a shell: what curl needs beside credentials.

Paths are as they are named from where the run was started. A secret is a variable.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from conformance.client.connection import Connection, FixedHeader, proxy_secrets

_CURL = {"ca_bundle": "--cacert", "client_cert": "--cert", "client_key": "--key"}


def curl_words(connection: Connection) -> tuple[str, ...]:
    """What every curl line needs to reach the target as the run did."""
    found = ["-k"] if connection.insecure else []
    for field, option in _CURL.items():
        path = getattr(connection, field)
        if path:
            is_folder = field == "ca_bundle" and Path(path).is_dir()
            found += ["--capath" if is_folder else option, _path(path)]
    if connection.proxy:
        found += ["-x", _proxy(connection.proxy)]
    return tuple(found)


def variable(carried: FixedHeader) -> str:
    """The variable that holds the secret value of a header: the user's own, if there is one."""
    named = carried.source.removeprefix("env:")
    if named != carried.source and named.isidentifier() and named.isascii():
        return named
    return "CONFORMANCE_WAY_" + "".join(c if c.isalnum() else "_" for c in carried.name.upper())


def cookie_variable(cookies: Sequence[FixedHeader]) -> str:
    """The variable that holds all cookies that every request carries, as one header has them."""
    own = variable(cookies[0])
    return "CONFORMANCE_COOKIES" if len(cookies) > 1 or own.startswith("CONFORMANCE_WAY_") else own


def from_here(path: Path) -> Path:
    """As it is named from the folder in which the run was started: an absolute path would reveal more."""
    if not path.is_absolute():
        return path
    try:
        return Path(os.path.relpath(path))
    except ValueError:
        # Another drive, on Windows.
        return path


def _path(path: str) -> str:
    return shlex.quote(str(from_here(Path(path))))


def _proxy(url: str) -> str:
    return '"${CONFORMANCE_PROXY:?}"' if proxy_secrets(url) else shlex.quote(url)
