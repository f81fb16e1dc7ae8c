"""Each finding of a run over a third of the faults is shown again by its curl lines and by replay: all of them."""

from __future__ import annotations

import shutil

import pytest

from conformance.engine.result import Level
from conformance.reference import FAULTS
from conformance.requirements import load_requirements
from support.kill_runs import NAMED
from support.reproducing import Shown, show_again

pytestmark = pytest.mark.slow(reason="replays and curl lines of sixty faults")

# A third, and those of which it is hard: chance, memory, credentials that are nearly right, bytes that curl hides.
HARD = {"parallel-mix-up", "select-sticky", "language-sticky", "time-zone-sticky", "cache-without-accept",
        "password-case-ignored", "password-first-eight", "ticket-suffix-ignored", "xsrf-first-half", "xsrf-any-session",
        "malformed-basic-crashes", "scheme-case-sensitive", "unknown-scheme-as-basic", "head-with-body", "content-length-wrong",
        "chunked-ignored", "unstable-result", "app-token-refused"}  # fmt: skip
# Its answers are kept for some seconds, from requests that are not known: replay shows it, a line of its own cannot.
BY_REPLAY_ALONE = {"cache-without-zone"}
# What they break is a MAY, which is observed and never a finding.
OBSERVED = {fault for fault, requirement in NAMED.items() if load_requirements()[requirement].level is Level.MAY}
CHOSEN = sorted((set(list(FAULTS)[::3]) | HARD) - BY_REPLAY_ALONE)


def test_what_is_chosen_by_name_exists() -> None:
    assert FAULTS.keys() >= HARD | BY_REPLAY_ALONE


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="no curl or no bash")
@pytest.mark.parametrize("fault", CHOSEN)
def test_every_finding_is_shown_again(fault: str) -> None:
    shown: list[Shown] = show_again(fault)
    assert shown or fault in OBSERVED
    assert [each for each in shown if not each.is_shown] == []
