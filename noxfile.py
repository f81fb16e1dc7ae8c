"""The tasks of a developer: ``nox`` runs the default ones, ``nox --list`` names all.

Each session has an environment of its own, made once, with the project and its development dependencies. In an
environment that already has them, ``nox --no-venv`` uses that one. What follows ``--`` is passed on: a test file, for
example.
"""

from __future__ import annotations

import nox

nox.needs_version = ">=2024.4"
nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True

CHECKS = [
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("conformance", "derive", "schemas/pages", "--out", "schemas", "--check"),
]


def install(session: nox.Run) -> None:
    """The project, editable, with its development dependencies; nothing with ``--no-venv``."""
    if session.virtualenv.venv_backend != "none":
        session.install("--editable", ".[dev]")


@nox.session
def tests(session: nox.Run) -> None:
    """The default tests, in under two minutes."""
    install(session)
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def slow(session: nox.Run) -> None:
    """The slow tests: every fault, every variant, the browser, the examples of the documentation."""
    install(session)
    session.run("python", "-m", "pytest", "-m", "slow", *session.posargs)


@nox.session
def lint(session: nox.Run) -> None:
    """Style, format, types, import directions, and the derived contract."""
    install(session)
    for check in CHECKS:
        session.run(*check)


@nox.session
def docs(session: nox.Run) -> None:
    """Run every example of the documentation, and check its words and the files that it names."""
    install(session)
    session.run("python", "-m", "pytest", "-m", "slow or not slow", "tests/docs", *session.posargs)


@nox.session
def benchmarks(session: nox.Run) -> None:
    """Run one measurement: ``nox -s benchmarks -- kill_matrix`` runs tests/benchmarks/kill_matrix.py."""
    install(session)
    name, *options = session.posargs or ["reference_run"]
    session.run("python", f"tests/benchmarks/{name}.py", *options)
