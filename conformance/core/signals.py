"""The signals that ask a run to end: Ctrl-C, what CI systems cancel with, a terminal that is closed."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

# Windows has no SIGHUP.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextlib.contextmanager
def ignored() -> Iterator[None]:
    """Nothing interrupts what is inside: a second Ctrl-C must not damage the reports that the first one asks for."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = _handle(signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def interruptible() -> Iterator[threading.Event]:
    """The first signal raises KeyboardInterrupt, later ones nothing; yields whether one came.

    An exception that a signal raises in a destructor or a callback of the garbage collector is lost; the event is not.
    """
    asked = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            # The reports are about to be written; a second exception would damage them.
            return
        asked.set()
        raise KeyboardInterrupt

    def unraisable(what: Any) -> None:
        # The interruption came in a destructor, where Python prints what it cannot raise.
        if not isinstance(what.exc_value, KeyboardInterrupt):
            sys.__unraisablehook__(what)

    before = _handle(interrupt)
    hook, sys.unraisablehook = sys.unraisablehook, unraisable
    try:
        yield asked
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            # Who asked once may ask again while the last lines are printed; the exit status must show the verdict.
            signal.signal(number, signal.SIG_IGN if asked.is_set() else handler)


def _handle(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> dict[int, Any]:
    return {number: signal.signal(number, handler) for number in SIGNALS}
