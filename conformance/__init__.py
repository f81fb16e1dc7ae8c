"""Contract and conformance test suite for documented web APIs.

What custom requirements may use is in ``__all__``; every other module is private and may move in any release.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.assertions.elements import expect_same_elements, same_elements
    from conformance.assertions.responses import (
        expect_media_type,
        expect_no_data,
        expect_no_server_error,
        expect_refusal,
        expect_status,
        expect_success,
    )
    from conformance.client.exchange import Intent
    from conformance.comparison.answer import Answer
    from conformance.comparison.outcomes import Inconclusive, NotApplicable
    from conformance.engine.hookspec import hookimpl
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
    "expect_media_type",
    "expect_no_data",
    "expect_no_server_error",
    "expect_refusal",
    "expect_same_elements",
    "expect_status",
    "expect_success",
    "header",
    "hookimpl",
    "principle",
    "query",
    "requirement",
    "rfc",
    "same_elements",
]

_MODULES = {
    "Answer": "comparison.answer",
    "Inconclusive": "comparison.outcomes",
    "Intent": "client.exchange",
    "NotApplicable": "comparison.outcomes",
    "Probe": "engine.probe",
    "hookimpl": "engine.hookspec",
    "expect_media_type": "assertions.responses",
    "expect_no_data": "assertions.responses",
    "expect_no_server_error": "assertions.responses",
    "expect_refusal": "assertions.responses",
    "expect_same_elements": "assertions.elements",
    "expect_status": "assertions.responses",
    "expect_success": "assertions.responses",
    "requirement": "engine.registry",
    "same_elements": "assertions.elements",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: commands that test nothing start without the engine."""
    if name not in __all__:
        raise AttributeError(f"module 'conformance' has no attribute {name!r}")
    module = importlib.import_module(f"conformance.{_MODULES.get(name, 'engine.requirement')}")
    return getattr(module, name)
