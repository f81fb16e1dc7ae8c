"""The bodies of a run without a journal: equal ones kept once, large ones out of memory.

Its reports have every answer: 400 answers of 8 MiB are 3 GB.
Large bodies go, compressed, to a temporary file that has no name: it is gone with the process, however that ends, and
nothing else can open it.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import weakref
import zlib
from collections import OrderedDict
from typing import IO

_LARGE = 64 * 1024
"""Bytes from which on a body is kept in the file."""
_SMALL = 1024
"""Bytes up to which it is kept in memory, however full that is."""
_IN_MEMORY = 48 * 1024 * 1024
"""Bytes of bodies in memory, in total."""
_LOADED = 2
"""How many bodies are kept after they were read from the file: most judgements look at two."""


class StoredBody:
    """A body in the file. Two are equal if their bytes are."""

    __slots__ = ("_at", "_length", "_store", "digest", "size")

    def __init__(self, store: BodyStore, digest: bytes, size: int, at: int, length: int) -> None:
        self._store = store
        self.digest = digest
        self.size = size
        self._at = at
        self._length = length

    def load(self) -> bytes:
        """The bytes; raises OSError if the file cannot be read."""
        return self._store.load(self, self._at, self._length)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredBody) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


class BodyStore:
    """Keeps bodies; ``keep`` gives what stands for one."""

    def __init__(self) -> None:
        self._small: dict[bytes, bytes] = {}
        self._in_memory = 0
        self._stored: dict[bytes, StoredBody] = {}
        self._loaded: OrderedDict[bytes, bytes] = OrderedDict()
        self._file: IO[bytes] | None = None
        self._end = 0
        self._lock = threading.Lock()

    def keep(self, body: bytes) -> bytes | StoredBody:
        """The same bytes, or what loads them; equal bodies give the same object."""
        with self._lock:
            known = self._small.get(body)
            if known is not None:
                return known
            room = len(body) < _LARGE and self._in_memory + len(body) <= _IN_MEMORY
            if room or len(body) <= _SMALL:
                self._in_memory += len(body)
                self._small[body] = body
                return body
            digest = hashlib.sha256(body).digest()
            if digest not in self._stored:
                try:
                    self._stored[digest] = self._write(digest, body)
                except OSError:
                    # The disk is full, or there is no folder for temporary files: then it stays in memory.
                    return body
            return self._stored[digest]

    def load(self, body: StoredBody, at: int, length: int) -> bytes:
        """The bytes of a body that was kept."""
        with self._lock:
            data = self._loaded.pop(body.digest, None)
            if data is None:
                assert self._file is not None
                self._file.seek(at)
                data = zlib.decompress(self._file.read(length))
            self._remember(body.digest, data)
            return data

    def _write(self, digest: bytes, body: bytes) -> StoredBody:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="conformance-")  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        packed = zlib.compress(body, 1)
        self._file.seek(self._end)
        self._file.write(packed)
        stored = StoredBody(self, digest, len(body), self._end, len(packed))
        self._end += len(packed)
        # Who sent the request judges it next.
        self._remember(digest, body)
        return stored

    def _remember(self, digest: bytes, data: bytes) -> None:
        self._loaded[digest] = data
        while len(self._loaded) > _LOADED:
            self._loaded.popitem(last=False)
