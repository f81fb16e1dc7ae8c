"""The table of contents: the chapters of the requirements, in the order of the documentation page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.engine.chapters import Chapter, Contents

if TYPE_CHECKING:
    from conformance.engine.requirement import Requirement

CONTENTS = Contents(
    __name__,
    (
        Chapter("operation_and_status", "Operation and status"),
        Chapter("query_select", "Query string: $select", ("values", "names", "effects")),
        Chapter("authorization", "Authorization"),
        Chapter("xsrf_and_app_token", "X-XSRF-TOKEN and SO-AppToken"),
        Chapter("content_type", "Content-Type"),
        Chapter("accept", "Accept"),
        Chapter("languages", "Accept-Language, SO-Language, SO-Culture"),
        Chapter("time_zone", "SO-TimeZone"),
        Chapter("request_body", "Request body"),
        Chapter("response_body", "Response body", ("types", "syntax", "presence")),
        Chapter("meaning", "What the operation means", ("ids_and_states", "elements")),
        Chapter("http", "HTTP"),
    ),
)


def load_requirements() -> dict[str, Requirement]:
    """All requirements by id, chapter by chapter; custom requirements that are loaded come last."""
    from conformance.engine.registry import catalogue

    CONTENTS.load()
    return catalogue()
