"""Values that an option names instead of holding: ``env:NAME``, ``file:PATH`` and ``cmd:PROGRAM``.

They are secrets as a rule, so no message repeats one. ``cmd:`` runs a program of the user's, without a shell.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import threading
from pathlib import Path

from conformance.core.errors import InputError

LIMIT = 64 * 1024
"""Bytes that a file or a program's output may have: a credential is shorter, a wrong file often is not."""
SECONDS = 10.0
"""How long a program may take."""
_SOURCES = ("env", "file", "cmd")


def is_named(value: str) -> bool:
    """Whether the value is looked up elsewhere, so that it may be another one the next time."""
    return value.partition(":")[0] in _SOURCES and ":" in value


def look_up(value: str, option: str) -> str:
    """``value``, or what ``env:NAME``, ``file:PATH`` or ``cmd:PROGRAM`` names, read now.

    Raises InputError that names ``option``.
    """
    source, _, name = value.partition(":")
    if source == "env":
        found = os.environ.get(name)
        if found is None:
            raise InputError(f"{option}: the environment variable {name} is not set")
        return found
    if source == "file":
        return _text(_read(name, option), f"{option}: cannot read {name}")
    if source == "cmd":
        return _text(_run(name, option), f"{option}: cannot use the output of the program of cmd:")
    return value


def _text(data: bytes, problem: str) -> str:
    if len(data) > LIMIT:
        raise InputError(f"{problem}: it is larger than 64 KiB, which is not a credential")
    try:
        # Editors of some systems put a byte order mark before the text.
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise InputError(f"{problem}: it is not UTF-8 text") from None


def _read(name: str, option: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not the name of a file"
        raise InputError(f"{option}: cannot read {name}: {reason}") from None


def _run(command: str, option: str) -> bytes:
    """The output of a program; what it writes to standard error may be secret too and is not shown."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"{option}: the command of cmd: cannot be split into words ({error})") from None
    if not words:
        raise InputError(f"{option}: cmd: names no program; write it as cmd:PROGRAM ARGUMENTS")
    quiet = subprocess.DEVNULL
    try:
        # A group of its own, so that what the program starts ends with it.
        process = subprocess.Popen(
            words, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet, start_new_session=True, close_fds=True
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not the name of a program"
        raise InputError(f"{option}: cannot run {words[0]}: {reason}") from None
    output: list[bytes] = []
    reader = threading.Thread(target=_drain, args=(process, output), daemon=True)
    reader.start()
    try:
        reader.join(SECONDS)
        in_time = not reader.is_alive()
        status = process.wait(SECONDS) if in_time and len(output[0]) <= LIMIT else 0
    except subprocess.TimeoutExpired:
        in_time, status = False, 0
    finally:
        _end(process, reader)
    if not in_time:
        raise InputError(f"{option}: the program {words[0]} did not end within {SECONDS:g} s")
    if status != 0:
        raise InputError(
            f"{option}: the program {words[0]} ended with status {status}; run it in a terminal to see why"
        )
    return output[0]


def _drain(process: subprocess.Popen[bytes], output: list[bytes]) -> None:
    assert process.stdout is not None
    data = b""
    with contextlib.suppress(OSError, ValueError):
        data = process.stdout.read(LIMIT + 1)
    output.append(data)


def _end(process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
    """End the program, if it has not ended, and what it started."""
    if process.poll() is None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
    reader.join(1)
    if process.stdout is not None and not reader.is_alive():
        with contextlib.suppress(OSError):
            process.stdout.close()
