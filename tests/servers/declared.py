"""What the suite has to say of each server and variant: the verdict, each warning and each inconclusive requirement, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Declared:
    """Requirement ids with the reason why they are right; whatever is not named must not be reported."""

    verdict: str = "conformant"
    warnings: dict[str, str] = field(default_factory=dict)
    inconclusive: dict[str, str] = field(default_factory=dict)
    """Of every level."""


ZERO = "0, false or the zero date stands where nothing was selected"
ONE_LANGUAGE = "there is no second language to distinguish"
ONE_ZONE = "the only zone is the server's own, so nothing can be seen to change"
LEFT_OUT = "some elements lack what others have; the page says that every property is shown"
NEVER_SET = "the serializer leaves out nulls, and one property is null on every element"

MEANS_NOTHING = "a body that means nothing is not refused with 4xx"

DECLARED: dict[str, Declared] = {
    "zero-for-not-selected": Declared(warnings={"SEL-03": ZERO}),
    "null-for-nothing": Declared(warnings={"SHAPE-01": "null is not an array"}),
    "empty-for-nothing": Declared(warnings={"SHAPE-08": "no body is not a JSON text"}),
    "errors-with-200": Declared(warnings=dict.fromkeys(("CT-04", "BODY-02", "BODY-03"), MEANS_NOTHING)),
    "id-zero-only": Declared("inconclusive", inconclusive={"RES-03": "there are no two ids with tasks"}),
    "one-task": Declared("inconclusive", inconclusive={"RES-03": "there are no two associates with tasks"}),
    "http-1-0": Declared(warnings={"BODY-07": "HTTP/1.0 has no chunks"}),
    "one-language": Declared(
        "inconclusive",
        inconclusive=dict.fromkeys(("LANG-02", "LANG-03", "LANG-04", "LANG-06", "LANG-07", "LANG-08"), ONE_LANGUAGE),
    ),
    "one-zone": Declared(
        "inconclusive", inconclusive=dict.fromkeys(("TZ-01", "TZ-02", "TZ-04", "TZ-06", "TZ-07"), ONE_ZONE)
    ),
    "integers-as-decimals": Declared(warnings={"SHAPE-03": "12.0 is an integer, and no other server writes it so"}),
    "dates-without-offset": Declared(warnings={"SHAPE-04": "the sample's date-times have an offset"}),
    "single-states-only": Declared(warnings={"RES-05": "All does not hold what each state gives"}),
    "weights-disregarded": Declared(warnings={"ACC-05": "weights are a SHOULD, and this framework disregards them"}),
    "nulls-left-out": Declared(warnings=dict.fromkeys(("SEL-01", "SHAPE-10"), LEFT_OUT)),
    "nulls-left-out-one-never-set": Declared(
        "inconclusive", inconclusive=dict.fromkeys(("SEL-01", "SHAPE-10"), NEVER_SET)
    ),
    "xml-root-of-its-own": Declared("inconclusive", inconclusive={"CT-01": "no page names the root element"}),
}

# At least the first must fail, and nothing but both.
NON_CONFORMING: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "null-element": (frozenset({"SHAPE-01"}), frozenset()),
    "object-for-string": (frozenset({"SHAPE-02"}), frozenset()),
    "object-for-number": (frozenset({"SHAPE-02"}), frozenset()),
    "lower-camel-case": (frozenset({"SHAPE-10"}), frozenset({"SEL-01"})),
    "head-with-body": (frozenset({"OP-06"}), frozenset()),
}


def declared(server: str, variant: str) -> Declared:
    """What is right for this server, else for each."""
    return DECLARED.get(f"{server}/{variant}") or DECLARED.get(variant) or Declared()
