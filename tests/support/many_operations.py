"""Pages of several operations."""

from __future__ import annotations

from support.generated_pages import page, properties

TABLE = properties("Id | int32 | x", "Name | string | x", "When | date-time | x")


PAGES = {
    "objects": page(
        id="id: Objects", title="GET Objects", method="GET /api/v1/Objects", response="## Response: array",
        body="Response body: array", table=TABLE, received='[{"Id": 1, "Name": "a", "When": "2020-01-02T03:04:05Z"}]',
    ),
    "texts": page(
        id="id: Texts", title="GET Texts", method="GET /api/v1/Texts", response="## Response: array",
        body="Response body: array", received='["a", "b"]',
    ),
    "number": page(
        id="id: Number", title="GET Number", method="GET /api/v1/Number", response="## Response: int32",
        body="Response body: int32", received="7",
    ),
    "one": page(id="id: One", title="GET One/{id}", method="GET /api/v1/One/{id}", table=TABLE),
    "delete": page(id="id: Delete", title="DEL One", method="DELETE /api/v1/One", statuses="| 204 | x |", response="## Response", body=""),
}  # fmt: skip
