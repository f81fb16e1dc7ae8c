"""The ways in which these servers may differ, by name: each is allowed by the page, the non-conforming ones are not."""

from __future__ import annotations

CONFORMING: dict[str, str] = {
    "order-unstable": "The elements come in another order each time.",
    "progress-moves": "ProgressPercent of a running task grows every two seconds.",
    "last-started-moves": "LastStarted of a running task moves every three seconds.",
    "xml-types": "XML carries the type of each value in an attribute.",
    "xml-keys-respelled": "Keys of a map that are not XML names are respelled in XML.",
    "xml-keys-in-attributes": "Keys of a map are in an attribute of a neutral element.",
    "xml-aspnet": "XML in and out as the data contract serializer of ASP.NET writes it, with its namespaces.",
    "xml-root-of-its-own": "XML bodies need a root element that no page names.",
    "nulls-left-out": "The serializer leaves out properties that are null.",
    "nulls-left-out-one-never-set": "As before, and one property is null on every element.",
    "object-holds-anything": "A property that the page calls object holds numbers, lists and objects.",
    "members-by-language": "The order of the members of a JSON object changes with the language.",
    "integers-as-decimals": "Integers are written as 12.0.",
    "null-for-unknown-header": "A value of a language, culture or zone header that is not known is answered with null.",
    "zero-for-not-selected": "What was not selected is 0, false or the zero date where the type cannot be null.",
    "one-language": "Texts are held in one language.",
    "one-zone": "One time zone is known; another code is an error.",
    "own-zone-codes": "Time zones have codes that only this server knows.",
    "single-states-only": "There are elements under single states and none under All.",
    "never-started": "A task that never started has null for its date.",
    "never-started-zero-date": "A task that never started has the zero date, the same in every zone.",
    "id-zero-only": "All tasks belong to the system: AssociateId 0.",
    "dates-without-offset": "Date-times carry no offset unless it is asked for.",
    "default-language": "Without a language, texts are in the server's own language.",
    "numbers-in-texts": "Numbers inside multi-language texts follow the culture.",
    "form-keys-indexed": "A form names the items of a list AssociateIds[0], AssociateIds[1].",
    "xml-booleans-capitalised": "XML has True and False, as djangorestframework-xml writes them.",
    "weights-disregarded": "The weights in Accept do not count, as in Django REST framework.",
    "bodies-coerced": 'A body\'s "12" is read as 12 and its 12 for a text, as in Django REST framework.',
    "few-connections": "No more than ten connections are served at the same time; further ones wait for an answer.",
    "empty-for-nothing": "Where no element is found the body is empty, as Django REST framework writes null.",
    "null-for-nothing": "Where no element is found the answer is null.",
    "errors-with-200": "A body that means nothing is answered with 200 and an error object.",
    "odd-texts": "Texts have blanks at their ends, line ends, control characters, marks and letters of all planes.",
    "seven-digits": "Date-times have seven digits of a second's fraction, as .NET writes them.",
    "one-never-set": "One property is null on every element.",
    "one-task": "There is one task in all.",
    "many-tasks": "There are some six hundred tasks.",
    "http-1-0": "The server speaks HTTP/1.0 and knows no chunks, as Django's own does.",
}

NON_CONFORMING: dict[str, str] = {
    "null-element": "One element is null.",
    "object-for-string": "Name is an object.",
    "object-for-number": "StartCount is an object.",
    "head-with-body": "The answer to HEAD has a body, as waitress sends it if the application gives one.",
    "lower-camel-case": "All names are in lower camel case.",
}


def check(variants: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    """The variants, if each is one that the server has.

    Raises:
        ValueError: a name that the server does not know.
    """
    if unknown := variants - known:
        raise ValueError(f"not a variant of this server: {', '.join(sorted(unknown))}")
    return variants
