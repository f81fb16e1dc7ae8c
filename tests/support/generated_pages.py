"""Small pages in the form of the documentation, for tests that need one with this or that in it."""

from __future__ import annotations


def page(
    *,
    id: str = "id: v1Thing_Get",
    title: str = "POST Thing",
    method: str = "POST /api/v1/Thing",
    head: str = "",
    content_type: str = "`application/json`",
    request: str = "",
    statuses: str = "| 200 | OK |",
    response: str = "## Response: object",
    body: str = "Response body: object",
    table: str = "",
    sent: str = "",
    received: str = "",
    sample: str = "",
) -> str:
    types = f"| Content-Type | `type`: {content_type} |\n" if request else ""
    sample_request = f"```http!\n{method}\nContent-Type: application/json\n\n{sent}\n```\n" if sent else ""
    sample_response = (
        f"```http_\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{received}\n```\n" if received else ""
    )
    return f"""---
title: {title}
{id}
---

# {title}

```http
{method}
```

{head}

## Request Headers

| Parameter Name | Description |
|----|----|
| Authorization | 'Basic' |
{types}| Accept | `application/json` |

{request}

{response}

| Response | Description |
|----|----|
{statuses}

{body}

{table}

## Sample Request

{sample}{sample_request}
{sample_response}"""


def properties(*rows: str) -> str:
    return "\n".join(["| Property Name | Type | Description |", "|----|----|----|", *(f"| {row} |" for row in rows)])
