"""What discovery learned of the target, for one operation."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from conformance.client.codec_xml import XmlSpelling

MAX_KEPT_ELEMENTS = 1000
"""So many elements show how a target's data is. All of 60,000 would be a parsed copy that is never let go of."""


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A request property that says which elements come (``AssociateIds``), and theirs (``AssociateId``)."""

    request: str
    response: str


class NullStyle(StrEnum):
    """How this target writes a property that has no value, as the elements of the plain response show it."""

    UNSEEN = "not seen"
    """Each element has a value for each documented property."""
    NULLS = "nulls"
    """As null: a property that an element lacks is then missing."""
    LEFT_OUT = "left out"
    """Not at all: a property that an element lacks may be null."""
    MIXED = "mixed"
    """Some as null, and some properties are on a part of the elements only."""


class FactName(StrEnum):
    """What a line of the report about the target is about. The values are names in results.json (``learned``)."""

    IDS = "ids that give data"
    STATES = "states"
    EVERY_STATE = "word for all states"
    ELEMENTS = "elements in the baseline response"
    NEVER_WITH_VALUE = "properties never seen with a value"
    WITHOUT_VALUE = "properties without a value"
    ORDER = "order of the elements"
    VOLATILE = "properties that change by themselves"
    XML_ELEMENTS = "elements in XML"
    LANGUAGES = "languages"
    TIME_ZONES = "time zones"
    CONFIGURED_IDS = "configured ids"
    CONFIGURED_LANGUAGES = "configured languages"
    CONFIGURED_TIME_ZONES = "configured time zones"


CONFIGURED = frozenset({FactName.CONFIGURED_IDS, FactName.CONFIGURED_LANGUAGES, FactName.CONFIGURED_TIME_ZONES})
"""Values of the configuration that did not have the expected effect on this target."""


class TargetFacts(msgspec.Struct, kw_only=True):
    """Facts of this target, found by asking; later requests use them.

    ``rows`` are the elements of the baseline response, the first ``MAX_KEPT_ELEMENTS`` of them; ``valued`` the
    properties of which at least one element has a value. ``ordered`` and ``volatile`` may be corrected while the
    run learns more.
    """

    unread: str = ""
    """Why elements that discovery was given could not be read; empty where all could."""
    baseline_failure: str = ""
    """How the documented request itself fails; empty where it is accepted. Nothing else can be tried then."""
    body: dict[str, Any] = {}
    ids: Relation | None = None
    state: Relation | None = None
    known_ids: tuple[int, ...] = ()
    known_states: tuple[str, ...] = ()
    every_state: str = ""
    """The word that the sample uses for all states."""
    elements: list[dict[str, Any]] = []
    identity: str | None = None
    valued: tuple[str, ...] = ()
    null_style: NullStyle = NullStyle.UNSEEN
    ordered: bool = True
    volatile: set[str] = set()
    live: bool = False
    xml_path: tuple[str, ...] = ()
    xml_namespaces: tuple[str, ...] = ()
    """The namespaces that its own XML declares."""
    request_xml: XmlSpelling | None = None
    """How it was seen to read a body in XML."""
    languages: tuple[str, ...] = ()
    """Codes of which every two give different text."""
    tried_languages: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()
    """Properties whose text depends on the language."""
    marked_languages: tuple[str, ...] = ()
    """Languages that the raw multi-language text itself names."""
    marked: tuple[str, ...] = ()
    """Properties that hold such text."""
    zones: dict[str, ZoneInfo] = {}
    """Time-zone codes that this target converts by, and the zone that each names."""
    tried_zones: tuple[str, ...] = ()
    """Time-zone codes that were asked for, whatever the target made of them."""
    notes: list[tuple[FactName, str, bool]] = []
    """What was learned or not found, for the report: name, value, found."""

    def for_pairing(self) -> TargetFacts:
        """Of these only what says how elements are read and paired, and the lines for the report."""
        return TargetFacts(identity=self.identity, ordered=self.ordered, xml_path=self.xml_path, notes=self.notes)

    def note(self, name: FactName, value: str, *, found: bool = True) -> None:
        """Keep a line for the report."""
        self.notes.append((name, value, found))
