"""The conforming variants of the reference server, each described in one sentence.

A page does not specify everything. Each variant does one such thing differently, as some real server does; the suite
must not fail any of them. The code asks ``Variants``: ``if "slow" in variants: ...``.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from conformance.core.errors import InputError
from conformance.core.suggestions import nearest


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One conforming variant.

    ``departs`` names the SHOULD requirements that warn of it, ``inconclusive`` the MUST ones (or globs of them) that
    such a server gives no evidence for; ``schemes`` are the credentials that it accepts, if not all.
    """

    id: str
    title: str
    departs: tuple[str, ...] = ()
    inconclusive: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    """The MAY requirements that record it."""
    zones: bool = True
    """Whether the time zones of the demo data may be configured for it."""


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
        """The kinds of credentials that are accepted; empty: all."""
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
            inconclusive=("SHAPE-05",)),
    Variant(id="empty-maps", title="A map that would be null is empty."),
    Variant(id="property-order", title="The members of every JSON object are in another order each time."),
    Variant(id="zero-for-null", title="Integers, booleans and date-times cannot be null: 0, false, the year 1.",
            departs=("SEL-03",)),
    Variant(id="counts-as-fractions", title="Counts and percentages are written as 50.0.", departs=("SHAPE-03",)),
    Variant(id="objects-of-anything", title="ParameterObject holds numbers, lists and objects, not only texts."),
    Variant(id="unordered", title="The elements are in another order each time."),
    Variant(id="pretty-json", title="JSON is written with white space."),
    Variant(id="escaped-json", title="JSON is written in ASCII, with escapes."),
    # Date-times
    Variant(id="dates-without-offset", title="Date-times have no offset.", departs=("SHAPE-04",)),
    Variant(id="dates-in-utc", title="Date-times end in Z; a zone changes the wall clock and the offset is written."),
    Variant(id="dates-with-fractions", title="Date-times have seven decimals of the second."),
    # XML
    Variant(id="xml-in-a-namespace", title="XML has a default namespace, and the names of a data contract."),
    Variant(id="xml-wrapped", title="XML has one more element around the elements."),
    Variant(id="xml-other-names", title="The root and the elements of XML have other names."),
    Variant(id="xml-nil-left-out", title="XML leaves out what is null."),
    Variant(id="xml-attributes", title="XML elements have attributes: xml:space, xml:lang, the ids of a serializer."),
    Variant(id="xml-kinds", title="XML names the type of a value in an attribute; null is an empty element."),
    Variant(id="xml-keys-as-names", title="The keys of maps are names of elements, spelled so that XML allows them."),
    Variant(id="xml-indented", title="XML has white space between elements, a comment, and no declaration."),
    # Media types
    Variant(id="fallback-type", title="If no type in Accept is available, the answer is JSON instead of 406."),
    Variant(id="charset-in-capitals", title="Content-Type has charset=UTF-8."),
    Variant(id="charset-quoted", title='Content-Type has charset="utf-8".'),
    Variant(id="charset-none", title="Content-Type has no charset."),
    # Connections and headers
    Variant(id="gzip-never", title="Nothing is compressed, even if Accept-Encoding allows it."),
    Variant(id="chunked", title="Bodies are sent in chunks."),
    Variant(id="connection-close", title="The connection is closed after every answer."),
    Variant(id="slow", title="Every answer takes a twentieth of a second."),
    Variant(id="proxied", title="Every answer has Vary, Via, cookies and a request id."),
    Variant(id="rate-limited", title="More than fifty requests a second get 429 with Retry-After."),
    # Refusals
    Variant(id="problem-details", title="Errors are application/problem+json (RFC 9457)."),
    Variant(id="html-errors", title="Errors are pages in HTML."),
    Variant(id="empty-errors", title="Errors have no body."),
    Variant(id="forbidden", title="Bad credentials get 403.", departs=("AUTH-02",)),
    Variant(id="unknown-state-empty", title="A state that does not exist has no tasks, which is not an error."),
    Variant(id="additional-member-refused", title="A body with a member that the page does not have gets 400."),
    Variant(id="head-refused", title="HEAD gets 405."),
    # Installations
    Variant(id="basic-only", title="Basic is the only scheme.", schemes=("basic",)),
    Variant(id="ticket-only", title="Tickets are the only scheme.", schemes=("soticket",)),
    Variant(id="bearer-only", title="Bearer tokens are the only scheme.", schemes=("bearer",)),
    Variant(id="session-only", title="Sessions are the only credentials.", schemes=("session",)),
    # Data
    Variant(id="live-data", title="Live data: a percentage changes with every request, and sometimes a task appears."),
    Variant(id="one-element", title="There is one task.", inconclusive=("RES-03",)),
    Variant(id="ascii-only", title="No text has a character beyond ASCII."),
    Variant(id="one-language", title="No text is in several languages."),
    Variant(id="null-for-unknown", title="A language, culture or zone that is not known is answered with null."),
    Variant(id="one-time-zone", title="SO-TimeZone knows the name of one zone only.", zones=False,
            inconclusive=("TZ-01", "TZ-02", "TZ-04", "TZ-07")),
    Variant(id="no-data", title="There is no task.", inconclusive=("SEL-*", "LANG-*", "CULT-*", "TZ-*", "RES-*")),
)  # fmt: skip
