"""What is learned of a target from its answers, before it is judged by it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.comparison.target_facts import NullStyle
from conformance.engine.discovery.characteristics import null_style


@pytest.mark.parametrize(
    ("rows", "style"),
    [
        ([], NullStyle.UNSEEN),
        ([{"Id": 1, "Name": "a"}, {"Id": 2, "Name": ""}], NullStyle.UNSEEN),
        ([{"Id": 1, "Name": None}, {"Id": 2, "Name": "b"}], NullStyle.NULLS),
        ([{"Id": 1, "Name": "a"}, {"Id": 2}], NullStyle.LEFT_OUT),
        ([{"Id": 1}, {"Id": 2}], NullStyle.LEFT_OUT),
        ([{"Id": 1, "Name": None}, {"Id": 2}], NullStyle.MIXED),
        ([{"Id": None}, {"Id": 2}], NullStyle.NULLS),
    ],
    ids=["no element", "all valued", "null", "left out", "on none", "null and left out", "null, and one on none"],
)
def test_how_null_is_written(rows: list[dict[str, Any]], style: NullStyle) -> None:
    assert null_style(rows, ("Id", "Name")) is style
