"""Facts about the target that discovery finds, for one operation."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from conformance.client.codec_xml import XmlSpelling

MAX_KEPT_ELEMENTS = 1000
"""This many elements are enough to characterize the target's data; all of 60,000 would stay in memory."""


class FilterProperty(msgspec.Struct, frozen=True, kw_only=True):
    """A request property that selects elements (``AssociateIds``), and the response property it selects by
    (``AssociateId``)."""

    request: str
    response: str


class NullStyle(StrEnum):
    """How this target writes a property without a value, according to the elements of the baseline response."""

    UNSEEN = "not seen"
    """Each element has a value for each documented property."""
    NULLS = "nulls"
    """As null, so a property that an element does not have is missing."""
    LEFT_OUT = "left out"
    """It leaves the property out, so a property that an element does not have may be null."""
    MIXED = "mixed"
    """Some properties as null, and some are only in a part of the elements."""


class FactName(StrEnum):
    """Names of the facts in reports. The values are in results.json (``learned``)."""

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
    """Facts that discovery finds with requests; later requests are built from them.

    ``elements`` are those of the baseline response, at most ``MAX_KEPT_ELEMENTS``. ``valued`` are the properties that
    have a value in at least one element. ``live``, ``ordered`` and ``volatile`` may still change later in the run.
    """

    unread: str = ""
    """Why discovery could not read the elements of an answer; empty if it could read all."""
    baseline_failure: str = ""
    """How the documented request itself fails, so that nothing else can be tried; empty if it succeeds."""
    body: dict[str, Any] = {}
    ids: FilterProperty | None = None
    state: FilterProperty | None = None
    known_ids: tuple[int, ...] = ()
    known_states: tuple[str, ...] = ()
    every_state: str = ""
    """The value in the sample request that stands for all states."""
    elements: list[dict[str, Any]] = []
    identity: str | None = None
    valued: tuple[str, ...] = ()
    null_style: NullStyle = NullStyle.UNSEEN
    ordered: bool = True
    volatile: set[str] = set()
    live: bool = False
    xml_path: tuple[str, ...] = ()
    xml_namespaces: tuple[str, ...] = ()
    """The namespaces that the target's XML declares."""
    request_xml: XmlSpelling | None = None
    """How a request body in XML must be written so that the target reads it; None if that is not known."""
    languages: tuple[str, ...] = ()
    """Codes of languages; any two of them give different texts."""
    tried_languages: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()
    """Properties whose text depends on the language."""
    marked_languages: tuple[str, ...] = ()
    """Languages that raw multi-language text in the data names."""
    marked: tuple[str, ...] = ()
    """Properties with raw multi-language text."""
    zones: dict[str, ZoneInfo] = {}
    """Time-zone codes for which this target converts date-times, and the zone of each."""
    tried_zones: tuple[str, ...] = ()
    """Time-zone codes that discovery tried, also those that had no effect."""
    notes: list[tuple[FactName, str, bool]] = []
    """Lines for the report: the name of a fact, its value, and whether it was found."""

    def for_pairing(self) -> TargetFacts:
        """Only the facts that are needed to read and pair elements, and the lines for the report."""
        return TargetFacts(identity=self.identity, ordered=self.ordered, xml_path=self.xml_path, notes=self.notes)

    def note(self, name: FactName, value: str, *, found: bool = True) -> None:
        """Add a line for the report."""
        self.notes.append((name, value, found))
