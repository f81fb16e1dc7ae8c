"""Secrets in the encodings that servers and tools produce, in every place; and what is not a secret stays."""

from __future__ import annotations

import base64
import functools
import html
import json
import random
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.assertions.elements import expect_same_elements
from conformance.client.credentials import basic_value
from conformance.client.exchange import Exchange, Request, Response
from conformance.client.recorder import BEGINNING, WHOLE, Recorder
from conformance.client.redact import MARK, Redactor
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive, NotApplicable, RequirementFailed
from conformance.engine.config import Config
from conformance.engine.probe import Probe
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.engine.trial import Trial
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, serve
from conformance.reporting.har import har
from conformance.reporting.html.exchange_view import view_exchanges
from conformance.reporting.text import exchange_text
from conformance.requirements import load_requirements
from support.example_results import results
from support.suite_runner import contract

SECRETS = {
    "token": "Zq3vT9kLm2xW8bN4",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIiwiZXhwIjoxfQ.s5b_1Kq-4hVb7w0T3n8uQ2m6c9d0e1f",
    "password": "p+ss/<w>&\"rd' Ünïcode==",
    "phrase": "correct horse battery staple",
    "Basic value": basic_value("jane", "hunter2-and-more"),
}


def b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def url64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def b32(text: str) -> str:
    return base64.b32encode(text.encode()).decode()


def utf16(text: str) -> list[str]:
    data = text.encode("utf-16-be")
    return [data[at : at + 2].hex() for at in range(0, len(data), 2)]


def percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def json_escapes(text: str) -> str:
    return "".join(f"\\u{unit}" for unit in utf16(text))


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: s,
    "in capitals": str.upper,
    "cases swapped": str.swapcase,
    "backwards": lambda s: s[::-1],
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON, not ASCII only": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda s: json.dumps(json.dumps(s))[1:-1],
    "JSON in JSON in JSON": lambda s: json.dumps(json.dumps(json.dumps(s)))[1:-1],
    "every character as \\u": json_escapes,
    "every character as \\u, capitals": lambda s: "".join(f"\\u{unit.upper()}" for unit in utf16(s)),
    "every second character as \\u": lambda s: "".join(
        json_escapes(c) if i % 2 else json.dumps(c)[1:-1] for i, c in enumerate(s)
    ),
    "\\x": lambda s: "".join(f"\\x{byte:02x}" for byte in s.encode()),
    "\\u{}": lambda s: "".join(f"\\u{{{ord(c):x}}}" for c in s),
    "octal": lambda s: "".join(f"\\{byte:03o}" for byte in s.encode()),
    ".NET's JSON": lambda s: "".join(c if c.isascii() and c.isalnum() else json_escapes(c) for c in s),
    "percent": lambda s: quote(s, safe=""),
    "percent, small letters": lambda s: quote(s, safe="").lower(),
    "percent, every byte": percent,
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "percent, every byte, twice": lambda s: percent(percent(s)),
    "percent, every letter but the first": lambda s: s[:1] + percent(s[1:]),
    "a form": quote_plus,
    "%u": lambda s: "".join(f"%u{unit}" for unit in utf16(s)),
    "HTML": html.escape,
    "HTML twice": lambda s: html.escape(html.escape(s)),
    "numeric entities": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "numeric entities, hexadecimal": lambda s: "".join(f"&#x{ord(c):X};" for c in s),
    "numeric entities, padded": lambda s: "".join(f"&#{ord(c):05d};" for c in s),
    "hexadecimal": lambda s: s.encode().hex(),
    "hexadecimal, capitals": lambda s: s.encode().hex().upper(),
    "hexadecimal with colons": lambda s: s.encode().hex(":"),
    "hexadecimal with dashes": lambda s: s.encode().hex("-").upper(),
    "hexadecimal with blanks": lambda s: s.encode().hex(" "),
    "0x, one each": lambda s: ", ".join(f"0x{byte:02x}" for byte in s.encode()),
    "a list of bytes": lambda s: str(list(s.encode())),
    "quoted-printable, every byte": lambda s: "".join(f"={byte:02X}" for byte in s.encode()),
    "Base64": b64,
    "Base64 without padding": lambda s: b64(s).rstrip("="),
    "Base64 for URLs": url64,
    "Base64 of more, 1": lambda s: b64(f"a{s}bc"),
    "Base64 of more, 2": lambda s: b64(f"jane:{s} and the rest"),
    "Base64 in lines": lambda s: base64.encodebytes((s * 4).encode()).decode(),
    "Base64 twice": lambda s: b64(b64(s)),
    "Base64 twice, for URLs": lambda s: url64(url64(s)),
    "Base64 of hexadecimal": lambda s: b64(s.encode().hex()),
    "Base64 of percent": lambda s: b64(percent(s)),
    "Base64 of JSON": lambda s: b64(json.dumps({"token": s})),
    "Base64 of Base64 of JSON": lambda s: b64(b64(json.dumps({"token": s}))),
    "hexadecimal of Base64": lambda s: b64(s).encode().hex(),
    "percent of Base64": lambda s: quote(b64(s), safe=""),
    "\\u of Base64": lambda s: json_escapes(b64(s)),
    "Base32": b32,
    "Base32, small letters, no padding": lambda s: b32(s).lower().rstrip("="),
    "Base32 of more": lambda s: b32(f"ab{s}c"),
    "Base32 of Base64": lambda s: b32(b64(s)),
    "Base64 of Base32": lambda s: b64(b32(s)),
    "UTF-8 read as Latin-1": lambda s: s.encode().decode("latin-1"),
}


def html_page(text: str) -> bytes:
    return f"<html><body><h1>Error</h1><pre>at Auth({text})\n</pre></body></html>".encode()


def exchange(**given: Any) -> Exchange:
    """An exchange with ``given`` in its request, response or itself."""
    request = Request(method="POST", target=given.pop("target", "/api"), headers=given.pop("asked", ()))
    response = Response(
        status=200, headers=given.pop("headers", ()), body=given.pop("body", b"[]"), reason=given.pop("reason", "OK")
    )
    return Exchange(
        number=0, operation="o", requirement="", purpose="r", request=request, response=response,
        url=given.pop("url", "http://h/api"), started="2026-01-01T00:00:00Z", seconds=0.1, **given,
    )  # fmt: skip


ROW = {"Id": 7, "State": "Completed"}
PLACES: dict[str, Callable[[str], Exchange]] = {
    "header": lambda s: exchange(headers=(("X-Echo", f"got {s}; fine"),)),
    "header's name": lambda s: exchange(headers=((f"X-{s}", "1"),)),
    "request's header": lambda s: exchange(asked=(("X-Trace", s),)),
    "cookie": lambda s: exchange(headers=(("Set-Cookie", f"{s}; Path=/"),)),
    "reason phrase": lambda s: exchange(reason=f"No {s} here"),
    "JSON body": lambda s: exchange(body=json.dumps([{**ROW, "Context": f"x {s} y"}], ensure_ascii=False).encode()),
    "JSON body, ASCII": lambda s: exchange(body=json.dumps([{**ROW, "Context": s}]).encode()),
    "JSON name": lambda s: exchange(body=json.dumps([{**ROW, s: 1}]).encode()),
    "XML body": lambda s: exchange(body=f"<r><Id>7</Id><Context>{escape(s)}</Context></r>".encode()),
    "error page": lambda s: exchange(body=html_page(s)),
    "URL": lambda s: exchange(target=f"/api?q={quote(s)}", url=f"http://h/api?q={quote(s)}"),
    "failure": lambda s: exchange(failure="dropped", failure_text=f"closed: {s}"),
}


def written(shown: Exchange) -> str:
    """All that a report may write of an exchange."""
    assert shown.response is not None
    parts = [shown.request.target, shown.url, shown.response.reason, shown.failure_text, shown.response.body.decode()]
    parts += [f"{name}: {value}" for name, value in (*shown.request.headers, *shown.response.headers)]
    return "\n".join(parts)


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_secret_is_found_in_every_encoding_and_place(name: str) -> None:
    for secret in SECRETS.values():
        encoded = ENCODINGS[name](secret)
        redactor = Redactor([secret])
        for place, put in PLACES.items():
            before, after = put(encoded), redactor.exchange(put(encoded))
            shown = written(after)
            assert MARK in shown, (secret, place)
            for part in parts(written(before), written(put(ENCODINGS[name](another(secret))))):
                assert part not in shown, (secret, place, part, shown)
            if place.startswith("JSON"):
                assert before.response is not None
                assert after.response is not None
                assert len(json.loads(after.response.body)[0]) == len(json.loads(before.response.body)[0])
            if place == "XML body" and "\x00" not in encoded:
                assert after.response is not None
                assert ET.fromstring(after.response.body).findtext("Id") == "7"


def another(secret: str) -> str:
    """A secret of the same form of which no letter and no digit is the same."""
    return secret.translate(
        {ord(old): new for set_ in ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
         for old, new in zip(set_, set_[5:] + set_[:5], strict=True)}
    )  # fmt: skip


def parts(text: str, other: str) -> list[str]:
    """Parts of twelve characters that are written because of the one secret, and not because of another."""
    return [text[at : at + 12] for at in range(len(text) - 11) if text[at : at + 12] not in other]


@pytest.mark.parametrize("token", ["Completed-9f8e7d6c5b4a", "9f8e7d6c5b4a.Completed.x1y2", "BatchTask Completed 77e1"])
def test_a_word_of_the_data_that_is_in_a_token_stays(token: str) -> None:
    rows = [{"Id": n, "State": "Completed", "Name": "BatchTask", "At": "2026-01-02T03:04:05Z"} for n in range(1851)]
    body = json.dumps(rows).encode()
    redactor = Redactor([token])
    assert redactor.bytes(body) == body
    assert MARK in redactor.text(f"token {token}")
    assert MARK in redactor.text(f"token {b64(token)}")


@pytest.mark.parametrize(
    "text",
    ["2026-01-02T03:04:05+01:00", "GetBatchTaskInfosByAssociatesAndState", "X-XSRF-TOKEN", "application/json; charset=utf-8",
     "Mozilla/5.0 (X11; Linux x86_64)", "3.14159265358979", "Content-Length: 123456789"],
)  # fmt: skip
def test_ordinary_text_stays_beside_secrets_that_share_words_with_it(text: str) -> None:
    secrets = [
        "xsrf-token-5fd20b74",
        "2026-01-02T03-a7f3b9",
        "GetBatch-7f3b9a",
        "charset-9a8b7c6d",
        "Linux-x86-1a2b3c4d",
    ]
    assert Redactor(secrets).text(text) == text


def test_a_part_that_is_no_word_is_found() -> None:
    redactor = Redactor(["Zq3vT9kLm2xW8bN4"])
    for text in ("Zq3vT9kLm2xW", "begins 3vT9kLm2xW8 ends", "9kLm2xW8bN4", b64("Zq3vT9kLm2xW8b")):
        assert "9kLm2x" not in redactor.text(text)
        assert MARK in redactor.text(text)


def test_both_parts_around_a_change_are_found() -> None:
    secret = "Zq3vT9kLm2xW8bN4-7f3b9a1c5d0e"
    # A second secret, with a part of the first at another place: where one is looked for must not hide the other.
    for redactor in (Redactor([secret]), Redactor(["5d0e-Lm2xW8bN4-1f", secret])):
        shown = redactor.text(f"a {secret[:13]}~{secret[14:]} b")
        assert shown == f"a {MARK}~{MARK} b"


def test_json_with_a_number_that_is_a_secret_can_still_be_read() -> None:
    shown = Redactor(["83920177"]).bytes(b'[{"Pin":83920177,"Text":"83920177"}]')
    assert json.loads(shown) == [{"Pin": 0, "Text": MARK}]


def test_an_escape_before_a_secret_stays_whole() -> None:
    secret = "Zq3vT9kLm2xW8bN4"
    for text in (
        f'"line\\n{b64(secret)}"',
        f'"\\u0041{b64(secret)}\\u0042"',
        f'"\\\\{secret}\\"x"',
        f'"\\u005a{secret[1:]}"',
    ):
        shown = Redactor([secret]).text(text)
        assert MARK in shown
        json.loads(shown)


# -- once, in linear time, and cut -------------------------------------------------------------------------------


def calls(work: Callable[[], object]) -> int:
    count = 0

    def seen(_: FrameType, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_redaction_is_linear_in_the_size() -> None:
    redactor = Redactor(SECRETS.values())
    context = b64(random.Random(0).randbytes(30))
    row = json.dumps({**ROW, "Name": "A description of some length", "Context": context}) + ","
    found = {n: calls(lambda n=n: redactor.bytes((row * n).encode())) for n in (200, 400, 800)}  # type: ignore[misc]
    assert found[800] < 4.4 * found[200]
    with_secret = row.replace("Completed", SECRETS["token"])
    found = {n: calls(lambda n=n: redactor.bytes((with_secret * n).encode())) for n in (200, 400, 800)}  # type: ignore[misc]
    assert found[800] < 4.4 * found[200]


def test_each_exchange_is_redacted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder, redactor = Recorder(), Redactor(["Zq3vT9kLm2xW8bN4"])
    for number in range(3):
        recorder.add(msgspec.structs.replace(exchange(), number=number))
    done: list[int] = []
    whole = Redactor.exchange
    monkeypatch.setattr(
        Redactor, "exchange", lambda self, e, limit=None: done.append(e.number) or whole(self, e, limit)
    )  # type: ignore[func-returns-value]
    recorder.redacted(redactor, [1], only_shown=True)
    assert done == [1]
    recorder.redacted(redactor)
    recorder.redacted(redactor, [2])
    assert sorted(done) == [0, 1, 2]
    redactor.learn(["another-secret-81f0"])
    recorder.redacted(redactor)
    assert sorted(done) == [0, 0, 1, 1, 2, 2], "what was redacted before may hold the new one"


@pytest.mark.parametrize("before", [0, 5, 40])
def test_where_a_body_is_cut_no_half_of_a_secret_is_left(before: int) -> None:
    secret = SECRETS["phrase"]
    recorder = Recorder()
    body = "ä" * ((BEGINNING - before) // 2) + b64(secret) + "x" * WHOLE
    recorder.add(exchange(body=body.encode()))
    (shown,) = recorder.redacted(Redactor([secret]))
    assert shown.response is not None
    assert shown.response.whole_size == len(body.encode())
    text = shown.response.body.decode()
    assert len(text.encode()) <= BEGINNING + len(MARK)
    assert b64(secret)[:8] not in text


def test_reports_say_how_long_a_body_is_that_they_cut() -> None:
    recorder = Recorder()
    for number in range(2):
        recorder.add(msgspec.structs.replace(exchange(body=b"x" * (WHOLE + number + 1)), number=number))
    shown, other = recorder.redacted(Redactor(), [0])
    assert shown.response is not None
    assert other.response is not None
    assert (len(shown.response.body), len(other.response.body)) == (WHOLE, BEGINNING), "what a finding shows is longer"
    content = json.loads(har(results(), [shown, other]))["log"]["entries"][1]["response"]["content"]
    assert (content["size"], content["comment"]) == (WHOLE + 2, f"the first {BEGINNING} bytes")
    assert f"of a body of {WHOLE + 2} bytes" in exchange_text(other)
    assert f"of a body of {WHOLE + 2} bytes" in "".join(line.text for line in view_exchanges([other])[0].response)


# -- a judgement before and after redaction -------------------------------------------------------------------------


@functools.cache
def recorded() -> tuple[Probe, list[Answer]]:
    """The answers of a run against the reference server, with mistakes in some of them."""
    with serve(contract(), faults=["select-ignored", "date-us-format"]) as server:
        session = Run(
            Settings(
                target=server.url, auth=DEMO_AUTH, seed=1, reports=Path("unused"),
                requirements=("OP-01", "SEL-0[1-3]", "ACC-01", "LANG-01", "AUTH-02", "BODY-02"),
            ),
            Config(time_zones=DEMO_TIME_ZONES),
        )  # fmt: skip
        session.discover()
        session.execute_expected()
        session.close()
    (ask,) = session.probes.values()
    return ask, ask.answers


def judged(ask: Probe, answer: Answer, other: Answer) -> dict[str, str]:
    """What each judgement of an answer says, and the comparison with another one."""
    found = {}
    judgements: dict[str, Callable[[], None]] = {
        each.id: functools.partial(each.body, ask, answer=answer)
        for each in load_requirements().values()
        if each.observes_all and each.source.locate(ask.operation) is not None
    }
    judgements["same elements"] = lambda: expect_same_elements(ask, other, answer, "the change")
    for name, judge in judgements.items():
        ask.trial = Trial(name)
        try:
            judge()
            found[name] = f"{ask.trial.checks} checks, {[warning.message for warning in ask.trial.warnings]}"
        except RequirementFailed as failed:
            found[name] = f"failed: {failed.message}"
        except (Inconclusive, NotApplicable) as reason:
            found[name] = f"{type(reason).__name__}: {reason}"
    return found


def echoing(answer: Answer, text: str, name: str) -> Exchange:
    """The exchange, in whose JSON elements a property is ``text``."""
    elements = answer.elements if answer.is_success and not answer.is_xml else None
    if not elements or answer.response is None:
        return answer.exchange
    body = json.dumps([{**row, name: text} for row in elements]).encode()
    return msgspec.structs.replace(answer.exchange, response=msgspec.structs.replace(answer.response, body=body))


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_judgement_is_the_same_before_and_after_redaction(data: st.DataObject) -> None:
    ask, answers = recorded()
    words = sorted({v for row in ask.facts.elements for v in row.values() if isinstance(v, str) and 4 <= len(v) <= 40})
    tail = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=8, max_size=20)
    secret = data.draw(
        st.one_of(
            tail, st.builds("{}-{}".format, st.sampled_from(words), tail), st.sampled_from(sorted(SECRETS.values()))
        )
    )
    encode = ENCODINGS[data.draw(st.sampled_from(sorted(ENCODINGS)))]
    name = data.draw(st.sampled_from(sorted(ask.contract.properties)))
    one, two = data.draw(st.sampled_from(answers)), data.draw(st.sampled_from(answers))
    echo = data.draw(st.booleans())
    before = [echoing(each, encode(secret), name) if echo else each.exchange for each in (one, two)]
    redactor = Redactor([secret])
    after = [redactor.exchange(each) for each in before]
    plain = judged(ask, *(Answer(each, ask.contract) for each in before))
    redacted = judged(ask, *(Answer(each, ask.contract) for each in after))
    assert {key: redactor.text(value) for key, value in plain.items()} == redacted
