"""Values as they are stored: compressed if that makes them smaller, as SQLite's ``sqlar_uncompress`` reads them."""

from __future__ import annotations

import hashlib
import zlib

LARGEST = 1_000_000_000
"""Bytes of a body at most: SQLite stores no larger value, so only a manipulated file can announce one."""
_SHORTEST = 128
"""Bytes below which compressing is not tried."""


def digest_of(body: bytes) -> bytes:
    """What a body is known by."""
    return hashlib.sha256(body).digest()


def pack(body: bytes) -> bytes:
    """It compressed, or as it is if that is not larger."""
    if len(body) < _SHORTEST:
        return body
    packed = zlib.compress(body, 1)
    return packed if len(packed) < len(body) else body


def unpack_body(data: bytes, size: int, digest: bytes) -> bytes:
    """The body; raises ValueError if it is not the one that was stored."""
    body = unpack(data, size)
    if digest_of(body) != digest:
        raise ValueError("a body does not have its digest")
    return body


def unpack(data: bytes, size: int) -> bytes:
    """What was packed; raises ValueError or TypeError if this is not what ``pack`` gave."""
    if not isinstance(data, bytes):
        raise TypeError("a value has the wrong type")
    if not 0 <= size <= LARGEST:
        raise ValueError("a value has an impossible size")
    if len(data) != size:
        unpacker = zlib.decompressobj()
        try:
            # Not more than announced: a few bytes can be made that give gigabytes.
            data = unpacker.decompress(data, size + 1)
        except zlib.error:
            raise ValueError("a value cannot be decompressed") from None
        if len(data) != size:
            raise ValueError("a value has another size than was recorded")
    return data
