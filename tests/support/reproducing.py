"""Findings shown again: by the curl lines of the report, pasted into a shell, and by replay."""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from conformance.client.exchange import Exchange
from conformance.engine.config import Config
from conformance.engine.result import Finding
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.reference import DEMO_APP_TOKEN, DEMO_AUTH, DEMO_TIME_ZONES, serve
from conformance.reporting.reproduction.commands import with_commands
from conformance.reporting.reproduction.replay import ReplayOutcome, replay
from support.suite_runner import contract

SEED = 1
# What is another each time by its nature.
_BY_NATURE = ("date:",)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one finding: why the curl lines do not show it (empty: they do), and what replay says."""

    finding: str
    curl: str
    replay: ReplayOutcome

    @property
    def is_shown(self) -> bool:
        return not self.curl and self.replay is ReplayOutcome.REPRODUCED


class Answered(msgspec.Struct, frozen=True):
    """An answer as curl got it, or as the run did; nothing where none came."""

    status: int = 0
    head: frozenset[str] = frozenset()
    body: bytes = b""


def variables() -> dict[str, str]:
    """The environment that the curl lines take the reference server's credentials from."""
    named = {"CONFORMANCE_APP_TOKEN": DEMO_APP_TOKEN}
    kinds: list[str] = []
    for text in DEMO_AUTH:
        kind, _, value = text.partition(":")
        kinds.append(kind)
        tail = f"_{kinds.count(kind)}" if kinds.count(kind) > 1 else ""
        if kind == "session":
            cookie, _, xsrf = value.rpartition(";XSRF=")
            named |= {f"CONFORMANCE_COOKIE{tail}": cookie, f"CONFORMANCE_XSRF{tail}": xsrf}
        else:
            named[f"CONFORMANCE_{kind.upper()}{tail}"] = value
    return named


def show_again(fault: str, requirements: Sequence[str] = (), *, replays: bool = True) -> list[Shown]:
    """Run the suite against a fault, or only these requirements, and show each of its findings again."""
    online = fault == "app-token-refused"
    with contextlib.ExitStack() as stack:
        installation = "online" if online else "onsite"

        def served(*faults: str) -> str:
            return stack.enter_context(serve(contract(), faults=faults, installation=installation)).url

        def session(url: str, *chosen: str) -> Run:
            settings = Settings(
                target=url,
                auth=tuple(auth for auth in DEMO_AUTH if not (online and auth.startswith("basic:"))),
                app_token=DEMO_APP_TOKEN if online else "",
                installation=installation,
                seed=SEED,
                requirements=chosen,
            )
            made = Run(settings, Config(time_zones=DEMO_TIME_ZONES))
            stack.callback(made.close)
            return made

        first = served(fault)
        ran = session(first, *requirements)
        ran.discover()
        ran.execute_expected()
        came = {exchange.number: exchange for exchange in ran.target.recorder.evidence}
        shown = []
        found = [(result, finding) for result in with_commands(ran, ran.results) for finding in result.findings]
        for judged, finding in found:
            blamed = [came[number] for number in finding.exchanges]
            again = ReplayOutcome.REPRODUCED
            if replays:
                another = session(served(fault), judged.id, *finding.asked_by)
                again = replay(another, judged.id, judged.operation, finding).outcome
            why = _by_curl(finding, first, served(), blamed)
            shown.append(Shown(finding=finding.id, curl=why, replay=again))
        return shown


def _by_curl(finding: Finding, faulty: str, correct: str, came: list[Exchange]) -> str:
    """Why the finding's curl lines do not show it: the server must still answer as it did, a correct one must not."""
    if not came:
        return "no exchange"
    wanted = [_of_run(exchange) for exchange in came]
    got = paste(finding.curl)
    if len(got) != len(wanted):
        return f"{len(got)} answers instead of {len(wanted)}"
    right = paste(finding.curl.replace(faulty, correct))
    if finding.together:
        # Chance decides which of them it hits, and whether it hits any of so few.
        tries = [got, *(paste(finding.curl) for _ in range(4))]
        return "" if any(each != right for each in tries) else "a correct server answers the same, five times"
    if len(came) > 1 and came[-1].request == came[-2].request:
        # The same twice: that the answers differ is what it shows.
        return "" if got[-1] != got[-2] and right[-1] == right[-2] else "the answers are equal"
    last = got[-1] if came[-1].request.method != "HEAD" else Answered(got[-1].status, got[-1].head)
    if last != wanted[-1]:
        return f"answered {_describe(last)} instead of {_describe(wanted[-1])}"
    return "a correct server answers the same" if right == got else ""


def paste(text: str) -> list[Answered]:
    """Run curl lines in bash; the answers in their order, a batch's in the order of its lines."""
    # One curl may send several requests, each but the first after --next.
    count = len(re.findall("(?:curl|--next) -i -g", text))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            quiet = rf"\1 -s -m 20 -D {folder}/head{number} -o {folder}/body{number} -g"
            text = re.sub("(curl|--next) -i -g", quiet, text, count=1)
        environment = {**os.environ, **variables()}
        subprocess.run(["bash", "-c", text], env=environment, capture_output=True, check=False)
        return [_of_curl(Path(folder), number) for number in range(count)]


def _of_curl(folder: Path, number: int) -> Answered:
    head, body = folder / f"head{number}", folder / f"body{number}"
    # After 100 Continue comes another head.
    lines = head.read_bytes().decode("latin-1").strip().split("\r\n\r\n")[-1].split("\r\n") if head.exists() else [""]
    if not lines[0].startswith("HTTP/"):
        return Answered()
    content = body.read_bytes() if body.exists() else b""
    promised = next((line.split(":")[1] for line in lines if line.lower().startswith("content-length:")), None)
    if promised is not None and content and len(content) < int(promised):
        return Answered()
    if any(line.lower() == "content-encoding: gzip" for line in lines) and content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    return Answered(int(lines[0].split()[1]), _lasting(lines[1:]), content)


def _of_run(exchange: Exchange) -> Answered:
    response = exchange.response
    if response is None:
        return Answered()
    return Answered(response.status, _lasting([f"{name}: {value}" for name, value in response.headers]), response.body)


def _lasting(lines: Sequence[str]) -> frozenset[str]:
    return frozenset(line.strip() for line in lines if not line.lower().startswith(_BY_NATURE))


def _describe(answer: Answered) -> str:
    return f"{answer.status} {sorted(answer.head)} {answer.body[:80]!r}"
