"""What became of a requirement: records that reports are made of."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Level(StrEnum):
    """RFC 2119: what a failure of the requirement means."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Status(StrEnum):
    """What became of one requirement on one operation."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    OBSERVED = "observed"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"


class Gap(StrEnum):
    """Why a documented part was not tried or not decided, although nothing failed."""

    NOT_GIVEN = "not given"
    """The run was not given what the requirement needs, such as a session or an application token."""
    PART = "part"
    """It checks what all requirements send, and not all of them were tried."""
    ACCEPTED = "accepted"
    """It is inconclusive, and the configuration accepts that."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a requirement comes from: a line of the page, or a section of an RFC (``line`` 0)."""

    page: str
    section: str
    line: int = 0
    digest: str = ""
    """The digest of the text of this line; empty if it is not a line of a page."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a requirement failed, with the smallest exchanges that show it.

    ``exchanges`` are numbers of entries in the evidence (HAR), the last one being the one to blame.
    Reports add ``curl``, lines that send them again, and ``replay``, the command that does so and checks the answers.
    """

    id: str
    message: str
    expected: str
    actual: str
    exchanges: tuple[int, ...] = ()
    curl: str = ""
    replay: str = ""
    asked_by: tuple[str, ...] = ()
    """Other requirements that sent its exchanges: a requirement that checks every exchange needs them again."""
    sequence: bool = False
    """Whether its exchanges show it only one right after the other, on one connection."""
    together: bool = False
    """Whether requests at the same time show it: chance decides in which of them."""
    roles: tuple[str, ...] = ()
    """What each of ``exchanges`` is in this finding: another requirement may have sent it for another purpose."""
    repetitions: int = 0
    """How often its exchanges were sent again to confirm it; 0 if that was not tried."""
    reproduced: int = 0
    """In how many of these repetitions it was seen again."""
    instances: tuple[str, ...] = ()
    """Which instances of the target gave its answers (``--instance-header``), each once."""
    level: Level = Level.MUST
    """How much this finding counts: a failure of a MUST, or a warning."""

    @property
    def answered_by(self) -> str:
        """The instances for a person to read, empty if they are not known."""
        return ", ".join(self.instances)

    @property
    def confirmed(self) -> str:
        """The counts for a person to read, empty if nothing was repeated."""
        return f"failed {self.reproduced} of {self.repetitions} repetitions" if self.repetitions else ""


class RequirementResult(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement on one operation: its status, why, and what shows it."""

    id: str
    operation: str
    level: Level
    title: str
    chapter: str
    source: Place
    status: Status
    reason: str = ""
    """Why it was skipped or is inconclusive, or what was observed."""
    exchanges: int = 0
    """How many exchanges it used."""
    checks: int = 0
    """How many assertions were made; 0 means that nothing was exercised."""
    seconds: float = 0.0
    known: str = ""
    """Why its failure is tolerated, and by whom and until when, if the baseline lists it."""
    findings: tuple[Finding, ...] = ()
    gap: Gap | None = None
    missing: str = ""
    """With Gap.NOT_GIVEN, what was not given, as a clause: ``no session was given``."""
    unstable: bool = False
    """Inconclusive because a failure was seen, but not in every repetition; ``findings`` show it, with the counts."""
    source_changed: bool = False
    """Whether the line that it is based on is different in the contract or run named by ``--since``."""

    def renumbered(self, numbers: Mapping[int, int]) -> RequirementResult:
        """A copy with new numbers of exchanges; ``numbers`` maps old to new ones."""
        replace = msgspec.structs.replace
        findings = [replace(f, exchanges=tuple(numbers[n] for n in f.exchanges)) for f in self.findings]
        return replace(self, findings=tuple(findings))
