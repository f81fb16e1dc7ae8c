"""JSON request bodies, strictly by RFC 8259."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from conformance.reference.faults.catalogue import Faults

_ESCAPED_NAME = re.compile(r'"((?:[^"\\]|\\.)*\\u(?:[^"\\]|\\.)*)"(?=\s*:)')


def read_json(text: str, faults: Faults) -> Any:
    """The value that the text is; raises ValueError or RecursionError if it is not JSON."""
    if _ESCAPED_NAME.search(text) and faults("escapes-not-decoded"):
        text = _ESCAPED_NAME.sub(lambda found: f'"{found[1]}"'.replace("\\u", "\\\\u"), text)
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
