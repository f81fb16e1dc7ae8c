"""Schemathesis' own checks, applied to answers, for requirements that state the same.

Its other checks are stricter than the page (an undocumented 400 or 415, null where the page allows it, a lenient
reader) and are not used.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import requests
import urllib3
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup

from conformance.comparison.answer import Answer
from conformance.strategies.bodies import schemathesis_operation


def problem(answer: Answer, *names: str) -> str | None:
    """What the named checks (``response_schema_conformance``...) find wrong in the answer; None if nothing.

    The answer must have a response.
    """
    exchange, response = answer.exchange, answer.exchange.response
    if response is None:
        return answer.outcome
    if "not_a_server_error" not in CHECKS.get_all_names():
        load_all_checks()
    received = requests.Response()
    received.status_code = response.status
    received.reason = response.reason
    received.headers.update(response.headers)
    # Schemathesis reads the header fields from here.
    received.raw = urllib3.HTTPResponse(headers=dict(response.headers), status=response.status, version=11)
    received._content = response.body
    received.elapsed = timedelta(seconds=exchange.seconds)
    received.url = exchange.url
    request = requests.PreparedRequest()
    request.method, request.url = exchange.request.method, exchange.url
    request.headers = requests.structures.CaseInsensitiveDict(exchange.request.headers)
    request.body = exchange.request.body
    received.request = request
    case = schemathesis_operation(answer.contract).Case(body={}, media_type="application/json")
    try:
        case.validate_response(received, checks=[cast(CheckFunction, CHECKS.get_one(name)) for name in names])
    except FailureGroup as group:
        return "; ".join(_text(failure) for failure in group.exceptions)
    except Failure as failure:
        return _text(failure)
    return None


def _text(failure: BaseException) -> str:
    message = str(getattr(failure, "message", "")) or str(failure)
    return f"{getattr(failure, 'title', type(failure).__name__)}: {message.partition(chr(10))[0]}"
