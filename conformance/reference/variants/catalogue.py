"""The lawful ways in which the reference server can be unlike itself, one sentence each.

A page leaves much open. Each variant decides one such point otherwise, as some real server does; the suite must not
fail any of them. ``Variants`` is what the code asks: ``if "slow" in variants: ...``.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from conformance.core.errors import InputError
from conformance.core.suggestions import nearest


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One lawful departure.

    ``departs`` names the SHOULD requirements that warn of it, ``undecided`` the MUST ones (or globs of them) that such
    a server gives no evidence for; ``schemes`` are the credentials that it takes, where not all.
    """

    id: str
    title: str
    departs: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    """The MAY requirements that record it."""
    zones: bool = True
    """Whether the time zones of the demo may be configured for it."""


class Variants:
    """The variants that are on."""

    def __init__(self, ids: Collection[str] = ()) -> None:
        for variant in ids:
            if variant not in VARIANTS:
                raise InputError(f"--variant {variant}: there is no such variant{nearest(variant, VARIANTS, cutoff=0)}")
        self.enabled = frozenset(ids)

    def __contains__(self, variant: object) -> bool:
        return variant in self.enabled

    def __bool__(self) -> bool:
        return bool(self.enabled)

    @property
    def schemes(self) -> frozenset[str]:
        """The kinds of credentials that are taken; empty: all."""
        return frozenset(scheme for variant in self.enabled for scheme in VARIANTS[variant].schemes)


def _registry(*variants: Variant) -> dict[str, Variant]:
    return {variant.id: variant for variant in variants}


VARIANTS: dict[str, Variant] = _registry(
    # How properties are written
    Variant(id="unselected-left-out", title="A property that was not selected is left out instead of null."),
    Variant(id="nulls-left-out", title="JSON leaves out properties that are null.", departs=("SEL-01", "SHAPE-10")),
    Variant(id="null-number", title="A ProgressPercent that was never set is null.", observed=("SHAPE-07",)),
    Variant(id="hundred-percent-null", title="A ProgressPercent of 100 is null, as the task is no longer in progress.",
            observed=("SHAPE-07",)),
    Variant(id="additional-properties", title="Elements have properties that the page does not name.",
            departs=("SHAPE-06",)),
    Variant(id="null-objects", title="TableRight, ParameterObject and FieldProperties are null everywhere.",
            undecided=("SHAPE-05",)),
    Variant(id="empty-maps", title="Where others have null for a map, this server has an empty one."),
    Variant(id="property-order", title="The members of every JSON object come in another order each time."),
    Variant(id="zero-for-null", title="Integers, booleans and date-times cannot be null: 0, false, the year 1.",
            departs=("SEL-03",)),
    Variant(id="counts-as-fractions", title="Counts and percentages are written as 50.0.", departs=("SHAPE-03",)),
    Variant(id="objects-of-anything", title="ParameterObject holds numbers, lists and objects beside texts."),
    Variant(id="unordered", title="The elements come in another order each time."),
    Variant(id="pretty-json", title="JSON is written with white space."),
    Variant(id="escaped-json", title="JSON is written in ASCII, with escapes."),
    # Date-times
    Variant(id="dates-without-offset", title="Date-times have no offset.", departs=("SHAPE-04",)),
    Variant(id="dates-in-utc", title="Date-times end in Z; a zone changes the wall clock and the offset is written."),
    Variant(id="dates-with-fractions", title="Date-times have seven digits behind the second."),
    # XML
    Variant(id="xml-in-a-namespace", title="XML has a default namespace, and the names of a data contract."),
    Variant(id="xml-wrapped", title="XML has one more element around the elements."),
    Variant(id="xml-other-names", title="XML's root and elements have names of their own."),
    Variant(id="xml-nil-left-out", title="XML leaves out what is null."),
    Variant(id="xml-attributes", title="XML's elements have attributes: xml:space, xml:lang, a serializer's ids."),
    Variant(id="xml-kinds", title="XML names the kind of a value in an attribute; null is an empty element."),
    Variant(id="xml-keys-as-names", title="The keys of maps are names of elements, spelled so that XML allows them."),
    Variant(id="xml-indented", title="XML has white space between elements, a comment, and no declaration."),
    # Media types
    Variant(id="fallback-type", title="Where no type in Accept is available, JSON comes instead of 406."),
    Variant(id="charset-in-capitals", title="Content-Type has charset=UTF-8."),
    Variant(id="charset-quoted", title='Content-Type has charset="utf-8".'),
    Variant(id="charset-none", title="Content-Type has no charset."),
    # Connections and headers
    Variant(id="gzip-never", title="Nothing is compressed, whatever Accept-Encoding says."),
    Variant(id="chunked", title="Bodies are sent in chunks."),
    Variant(id="connection-close", title="The connection is closed after every answer."),
    Variant(id="slow", title="Every answer takes a twentieth of a second."),
    Variant(id="proxied", title="Vary, Via, cookies and a request id come with every answer."),
    Variant(id="rate-limited", title="More than fifty requests a second get 429 with Retry-After."),
    # Refusals
    Variant(id="problem-details", title="Errors are application/problem+json (RFC 9457)."),
    Variant(id="html-errors", title="Errors are pages in HTML."),
    Variant(id="empty-errors", title="Errors have no body."),
    Variant(id="forbidden", title="Bad credentials get 403.", departs=("AUTH-02",)),
    Variant(id="unknown-state-empty", title="A state that does not exist has no tasks, and is no error."),
    Variant(id="additional-member-refused", title="A body with a member that the page does not have gets 400."),
    Variant(id="head-refused", title="HEAD gets 405."),
    # Installations
    Variant(id="basic-only", title="Basic is the only way in.", schemes=("basic",)),
    Variant(id="ticket-only", title="A ticket is the only way in.", schemes=("soticket",)),
    Variant(id="bearer-only", title="A bearer token is the only way in.", schemes=("bearer",)),
    Variant(id="session-only", title="A session is the only way in.", schemes=("session",)),
    # Data
    Variant(id="live-data", title="Tasks go on: a percentage moves with every request, a task appears now and then."),
    Variant(id="one-element", title="There is one task.", undecided=("RES-03",)),
    Variant(id="ascii-only", title="No text has a character beyond ASCII."),
    Variant(id="one-language", title="No text is in several languages."),
    Variant(id="null-for-unknown", title="A language, culture or zone that is not known is answered with null."),
    Variant(id="one-time-zone", title="SO-TimeZone is understood by one zone's name only.", zones=False,
            undecided=("TZ-01", "TZ-02", "TZ-04", "TZ-07")),
    Variant(id="no-data", title="There is no task at all.", undecided=("SEL-*", "LANG-*", "CULT-*", "TZ-*", "RES-*")),
)  # fmt: skip
