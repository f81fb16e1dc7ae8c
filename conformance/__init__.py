"""Contract and conformance test suite for documented web APIs.

What custom requirements may use is in ``__all__``; every other module is private and may move in any release.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.assertions.elements import expect_same_elements
    from conformance.client.exchange import Intent
    from conformance.comparison.answer import Answer
    from conformance.comparison.outcomes import Inconclusive, NotApplicable
    from conformance.engine.probe import Probe
    from conformance.engine.registry import requirement
    from conformance.engine.requirement import (
        MAY,
        MUST,
        REQUEST_BODY,
        RESPONSE_BODY,
        SAMPLE_REQUEST,
        SAMPLE_RESPONSE,
        SHOULD,
        STATUS,
        SUMMARY,
        header,
        principle,
        query,
        rfc,
    )

__version__ = "0.1.0"

__all__ = [
    "MAY",
    "MUST",
    "REQUEST_BODY",
    "RESPONSE_BODY",
    "SAMPLE_REQUEST",
    "SAMPLE_RESPONSE",
    "SHOULD",
    "STATUS",
    "SUMMARY",
    "Answer",
    "Inconclusive",
    "Intent",
    "NotApplicable",
    "Probe",
    "__version__",
    "expect_same_elements",
    "header",
    "principle",
    "query",
    "requirement",
    "rfc",
]

_MODULES = {
    "Answer": "comparison.answer",
    "Inconclusive": "comparison.outcomes",
    "NotApplicable": "comparison.outcomes",
    "Intent": "client.exchange",
    "Probe": "engine.probe",
    "expect_same_elements": "assertions.elements",
    "requirement": "engine.registry",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: commands that test nothing start without the engine."""
    if name not in __all__:
        raise AttributeError(f"module 'conformance' has no attribute {name!r}")
    module = importlib.import_module(f"conformance.{_MODULES.get(name, 'engine.requirement')}")
    return getattr(module, name)
