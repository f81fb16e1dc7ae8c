"""Many pages read by several processes, if that saves time."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any, TypeVar

import msgspec

from conformance.core.errors import InputError
from conformance.pages.page_file import PageFile

T = TypeVar("T")

# Fewer pages than this are read before another process has started.
_WORTH_A_POOL = 80
_CHUNK = 16


def each_page(
    function: Callable[[PageFile], T], kind: type[T], pages: Sequence[PageFile], workers: int | None = None
) -> Iterator[T | str]:
    """``function`` of each page, in the order given; the one line of an InputError if a page cannot be used.

    ``kind`` is the type that the function returns; ``workers`` is the number of cores if it is None.
    """
    workers = workers or os.cpu_count() or 1
    if workers == 1 or len(pages) < _WORTH_A_POOL:
        for page in pages:
            yield _try(function, page)
        return
    # A process that has other threads must not be forked.
    alone = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if alone else "spawn")
    chunks = [pages[start : start + _CHUNK] for start in range(0, len(pages), _CHUNK)]
    expected: Any = list[kind | str]  # type: ignore[valid-type]
    try:
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            for encoded in pool.map(partial(_chunk, function), chunks):
                yield from msgspec.msgpack.decode(encoded, type=expected)
    except BrokenProcessPool:
        raise InputError("a process that reads pages was killed; try again with --workers 1") from None


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Many records make no cycles; looking for cycles takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _chunk(function: Callable[[PageFile], Any], pages: Sequence[PageFile]) -> bytes:
    with without_collector():
        return msgspec.msgpack.encode([_try(function, page) for page in pages])


def _try(function: Callable[[PageFile], T], page: PageFile) -> T | str:
    try:
        return function(page)
    except InputError as error:
        return str(error)
