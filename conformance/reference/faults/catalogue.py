"""The named mistakes that the reference server can be made to make, one sentence each, as their developer would tell.

``Faults`` is what the code asks: ``if faults("select-case-sensitive"): ...`` stands where the mistake would be made.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import TypeVar

import msgspec

from conformance.core.errors import InputError
from conformance.core.suggestions import nearest

T = TypeVar("T")


class Fault(msgspec.Struct, frozen=True):
    """One way in which the server can be made wrong."""

    id: str
    title: str


class Crash(Exception):
    """What a fault lets happen where correct code refuses; the answer is a 500."""


class Faults:
    """The faults that are on, and those among them whose code was reached (``triggered``)."""

    def __init__(self, ids: Collection[str] = ()) -> None:
        for fault in ids:
            if fault not in FAULTS:
                raise InputError(f"--fault {fault}: there is no such fault{nearest(fault, FAULTS, cutoff=0)}")
        self.enabled = frozenset(ids)
        self.triggered: set[str] = set()
        self._previous: dict[str, object] = {}
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self, fault: str) -> bool:
        """Whether the fault is on. Ask last, where the answer matters: asking for one that is on records it."""
        if fault in self.enabled:
            self.triggered.add(fault)
            return True
        return False

    def previous(self, fault: str, value: T | None) -> T | None:
        """``value``, or where there is none what the request before this one had; the latter only with the fault."""
        if fault not in self.enabled:
            return value
        with self._lock:
            before = self._previous.get(fault)
            self._previous[fault] = value
        if value or not before:
            return value
        self.triggered.add(fault)
        return before  # type: ignore[return-value]

    def last(self, fault: str, value: T | None) -> T | None:
        """``value``, or where there is none what any request before had last; the latter only with the fault."""
        if fault not in self.enabled:
            return value
        with self._lock:
            if value:
                self._previous[fault] = value
                return value
            before = self._previous.get(fault)
        if before:
            self.triggered.add(fault)
        return before  # type: ignore[return-value]

    def next_number(self) -> int:
        """A number that is another one each time."""
        with self._lock:
            self._count += 1
            return self._count


def _registry(*rows: tuple[str, str]) -> dict[str, Fault]:
    return {fault: Fault(fault, title) for fault, title in rows}


FAULTS: dict[str, Fault] = _registry(
    # Operation and status
    ("created-status", "A success is answered with 201, as the framework does for POST."),
    ("language-list-refused", "A list of more than three languages without weights is taken for an attack: 400."),
    ("any-method", "The route does not look at the method, so GET, PUT, PATCH and DELETE run the operation too."),
    ("allow-missing", "A 405 does not say which methods are allowed."),
    ("crash-on-unknown-state", "An unknown State is looked up in the enumeration without a net: 500."),
    ("sibling-path-answered", "The route matches by prefix, so the path with a suffix runs the operation too."),
    ("head-with-body", "The answer to HEAD is written like any other, with its body."),
    # Query string: $select
    ("finished-lack-percent", "The mapping of finished tasks leaves out ProgressPercent, as they have no progress."),
    ("select-truncates-text", "A selected text is cut after 12 characters, the width of the list view's column."),
    ("select-ignored", "$select is not looked at."),
    ("select-keeps-objects", "Only scalars are nulled out by $select, objects stay."),
    ("select-case-sensitive", "Names in $select match only in the case of the documentation."),
    ("select-parent-whole", "Parent/Child is cut at the slash, so the whole parent stays."),
    ("select-child-lost", "Parent/Child is no property's name, so the parent is nulled out altogether."),
    ("select-drops-elements", "Elements with nothing but nulls in the selected properties are left out."),
    ("select-reorders", "Elements come sorted by the first selected property."),
    ("select-json-only", "$select is done by the JSON serializer, so XML shows everything."),
    ("select-duplicate-toggles", "Each name in $select toggles, so a name given twice is not selected."),
    ("select-unknown-refused", "An unknown name in $select is a 400."),
    ("select-empty-nulls-all", "An empty $select selects nothing, so everything is nulled out."),
    ("select-encoded-ignored", "The query is searched for $select before it is percent-decoded."),
    ("select-pretty-printed", "A response with $select is indented for reading, far beyond its full size."),
    ("select-sticky", "The selection is kept in the service and applies to the next request that has none."),
    # Authorization, X-XSRF-TOKEN, SO-AppToken
    ("bearer-refused", "The Bearer scheme was forgotten in the configuration."),
    ("anonymous-allowed", "A request with neither Authorization nor session is served as a guest's."),
    ("challenge-missing", "A 401 carries no WWW-Authenticate."),
    ("password-unchecked", "Basic looks up the user and forgets the password."),
    ("ticket-prefix-checked", "Tickets and bearer tokens are compared by their first eight characters."),
    ("malformed-basic-crashes", "Basic credentials that are no Base64 are not caught: 500."),
    ("scheme-case-sensitive", "The scheme is recognised only in the case of the documentation."),
    ("unknown-scheme-as-basic", "The scheme is not looked at: any value that fits one of the known schemes will do."),
    ("refusal-leaks-data", "The status becomes 401 after the result is written, so the refusal carries the data."),
    ("xsrf-unchecked", "A session cookie is enough, no X-XSRF-TOKEN is asked for."),
    ("session-refused", "Sessions are not known to the API: cookie and right token are refused."),
    ("xsrf-any-value", "X-XSRF-TOKEN has to be there, its value is not compared."),
    ("xsrf-always-checked", "A wrong X-XSRF-TOKEN is refused even beside a right Authorization."),
    ("token-without-session", "A right X-XSRF-TOKEN is taken for a login, without a cookie."),
    ("app-token-refused", "Online, a ticket with the right application token is refused."),
    ("app-token-onsite-refused", "On site, a request with an application token is refused."),
    # Content-Type
    ("form-refused", "No reader is registered for form bodies: 415."),
    ("xml-state-lost", "The XML reader forgets State, as if all states were asked for."),
    ("content-type-case-sensitive", "Content-Type is compared as it is written, so upper case is a 415."),
    ("charset-quoted-refused", "A quoted charset is looked up with its quotes: 415."),
    ("any-content-type", "A type that is not documented is read as JSON all the same."),
    ("body-guessed", "The body's type is guessed from its first character, whatever Content-Type says."),
    ("missing-content-type-crashes", "A missing Content-Type is not thought of: 500."),
    # Accept
    ("accept-ignored", "Accept is not looked at, the answer is always application/json."),
    ("text-types-mislabelled", "text/json and text/xml are answered as application/json and application/xml."),
    ("xml-loses-objects", "The XML writer leaves out nested objects."),
    ("accept-required", "A request without Accept accepts nothing: 406."),
    ("type-range-refused", "application/* and text/* match no type by name: 406."),
    ("weights-ignored", "The first type that Accept names wins, whatever its weight, zero included."),
    ("unknown-type-echoed", "An undocumented type in Accept is copied to Content-Type, over a JSON body."),
    ("charset-wrong", "text/json says charset=utf-16, and its bytes are UTF-8."),
    ("content-type-missing", "text/json is answered without Content-Type."),
    ("accept-parameters-refused", "A type in Accept with a parameter matches no type by name: 406."),
    ("malformed-accept-crashes", "A malformed Accept is not caught: 500."),
    ("vary-missing", "The response does not say that it varies by request headers."),
    # Accept-Language, SO-Language, SO-Culture
    ("language-drops-elements", "Elements without a text in the language fall out of the inner join with the texts."),
    ("language-ignored", "Multi-language text is never converted."),
    ("so-language-ignored", "SO-Language is not looked at."),
    ("language-weights-ignored", "The first language named wins, whatever its weight."),
    ("unknown-language-refused", "A language that nobody knows is a 400."),
    ("language-sticky", "The language is kept in the thread and applies to the next request that has none."),
    ("translation-always-on", "SO-Language: * and x do not turn translation off."),
    ("culture-without-language", "SO-Culture is applied though no language is set."),
    ("culture-in-numbers", "With a culture, JSON integers and date-times become localised strings."),
    ("unknown-culture-refused", "A culture that nobody knows is a 400."),
    # SO-TimeZone
    ("time-zone-ignored", "SO-TimeZone is not looked at."),
    ("time-zone-standard-offset", "Date-times move by the zone's standard offset all year."),
    ("time-zone-current-offset", "Date-times move by the offset that the zone has today, whatever their date."),
    ("time-zone-changes-text", "The time zone also chooses the language of the text."),
    ("time-zone-sticky", "The time zone is kept in the thread and applies to the next request that has none."),
    ("time-zone-bad-shape", "Converted date-times have a blank for the T, and no seconds."),
    ("time-zone-json-only", "Date-times are converted by the JSON serializer, so XML has the base zone."),
    ("unknown-time-zone-crashes", "An unknown time-zone code is not caught: 500."),
    ("created-kept-in-utc", "Created stays in UTC in every zone."),
    # Request body
    ("no-match-204", "A result of nothing is answered with 204."),
    ("broken-body-understood", "A JSON body that does not parse is taken as if everything were asked for."),
    ("wrong-types-ignored", "A body or AssociateIds of the wrong type counts as absent, and absent as everything."),
    ("escapes-not-decoded", "Property names are compared before their \\u escapes are decoded."),
    ("int32-overflow-crashes", "An id beyond int32 overflows: 500."),
    ("additional-property-crashes", "A property that the class does not have is not caught: 500."),
    ("chunked-ignored", "Without Content-Length the body is taken for empty, so a chunked one is lost."),
    # Response body
    ("object-instead-of-array", "A result of one element is not wrapped in an array."),
    ("null-for-empty", "A result of nothing is null."),
    ("percent-as-text", "ProgressPercent is formatted as text."),
    ("count-as-float", "StartCount is stored as a float and sent as 3.0."),
    ("count-beyond-int32", "A DetailsRecord has outgrown int32."),
    ("date-us-format", "LastStarted is formatted for the United States: 4/17/1998 6:28:48 PM."),
    ("date-impossible", "A LastStarted is put together from its parts as 30 February."),
    ("offset-missing", "Date-times have no offset."),
    ("table-right-as-text", "TableRight is sent as text, not as an object."),
    ("property-forgotten", "A property that came with the last release is not in the mapping to the response."),
    ("additional-property", "A property that is not documented slips out."),
    ("nan-in-json", "A rate that was divided by zero is written as NaN."),
    ("xml-unescaped", "XML is put together as text, and one property is not escaped."),
    ("duplicate-names", "A property is written twice in one object."),
    # What this operation means
    ("other-associates", "A task that is shared with everybody comes to all who have any."),
    ("state-ignored", "State is not looked at."),
    ("last-id-lost", "With more than one id, the loop over them ends one too early."),
    ("duplicate-id-doubles", "An id that is given twice is looked up twice."),
    ("all-without-failed", "All means the states that are not Failed."),
    ("unstable-result", "A Result text has a counter of requests in it."),
    ("duplicate-rows", "A join returns one task twice."),
    ("system-task-owned", "A system task has an owner."),
    ("percent-beyond-100", "A ProgressPercent counts on after 100."),
    # HTTP
    ("header-case-sensitive", "Accept, Content-Type and SO-TimeZone are found in their documented spelling only."),
    ("unknown-header-refused", "A request header that the documentation does not name is a 400."),
    ("content-length-wrong", "For text/xml, Content-Length counts a line end that is never sent."),
    ("stack-trace-shown", "An error's body shows the traceback, with file paths."),
    ("gzip-broken", "The compressed response is cut before its last element."),
    ("parallel-mix-up", "The answer is built in a variable that all threads share."),
    # Two things that meet, rare values, boundaries, and memory of an earlier request
    ("select-loses-false", "With $select, what is falsy counts as not there, so false becomes null."),
    ("select-loses-zero", "With $select, what is falsy counts as not there, so 0 becomes null."),
    ("select-untranslated", "The projection of $select reads the stored text, before it is translated."),
    ("select-in-base-zone", "The projection of $select reads the stored date-time, before it is converted."),
    ("select-loses-single-members", "With $select, an object of one member is taken for an empty one."),
    ("select-first-element-only", "$select is applied to the first element, the loop over the others is missing."),
    ("select-objects-in-xml", "The XML serializer writes objects from the original, so $select does not null them."),
    ("select-many-names-crash", "A selection of more than a hundred names overflows its buffer: 500."),
    ("anonymous-xml", "The check of credentials is registered for the JSON formatter only, so XML is open."),
    ("anonymous-select", "A query string makes the path another one for the list of protected paths."),
    ("anonymous-remembered", "Who was let in is remembered by address, so the next request needs nothing."),
    ("password-case-ignored", "Passwords are compared without regard to case."),
    ("password-first-eight", "Passwords are compared by their first eight characters."),
    ("ticket-suffix-ignored", "A ticket with something behind it is taken for the ticket."),
    ("xsrf-first-half", "X-XSRF-TOKEN is compared by its first half."),
    ("xsrf-any-session", "X-XSRF-TOKEN has to be that of a session, not of this one."),
    ("xsrf-form-unchecked", "X-XSRF-TOKEN is not asked for where the body is a form."),
    ("form-first-id-only", "The form reader keeps the first of several values of one name."),
    ("charset-case-sensitive", "charset=UTF-8 is not known, charset=utf-8 is: 415."),
    ("patch-types-refused", "The JSON reader takes no +json types: 415."),
    ("chunked-cut", "Of a chunked body the first chunk is read."),
    ("xml-drops-last-element", "In XML, a result of more than three elements loses its last one."),
    ("xml-moments-without-offset", "XML's date-times have no offset, JSON's have."),
    ("xml-loses-characters", "XML is written as ASCII, with question marks for what is not."),
    ("xml-cuts-long-text", "XML's texts are cut at 60 characters."),
    ("xml-escapes-twice", "An ampersand in XML is escaped twice."),
    ("weights-to-one-digit", "Weights are read to one digit behind the point."),
    ("accept-case-sensitive", "A type in Accept matches only in small letters: 406."),
    ("language-zero-weight", "A language with q=0 is taken like any other."),
    ("culture-groups-thousands", "With a culture, integers from 1000 on are texts with separators."),
    ("state-lower-with-zone", "With a time zone, State is written in small letters."),
    ("one-date-not-converted", "Of two date-times in an element, one has midnight in place of its time with a zone."),
    ("time-zone-drops-seconds", "A conversion loses the seconds."),
    ("half-hours-lost", "Zones whose offset is not of whole hours are taken by their hours."),
    ("time-zone-keeps-the-day", "A conversion that passes midnight gets the wrong day."),
    ("xml-zone-mislabelled", "With a time zone, XML is labelled as JSON."),
    ("cache-without-language", "Answers are kept for some seconds, by a key without the language."),
    ("cache-without-zone", "Answers are kept for some seconds, by a key without the time zone."),
    ("cache-without-accept", "Answers are kept for some seconds, by a key without Accept."),
    ("cache-without-credentials", "Answers are kept for some seconds, by a key without who asks."),
    ("no-ids-means-all", "A list of no ids is taken for no filter."),
    ("zero-id-means-all", "The id 0 alone is taken for no filter."),
    ("ids-wrap-around", "Ids are cut to 32 bits, so 2**32 + 5 is 5."),
    ("third-id-lost", "Of three ids or more the third is passed over."),
    ("two-ids-at-most", "Only the first two ids are looked up."),
    ("user-unchecked", "Basic checks the password and forgets whose it is."),
    ("language-json-only", "Text is translated by the JSON serializer, so XML has it as it is stored."),
    ("one-date-in-utc", "Of two date-times in an element, one is in UTC in every zone."),
    ("time-zone-lingers", "The time zone that was last asked for is everybody's until another one is."),
    ("length-in-characters", "With $select, Content-Length counts characters, not bytes."),
    ("xml-gzip-label-lost", "Compressed XML comes without Content-Encoding."),
)
