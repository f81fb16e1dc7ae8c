"""The commands that show findings again: curl lines that send their exchanges, and the replay command."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from conformance.engine.result import Finding, RequirementResult
from conformance.engine.run import Run
from conformance.reporting.reproduction.curl import curl
from conformance.reporting.reproduction.replay_line import replay_line
from conformance.reporting.reproduction.shell_secrets import Secrets


def with_commands(run: Run, results: Sequence[RequirementResult]) -> tuple[RequirementResult, ...]:
    """The results, each finding with its commands. The requests are taken unredacted; no secret is in a command.

    A finding of another process has its commands already.
    """
    if all(finding.curl for result in results for finding in result.findings):
        return tuple(results)
    target = run.target
    secrets = Secrets(
        target.credentials, target.app_token, target.redactor, past=target.past, connection=target.connection
    )

    def with_both(finding: Finding) -> Finding:
        if finding.curl:
            return finding
        shown = [run.shown[number] for number in finding.exchanges]
        line = curl(shown, secrets, finding.roles, sequence=finding.sequence)
        return msgspec.structs.replace(finding, curl=line, replay=replay_line(run, finding.id))

    return tuple(msgspec.structs.replace(result, findings=tuple(map(with_both, result.findings))) for result in results)
