"""The named mistakes that the reference server can be made to make, each described in one sentence.

The code asks ``Faults``: ``if faults("select-case-sensitive"): ...`` is at the place where the mistake would be made.
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
    """One mistake that the server can be made to make."""

    id: str
    title: str


class Crash(Exception):
    """Raised by a fault where correct code refuses; the answer is a 500."""


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
        """Whether the fault is on. Ask last in a condition: asking for one that is on records it."""
        if fault in self.enabled:
            self.triggered.add(fault)
            return True
        return False

    def previous(self, fault: str, value: T | None) -> T | None:
        """``value``; with the fault, if there is none, that of the request before this one."""
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
        """``value``; with the fault, if there is none, the last one of any earlier request."""
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
        """A different number each time."""
        with self._lock:
            self._count += 1
            return self._count


def _registry(*faults: tuple[str, str]) -> dict[str, Fault]:
    return {id: Fault(id, title) for id, title in faults}


ALONE: dict[str, Fault] = _registry(
    # Operation and status
    ("created-status", "A success is answered with 201, as the framework does for POST."),
    ("language-list-refused", "A list of more than three languages without weights counts as an attack: 400."),
    ("any-method", "The route ignores the method, so GET, PUT, PATCH and DELETE run the operation too."),
    ("allow-missing", "A 405 does not say which methods are allowed."),
    ("crash-on-unknown-state", "An unknown State is looked up in the enumeration without a check: 500."),
    ("sibling-path-answered", "The route matches by prefix, so the path with a suffix runs the operation too."),
    ("head-with-body", "The answer to HEAD is written like any other, with its body."),
    # Query string: $select
    ("finished-lack-percent", "Finished tasks are written without ProgressPercent, because they make no progress."),
    ("select-truncates-text", "A selected text ends after 12 characters, the width of the column in the list view."),
    ("select-ignored", "$select is ignored."),
    ("select-keeps-objects", "$select replaces only scalars with null, objects stay."),
    ("select-case-sensitive", "Names in $select match only if their case is that of the documentation."),
    ("select-parent-whole", "Parent/Child is split at the slash and the child is dropped, so the whole parent stays."),
    ("select-child-lost", "There is no property named Parent/Child, so the parent is null."),
    ("select-drops-elements", "Elements whose selected properties are all null are left out."),
    ("select-reorders", "Elements are sorted by the first selected property."),
    ("select-json-only", "The JSON serializer does $select, so XML shows everything."),
    (
        "select-duplicate-toggles",
        "Each name in $select switches its property on or off, so a name given twice is not selected.",
    ),
    ("select-unknown-refused", "An unknown name in $select gives 400."),
    ("select-empty-nulls-all", "An empty $select selects nothing, so every property is null."),
    ("select-encoded-ignored", "The query is searched for $select before it is percent-decoded."),
    ("select-pretty-printed", "A response with $select is indented, which makes it far longer than the full one."),
    ("select-sticky", "The selection is kept in the service and applies to the next request that has none."),
    # Authorization, X-XSRF-TOKEN, SO-AppToken
    ("bearer-refused", "The Bearer scheme was forgotten in the configuration."),
    ("anonymous-allowed", "A request with neither Authorization nor session is answered as a guest's."),
    ("challenge-missing", "A 401 carries no WWW-Authenticate."),
    ("password-unchecked", "Basic checks the user, but not the password."),
    ("ticket-prefix-checked", "Tickets and bearer tokens are compared by their first eight characters."),
    ("malformed-basic-crashes", "Basic credentials that are not Base64 are not caught: 500."),
    ("scheme-case-sensitive", "The scheme is recognised only if its case is that of the documentation."),
    ("unknown-scheme-as-basic", "The scheme is ignored: a value that is right for any known scheme is accepted."),
    ("refusal-leaks-data", "The status becomes 401 after the result is written, so the refusal carries the data."),
    ("xsrf-unchecked", "A session cookie is sufficient, X-XSRF-TOKEN is not required."),
    ("session-refused", "The API knows no sessions: a cookie with its right token is refused."),
    ("xsrf-any-value", "X-XSRF-TOKEN must be present, but its value is not compared."),
    ("xsrf-always-checked", "A wrong X-XSRF-TOKEN is refused even beside a right Authorization."),
    ("token-without-session", "A right X-XSRF-TOKEN counts as a login, without a cookie."),
    ("app-token-refused", "Online, a ticket with the right application token is refused."),
    ("app-token-onsite-refused", "On site, a request with an application token is refused."),
    # Content-Type
    ("form-refused", "No reader is registered for form bodies: 415."),
    ("xml-state-lost", "The XML reader drops State, so tasks in all states are returned."),
    ("content-type-case-sensitive", "Content-Type is compared with its case, so upper case gives 415."),
    ("charset-quoted-refused", "A quoted charset is looked up with its quotes: 415."),
    ("any-content-type", "A body of an undocumented type is read as JSON."),
    ("body-guessed", "The type of the body is guessed from its first character, and Content-Type is ignored."),
    ("missing-content-type-crashes", "A missing Content-Type is not expected: 500."),
    # Accept
    ("accept-ignored", "Accept is ignored, the answer is always application/json."),
    ("text-types-mislabelled", "text/json and text/xml are labelled application/json and application/xml."),
    ("xml-loses-objects", "The XML writer leaves out nested objects."),
    ("accept-required", "A request without Accept accepts no type: 406."),
    ("type-range-refused", "application/* and text/* match no type by name: 406."),
    ("weights-ignored", "The first type in Accept wins, even if its weight is lower or zero."),
    ("unknown-type-echoed", "An undocumented type in Accept is copied to Content-Type, over a JSON body."),
    ("charset-wrong", "text/json says charset=utf-16, and its bytes are UTF-8."),
    ("content-type-missing", "text/json is answered without Content-Type."),
    ("accept-parameters-refused", "A type in Accept with a parameter matches no type by name: 406."),
    ("malformed-accept-crashes", "A malformed Accept is not caught: 500."),
    ("vary-missing", "The response does not say that it varies by request headers."),
    # Accept-Language, SO-Language, SO-Culture
    ("language-drops-elements", "Elements without a text in the language are lost in the inner join with the texts."),
    ("language-ignored", "Multi-language text is never converted."),
    ("so-language-ignored", "SO-Language is ignored."),
    ("language-weights-ignored", "The first language in the list wins, even if its weight is lower."),
    ("unknown-language-refused", "An unknown language gives 400."),
    ("language-sticky", "The language is kept in the thread and applies to the next request that has none."),
    ("translation-always-on", "SO-Language: * and x do not turn translation off."),
    ("culture-without-language", "SO-Culture is applied even if no language is set."),
    ("culture-in-numbers", "With a culture, JSON integers and date-times become localised strings."),
    ("unknown-culture-refused", "An unknown culture gives 400."),
    # SO-TimeZone
    ("time-zone-ignored", "SO-TimeZone is ignored."),
    ("time-zone-standard-offset", "Date-times are converted with the standard offset of the zone all year."),
    (
        "time-zone-current-offset",
        "Date-times are converted with the offset that the zone has today, not the one of their date.",
    ),
    ("time-zone-changes-text", "The time zone also chooses the language of the text."),
    ("time-zone-sticky", "The time zone is kept in the thread and applies to the next request that has none."),
    ("time-zone-bad-shape", "Converted date-times have a blank in place of the T, and no seconds."),
    ("time-zone-json-only", "The JSON serializer converts date-times, so XML has the base zone."),
    ("unknown-time-zone-crashes", "An unknown time-zone code is not caught: 500."),
    ("created-kept-in-utc", "Created stays in UTC in every zone."),
    # Request body
    ("no-match-204", "An empty result is answered with 204."),
    ("broken-body-understood", "A JSON body that cannot be parsed counts as a request for everything."),
    ("wrong-types-ignored", "A body or AssociateIds of the wrong type counts as absent, so everything is returned."),
    ("escapes-not-decoded", "Property names are compared before their \\u escapes are decoded."),
    ("int32-overflow-crashes", "An id beyond int32 overflows: 500."),
    ("additional-property-crashes", "A property that the class does not have is not caught: 500."),
    ("chunked-ignored", "Without Content-Length the body counts as empty, so a chunked one is lost."),
    # Response body
    ("object-instead-of-array", "A result of one element is not wrapped in an array."),
    ("null-for-empty", "An empty result is null."),
    ("percent-as-text", "ProgressPercent is formatted as text."),
    ("count-as-float", "StartCount is stored as a float and sent as 3.0."),
    ("count-beyond-int32", "A DetailsRecord is too large for int32."),
    ("date-us-format", "LastStarted is formatted for the United States: 4/17/1998 6:28:48 PM."),
    ("date-impossible", "A LastStarted is put together from its parts as 30 February."),
    ("offset-missing", "Date-times have no offset."),
    ("table-right-as-text", "TableRight is sent as text, not as an object."),
    ("property-forgotten", "A property that was added in the last release is missing in the response."),
    ("additional-property", "A property that is not documented is in the response."),
    ("nan-in-json", "The result of a division by zero is written as NaN."),
    ("xml-unescaped", "XML is written as plain text, and one property is not escaped."),
    ("duplicate-names", "A property is written twice in one object."),
    # What this operation means
    ("other-associates", "A task that is shared with all is returned to everyone who has any."),
    ("state-ignored", "State is ignored."),
    ("last-id-lost", "With more than one id, the loop over them ends one id too early."),
    ("duplicate-id-doubles", "An id that is given twice is looked up twice."),
    ("all-without-failed", "All means the states that are not Failed."),
    ("unstable-result", "A Result text has a counter of requests in it."),
    ("duplicate-rows", "A join returns one task twice."),
    ("system-task-owned", "A system task has an owner."),
    ("percent-beyond-100", "A ProgressPercent goes beyond 100."),
    # HTTP
    ("header-case-sensitive", "Accept, Content-Type and SO-TimeZone are only found if written as documented."),
    ("unknown-header-refused", "A request header that the documentation does not name gives 400."),
    ("content-length-wrong", "For text/xml, Content-Length counts a line end that is never sent."),
    ("stack-trace-shown", "An error's body shows the traceback, with file paths."),
    ("gzip-broken", "The compressed response ends before its last element."),
    ("parallel-mix-up", "The answer is built in a variable that all threads share."),
)
"""Faults that one request shows, by chapter."""

TOGETHER: dict[str, Fault] = _registry(
    # Interactions, rare values, boundaries, and what remains of an earlier request
    ("select-loses-false", "With $select, false values count as absent, so false becomes null."),
    ("select-loses-zero", "With $select, false values count as absent, so 0 becomes null."),
    ("select-untranslated", "The projection of $select reads the stored text, before it is translated."),
    ("select-in-base-zone", "The projection of $select reads the stored date-time, before it is converted."),
    ("select-loses-single-members", "With $select, an object of one member counts as empty."),
    ("select-first-element-only", "$select is applied to the first element only."),
    ("select-objects-in-xml", "The XML serializer writes the original objects, so $select does not make them null."),
    ("select-many-names-crash", "A selection of more than a hundred names overflows its buffer: 500."),
    ("anonymous-xml", "Credentials are checked by the JSON formatter only, so XML needs none."),
    ("anonymous-select", "With a query string, the path is not found in the list of protected paths."),
    ("anonymous-remembered", "A client that was authenticated once needs no credentials for its next requests."),
    ("password-case-ignored", "Passwords are compared without regard to case."),
    ("password-first-eight", "Passwords are compared by their first eight characters."),
    ("ticket-suffix-ignored", "A ticket with characters after it counts as the ticket."),
    ("xsrf-first-half", "X-XSRF-TOKEN is compared by its first half."),
    ("xsrf-any-session", "X-XSRF-TOKEN may be that of any session."),
    ("xsrf-form-unchecked", "X-XSRF-TOKEN is not required if the body is a form."),
    ("form-first-id-only", "The form reader keeps the first of several values of one name."),
    ("charset-case-sensitive", "charset=UTF-8 is not known, charset=utf-8 is: 415."),
    ("patch-types-refused", "The JSON reader refuses +json types: 415."),
    ("chunked-cut", "Only the first chunk of a chunked body is read."),
    ("xml-drops-last-element", "In XML, a result of more than three elements lacks its last one."),
    ("xml-moments-without-offset", "Date-times have no offset in XML, but they have one in JSON."),
    ("xml-loses-characters", "XML is written as ASCII, with question marks for all other characters."),
    ("xml-cuts-long-text", "Texts in XML end after 60 characters."),
    ("xml-escapes-twice", "An ampersand in XML is escaped twice."),
    ("weights-to-one-digit", "Weights are rounded to one decimal."),
    ("accept-case-sensitive", "A type in Accept matches only in lower case: 406."),
    ("language-zero-weight", "A language with q=0 is used like any other."),
    ("culture-groups-thousands", "With a culture, integers from 1000 are texts with separators."),
    ("state-lower-with-zone", "With a time zone, State is written in lower case."),
    ("one-date-not-converted", "With a time zone, one of two date-times in an element has midnight as its time."),
    ("time-zone-drops-seconds", "A conversion loses the seconds."),
    ("half-hours-lost", "The minutes of a zone's offset are ignored, so half hours are lost."),
    ("time-zone-keeps-the-day", "A conversion that passes midnight gets the wrong day."),
    ("xml-zone-mislabelled", "With a time zone, XML is labelled as JSON."),
    ("cache-without-language", "Answers are cached for some seconds, by a key without the language."),
    ("cache-without-zone", "Answers are cached for some seconds, by a key without the time zone."),
    ("cache-without-accept", "Answers are cached for some seconds, by a key without Accept."),
    ("cache-without-credentials", "Answers are cached for some seconds, by a key without the credentials."),
    ("no-ids-means-all", "An empty list of ids counts as no filter."),
    ("zero-id-means-all", "The id 0 alone counts as no filter."),
    ("ids-wrap-around", "Ids are reduced to 32 bits, so 2**32 + 5 is 5."),
    ("third-id-lost", "Of three or more ids the third is skipped."),
    ("two-ids-at-most", "Only the first two ids are looked up."),
    ("user-unchecked", "Basic checks the password, but not the user."),
    ("language-json-only", "The JSON serializer translates text, so XML has it as it is stored."),
    ("one-date-in-utc", "One of two date-times in an element is in UTC in every zone."),
    ("time-zone-lingers", "The last time zone applies to all later requests that have none."),
    ("length-in-characters", "With $select, Content-Length counts characters, not bytes."),
    ("xml-gzip-label-lost", "Compressed XML comes without Content-Encoding."),
)
"""Faults that show only if several things meet."""

FAULTS: dict[str, Fault] = {**ALONE, **TOGETHER}
