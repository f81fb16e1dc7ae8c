"""The table of the options of a run.

``conformance run``, ``init``, ``replay`` and ``config``, pytest, the environment and conformance.toml all take their
options from here; ``conformance/engine/settings.py`` says what type each has. The order is that of ``--help``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformance.engine.options.kinds import FLAG, MODE, PATH, SIZE, TEXT, choice, number, whole
from conformance.engine.options.option import INIT, PYTEST, REPLAY, RESUME, RUN, Option
from conformance.engine.options.secret_parts import of_cookie, of_credential, of_url, whole_value

EVERYWHERE = (RUN, INIT, REPLAY, PYTEST)
_AGAIN = (*EVERYWHERE, RESUME)
"""What is given again to ``resume``: the journal holds no secrets, and other limits may apply."""
_TESTS = (RUN, PYTEST)
_AUTH = (
    "basic:USER:PASSWORD, soticket:TICKET, bearer:TOKEN, session:COOKIE=VALUE;XSRF=TOKEN; VALUE may be env:NAME, "
    "file:PATH or cmd:PROGRAM; or oauth2:NAME of the configuration. Repeatable: the first is used throughout, each is "
    "tried."
)
# Names that pytest has had from the first version on; a new option has the prefix.
_BARE: dict[str, Any] = {
    name: f"--{name}"
    for name in (
        "target", "auth", "app-token", "installation", "schemas", "operation", "requirement", "rate", "max-requests",
        "wait", "lenient-baseline", "update-baseline", "accept-known", "reports", "since",
    )
}  # fmt: skip


def _option(name: str, kind: Any, help: str, commands: tuple[str, ...] = _TESTS, **rest: Any) -> Option:
    default = rest.pop("default", () if rest.get("repeatable") else False if kind is FLAG else None)
    pytest = rest.pop("pytest", _BARE.get(name))
    return Option(name=name, kind=kind, help=help, commands=commands, default=default, pytest=pytest, **rest)


OPTIONS: tuple[Option, ...] = (
    _option(
        "target",
        TEXT,
        "Base URL of the server under test, or app:package.module:name.",
        _AGAIN,
        metavar="URL",
        positional=(RUN, INIT),
        helps={REPLAY: "A target that replaces the one that was tested.", RESUME: "The target of the run."},
        secret=of_url,
        # A file must not decide where credentials are sent and which code runs.
        key="",
    ),
    # How the server is reached, and with which credentials.
    _option("auth", TEXT, _AUTH, _AGAIN, metavar="SCHEME:VALUE", repeatable=True, secret=of_credential),
    _option(
        "app-token",
        TEXT,
        "The application token (SO-AppToken); env:, file: and cmd: too.",
        _AGAIN,
        metavar="VALUE",
        default="",
        secret=whole_value,
    ),
    _option(
        "installation", choice("onsite", "online"), "Where it is installed.", (RUN, INIT, PYTEST), default="onsite"
    ),
    _option("ca-bundle", PATH, "Certificates to trust (PEM) instead of the public ones.", EVERYWHERE, metavar="FILE"),
    _option(
        "client-cert",
        PATH,
        "Certificate to present to the server (PEM), with its key there or in --client-key.",
        EVERYWHERE,
        metavar="FILE",
    ),
    _option("client-key", PATH, "Private key of --client-cert (PEM, without a password).", EVERYWHERE, metavar="FILE"),
    _option("insecure", FLAG, "Trust every certificate; every report says so.", _AGAIN),
    _option(
        "header",
        TEXT,
        "Send this header with every request; its value may be env:NAME, file:PATH or cmd:PROGRAM, which keeps it out "
        "of the reports. Repeatable.",
        _AGAIN,
        metavar="'NAME: VALUE'",
        repeatable=True,
        field="headers",
    ),
    _option(
        "cookie",
        TEXT,
        "Send this cookie with every request; env:, file: and cmd: too. Repeatable.",
        _AGAIN,
        metavar="NAME=VALUE",
        repeatable=True,
        field="cookies",
        secret=of_cookie,
        # CONFORMANCE_COOKIE is the cookie of a session in curl lines.
        env="CONFORMANCE_COOKIES",
    ),
    _option(
        "proxy",
        TEXT,
        "Send everything through this proxy, not the environment's; env: and file: too.",
        _AGAIN,
        metavar="URL",
        default="",
        secret=of_url,
    ),
    _option("no-proxy", FLAG, "Use no proxy, whatever the environment says.", EVERYWHERE),
    _option(
        "instance-header",
        TEXT,
        "Response header that names the instance that answered; findings say which it was.",
        metavar="NAME",
        default="",
    ),
    # What is tested, and how thoroughly.
    _option(
        "config",
        PATH,
        "What you know of the target, and options (TOML).",
        EVERYWHERE,
        metavar="FILE",
        helps={REPLAY: "Instead of what the run knew (TOML)."},
        # It is trusted like code, so it is read only if the command line names it.
        env="",
        key="",
    ),
    _option("schemas", PATH, "Contract folder.", EVERYWHERE, metavar="DIR"),
    _option(
        "operation",
        TEXT,
        "Only these operations. Repeatable.",
        (RUN, INIT, PYTEST),
        metavar="ID|GLOB",
        repeatable=True,
        field="operations",
    ),
    _option(
        "requirement",
        TEXT,
        "Only these requirements. Repeatable.",
        metavar="ID|GLOB",
        repeatable=True,
        field="requirements",
        complete="requirements",
    ),
    _option(
        "exclude",
        TEXT,
        "Leave these requirements or operations out. Repeatable.",
        metavar="ID|GLOB",
        repeatable=True,
        complete="requirements",
    ),
    _option(
        "also",
        PATH,
        "Custom requirements: a file, or a folder with files test_*.py. Repeatable.",
        (RUN, RESUME),
        metavar="PATH",
        repeatable=True,
        field="",
    ),
    _option("profile", TEXT, "smoke, standard or certify.", metavar="NAME", default="standard", complete="profiles"),
    _option("seed", whole(0, 2**32 - 1), "Draw the same again; a run without it names its own.", metavar="N"),
    _option("strict", FLAG, "A failed SHOULD makes the server non-conformant too."),
    _option(
        "fail-on",
        choice("failed", "warning", "inconclusive", "unstable"),
        "The exit status is not 0 for: failed, warning, inconclusive, unstable; by default the verdict decides. "
        "Repeatable.",
        metavar="STATUS",
        repeatable=True,
    ),
    _option(
        "confirm",
        whole(1, 100),
        "How often a failure is repeated before it is reported, at most.",
        (RUN, REPLAY, PYTEST),
        metavar="N",
        default=3,
    ),
    _option(
        "no-wrong-credentials",
        FLAG,
        "Send no wrong credentials; what needs them is inconclusive.",
        (RUN, REPLAY, PYTEST),
        default=True,
        field="wrong_credentials",
    ),
    _option("dry-run", FLAG, "Send nothing; print what would be called, and how often."),
    # Limits for a shared server.
    _option("rate", number(above_zero=True), "Requests per second at most.", _AGAIN, metavar="N"),
    _option("max-requests", whole(1), "Total number of requests at most.", _AGAIN, metavar="N"),
    _option("max-failures", whole(1), "Try nothing more once N requirements have failed.", metavar="N"),
    _option(
        "max-time", number(above_zero=True), "Try nothing more once the run has taken this long.", metavar="SECONDS"
    ),
    _option(
        "max-body",
        SIZE,
        "The largest answer that is read; a larger one decides nothing.",
        EVERYWHERE,
        metavar="BYTES|MiB",
        default=8 * 1024 * 1024,
    ),
    _option(
        "max-wait",
        number(above_zero=False),
        "How long to wait in total when the target asks for it (429, 503).",
        EVERYWHERE,
        metavar="SECONDS",
        default=120.0,
    ),
    _option(
        "timeout", number(above_zero=True), "How long to wait for one answer.", _AGAIN, metavar="SECONDS", default=30.0
    ),
    _option(
        "wait", number(above_zero=False), "For a target that is starting.", EVERYWHERE, metavar="SECONDS", default=0.0
    ),
    # What is written.
    _option("reports", PATH, "Where the reports go.", metavar="DIR", default=Path("reports")),
    _option("reports-mode", MODE, "Permissions of the files of the reports.", metavar="MODE", default=0o600),
    _option(
        "since",
        PATH,
        "Earlier contract folder or results.json: names the requirements that are based on changed lines.",
        metavar="DIR|FILE",
    ),
    _option(
        "baseline",
        PATH,
        "Known failures (TOML), each with reason and end date; entries that do not match any more fail the run.",
        metavar="FILE",
    ),
    _option("lenient-baseline", FLAG, "Entries that do not match any more only warn."),
    _option("accept-known", FLAG, "Exit status 0 if every failure is in the baseline."),
    _option("update-baseline", FLAG, "Write the baseline from this run; reasons are kept."),
    _option(
        "color",
        choice("auto", "always", "never"),
        "Colors on the terminal: auto, always or never.",
        metavar="WHEN",
        default="auto",
    ),
    _option(
        "quiet",
        FLAG,
        "Print nothing but errors; the exit status is the result.",
        (RUN, REPLAY, RESUME),
        short="-q",
        field="",
        helps={REPLAY: "Print one line."},
    ),
)


def options_of(command: str) -> tuple[Option, ...]:
    """The options of a command, or of ``pytest``."""
    return tuple(option for option in OPTIONS if option.exists_in(command))


def option(name: str) -> Option:
    """The option with this name."""
    return next(each for each in OPTIONS if each.name == name)
