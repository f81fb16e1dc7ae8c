"""The requests about one operation: the baseline request, with changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from conformance.client.codec_json import encode_json
from conformance.client.credentials import Credential
from conformance.client.exchange import Headers, Request
from conformance.client.target import Target
from conformance.comparison.outcomes import RedactedValue
from conformance.comparison.redacted import redacted_in
from conformance.comparison.target_facts import TargetFacts
from conformance.contract.model import OperationContract
from conformance.core.media_types import is_json


class _Default:
    """The type of ``DEFAULT``, which stands for the value of the baseline request."""


DEFAULT = _Default()


class RequestBuilder:
    """Builds requests about one operation from its documentation and from ``facts``, which discovery found."""

    def __init__(self, contract: OperationContract, target: Target) -> None:
        self.contract = contract
        self.operation = contract.operation
        self.target = target
        self.facts = TargetFacts()
        self._position = 0
        """The position of the credential that is used by default."""

    @property
    def credential(self) -> Credential | None:
        """The credential that is used by default; None if none is configured."""
        return self.target.credentials[self._position] if self.target.credentials else None

    def use_credential(self, position: int) -> None:
        """Use the target's credential at this position by default."""
        self._position = position

    def request(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        select: Sequence[str] | None = None,
        query: str | None = None,
        accept: str | _Default | None = DEFAULT,
        content_type: str | _Default | None = DEFAULT,
        body: Any = DEFAULT,
        raw: bytes | None = None,
        credential: Credential | _Default | None = DEFAULT,
        headers: Headers = (),
        chunked: bool = False,
    ) -> Request:
        """The baseline request, with the given parts in place of its own.

        ``select`` are the names for ``$select``; ``query`` is a query string that is sent unchanged. None for
        ``accept``, ``content_type`` or ``credential`` leaves the header out. ``body`` is a JSON value; ``raw`` is the
        body in bytes, sent unchanged. ``headers`` come last, as they are given.
        """
        if query is None and select is not None:
            query = "$select=" + ",".join(quote(name, safe="/") for name in select)
        target = (path or self.operation.path) + (f"?{query}" if query is not None else "")
        credential = self.credential if isinstance(credential, _Default) else credential
        accept = self.json_type if isinstance(accept, _Default) else accept
        if isinstance(content_type, _Default):
            content_type = self.json_request_type if self.operation.request is not None else None
        lines: list[tuple[str, str]] = [("User-Agent", self.target.user_agent)]
        if accept is not None:
            lines.append(("Accept", accept))
        if content_type is not None:
            lines.append(("Content-Type", content_type))
        if credential is not None:
            lines += credential.headers()
            if self.target.app_token:
                lines.append(("SO-AppToken", self.target.app_token))
        if raw is None:
            value = self.facts.body if isinstance(body, _Default) else body
            found = redacted_in(value)
            if found:
                # What stands for a secret means nothing to the target.
                raise RedactedValue(found)
            raw = encode_json(value) if self.operation.request is not None else b""
        return Request(
            method=method or self.operation.method, target=target, headers=(*lines, *headers), body=raw, chunked=chunked
        )

    @property
    def json_type(self) -> str:
        """The first documented response type that is JSON, or the first one if none is."""
        names = [fact.name for fact in self.operation.response_types]
        return next((name for name in names if is_json(name)), names[0] if names else "application/json")

    @property
    def json_request_type(self) -> str:
        """The first documented request type that is JSON."""
        return next((fact.name for fact in self.operation.request_types if is_json(fact.name)), "application/json")
