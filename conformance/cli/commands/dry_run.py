"""``--dry-run``: what a run would call and send, as text. Nothing is sent, and no credential is read."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conformance.cli.say import say

if TYPE_CHECKING:
    from conformance.engine.settings import RunOptions

_NOT_STARTED = "http://127.0.0.1"


def dry_run(options: RunOptions) -> int:
    """Print the plan of a run with these options. Raises InputError where they cannot be used."""
    from conformance.engine.plan import plan_of
    from conformance.engine.run import Run
    from conformance.reference import DEMO_AUTH
    from conformance.reporting.plan_text import plan_lines

    target: str | None = options["target"]
    # The server of this run would be started first; its URL makes no difference to the plan.
    url = _NOT_STARTED if target is None or target.startswith("app:") else target
    auth = options["auth"] or (DEMO_AUTH if target is None else ())
    run = Run(options.settings(url, auth=auth), options.config)
    with contextlib.closing(run):
        for line in plan_lines(plan_of(run)):
            say(line)
    return 0
