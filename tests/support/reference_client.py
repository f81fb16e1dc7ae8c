"""Asking the reference server in the tests: one ordinary request, and whatever is to be different about it."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import Client, TestResponse

from conformance.contract.model import Contract
from conformance.reference import ACCOUNTS, DEMO_AUTH, ReferenceApplication

IDS = [0, 3, 7, 12, 21, 38]
USER, PASSWORD = next(iter(ACCOUNTS.items()))
BASIC = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
TICKET = "SoTicket " + DEMO_AUTH[1].removeprefix("soticket:")
BEARER = "Bearer " + DEMO_AUTH[2].removeprefix("bearer:")
SESSIONS = [
    {"Cookie": auth.removeprefix("session:").split(";")[0], "X-XSRF-TOKEN": auth.split(";XSRF=")[1]}
    for auth in DEMO_AUTH[3:]
]


class Asker:
    """An application with one ordinary request to it, of which each part may be replaced."""

    def __init__(self, contract: Contract, *faults: str, installation: Any = "onsite") -> None:
        self.application = ReferenceApplication(contract, faults, installation)
        self.path = contract.operations[0].operation.path
        self.client = Client(self.application, use_cookies=False)

    def __call__(
        self,
        ids: Any = (),
        state: Any = "All",
        *,
        body: bytes | str | None = None,
        query: str = "",
        method: str = "POST",
        path: str = "",
        auth: str | None = BASIC,
        content_type: str | None = "application/json",
        **headers: str,
    ) -> TestResponse:
        if body is None:
            body = json.dumps({"AssociateIds": list(ids) or IDS, "State": state})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if auth is not None:
            named["Authorization"] = auth
        if content_type is not None:
            named["Content-Type"] = content_type
        return self.client.open(
            self.path + path, method=method, data=body, query_string=query, headers=list(named.items())
        )

    def rows(self, *args: Any, **options: Any) -> list[dict[str, Any]]:
        """The elements of a JSON answer."""
        response = self(*args, **options)
        assert response.status_code == 200, response.get_data(as_text=True)
        rows: list[dict[str, Any]] = json.loads(response.data)
        return rows


def form(**fields: Any) -> str:
    """A form body."""
    return urlencode(fields, doseq=True)
