"""Request bodies as ``application/x-www-form-urlencoded`` (WHATWG URL, application/x-www-form-urlencoded)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode


def encode_form(value: dict[str, Any], index: str = "") -> bytes:
    """A flat object as a form; an array as a repeated name, followed by ``index`` (``{}`` is the position).

    Null is left out: a form has no word for it. The page shows no form, so the spelling of arrays is open:
    ``AssociateIds=1``, ``AssociateIds[]=1`` and ``AssociateIds[0]=1`` are all in use.
    """
    pairs: list[tuple[str, str]] = []
    for name, item in value.items():
        if isinstance(item, list):
            pairs += [(name + index.format(position), _text(entry)) for position, entry in enumerate(item)]
        elif item is not None:
            pairs.append((name, _text(item)))
    return urlencode(pairs).encode("ascii")


def _text(item: Any) -> str:
    return ("true" if item else "false") if isinstance(item, bool) else str(item)
