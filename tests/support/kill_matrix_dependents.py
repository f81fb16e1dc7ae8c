"""What else a fault breaks or leaves inconclusive, with the standard profile and seed 1: exactly these requirements."""

from __future__ import annotations

DEPENDENTS: dict[str, set[str]] = {
    "created-status": {"BODY-01"},
    "crash-on-unknown-state": {"BODY-01"},
    "select-truncates-text": {"SEL-04", "SEL-07", "SEL-09"},
    "select-ignored": {"SEL-04", "SEL-05", "SEL-07", "SEL-09"},
    "select-keeps-objects": {"SEL-04", "SEL-07", "SEL-09"},
    "select-case-sensitive": {"SEL-09"},
    "select-parent-whole": {"SEL-07"},
    "select-reorders": {"SEL-02", "SEL-04", "SEL-08", "SEL-09"},
    "finished-lack-percent": {"SHAPE-10"},
    "property-forgotten": {"SEL-01"},
    "malformed-basic-crashes": {"OP-04"},
    "session-refused": {"XSRF-01", "XSRF-03", "XSRF-05"},
    "app-token-refused": {"AUTH-01"},
    "missing-content-type-crashes": {"OP-04"},
    "accept-ignored": {"ACC-04", "ACC-05"},
    "text-types-mislabelled": {"ACC-04", "ACC-05"},
    "charset-wrong": {"ACC-01", "ACC-02", "SHAPE-08"},
    "content-type-missing": {"ACC-01", "ACC-04", "ACC-05"},
    "accept-parameters-refused": {"OP-02"},
    "malformed-accept-crashes": {"OP-04"},
    "language-drops-elements": {"CULT-02", "OP-02"},
    "language-ignored": {"LANG-03", "LANG-04", "LANG-06", "LANG-07", "LANG-08"},
    "time-zone-bad-shape": {"TZ-01", "TZ-04"},
    "unknown-time-zone-crashes": {"OP-04"},
    "no-match-204": {"OP-01"},
    "broken-body-understood": {"CT-04"},
    "int32-overflow-crashes": {"OP-04"},
    "additional-property-crashes": {"BODY-01", "OP-04"},
    "xml-unescaped": {"ACC-01", "ACC-02", "LANG-08", "TZ-04"},
    "content-length-wrong": {"ACC-01", "ACC-02", "ACC-05"},
    "select-first-element-only": {"SEL-04", "SEL-05", "SEL-07", "SEL-09"},
    "select-loses-false": {"SEL-04", "SEL-07"},
    "select-loses-zero": {"SEL-04", "SEL-07"},
    "select-loses-single-members": {"SEL-04", "SEL-07"},
    # Who needs no credentials needs no session either.
    "anonymous-remembered": {"XSRF-05"},
    "cache-without-credentials": {"AUTH-02", "AUTH-07", "AUTH-06", "XSRF-01", "XSRF-03", "XSRF-05"},
    "xml-moments-without-offset": {"TZ-04"},
    "xml-zone-mislabelled": {"TZ-04"},
    "culture-groups-thousands": {"CULT-02", "SHAPE-02"},
    "cache-without-language": {"LANG-03", "LANG-04", "LANG-06", "LANG-07", "LANG-08"},
    # A selection in another zone than the plain request's is a comparison across zones.
    "cache-without-zone": {"SEL-02"},
    "cache-without-accept": {"ACC-04", "ACC-05"},
    "length-in-characters": {"SEL-07"},
    "xml-gzip-label-lost": {"SHAPE-08"},
    "xml-loses-characters": {"LANG-08"},
    "xml-escapes-twice": {"LANG-08"},
    # Id 0 has tasks of its own, so it is among the ids that are combined.
    "zero-id-means-all": {"RES-03", "RES-04"},
    "two-ids-at-most": {"RES-04"},
}

_BETWEEN_REQUESTS = "HTTP-06 sends requests at once; chance decides which of them get what the server kept of another"
BY_CHANCE: dict[str, tuple[str, str]] = {
    "language-sticky": ("HTTP-06", _BETWEEN_REQUESTS),
    "parallel-mix-up": ("LANG-06", "chance decides whether one of its requests meets another"),
    "select-sticky": ("HTTP-06", _BETWEEN_REQUESTS),
    "time-zone-lingers": ("HTTP-06", _BETWEEN_REQUESTS),
    "time-zone-sticky": ("HTTP-06", _BETWEEN_REQUESTS),
}
"""Faults of concurrency: the requirement that a run blames and another does not, and why."""


def exact(fault: str, blamed: set[str]) -> set[str]:
    """Of the requirements that a run blames for the fault those that each run blames."""
    return blamed - {BY_CHANCE[fault][0]} if fault in BY_CHANCE else blamed
