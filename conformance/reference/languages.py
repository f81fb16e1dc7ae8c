"""Accept-Language and SO-Language: which language, of those that the data holds."""

from __future__ import annotations

import msgspec
from babel import Locale, UnknownLocaleError

from conformance.reference.faults.catalogue import Faults
from conformance.reference.refusal import Refusal
from conformance.reference.weighted_lists import members

LOCALES = {"NO": "nb", "US": "en_US", "GE": "de", "FR": "fr", "SW": "sv"}
"""The vendor's codes of the languages that the data holds, with the culture that each defaults to."""
_CODES = {"nb": "NO", "no": "NO", "en": "US", "de": "GE", "fr": "FR", "sv": "SW"}
_MANY = 3


def choose_language(accept_language: str | None, so_language: str | None, faults: Faults) -> str | None:
    """The vendor's code of the language to translate to; None: not at all.

    SO-Language comes first; a header that names no language of the data is ignored.
    """
    if so_language is not None and not faults("so-language-ignored"):
        off = so_language.strip().lower() in ("*", "x")
        if off and not faults("translation-always-on"):
            return None
        chosen = _best(so_language, faults)
        if chosen is not None:
            return chosen
    return _best(accept_language, faults) if accept_language is not None else None


def _best(header: str, faults: Faults) -> str | None:
    named, _ = members(header)
    if len(named) > _MANY and all(member.weight == 1.0 for member in named) and faults("language-list-refused"):
        raise Refusal(400, "Too many languages")
    if not any(member.value == "*" or _is_language(member.value) for member in named) and faults(
        "unknown-language-refused"
    ):
        raise Refusal(400, "The language is not known")
    held = [member for member in named if _code(member.value) and member.weight > 0]
    if len(held) < len([each for each in named if _code(each.value)]) and faults("language-zero-weight"):
        held = [msgspec.structs.replace(each, weight=1.0) for each in named if _code(each.value)]
    if not held:
        return None
    best = max(held, key=lambda member: member.weight)
    if _code(held[0].value) != _code(best.value) and faults("language-weights-ignored"):
        best = held[0]
    return _code(best.value)


def _code(tag: str) -> str | None:
    return _CODES.get(tag.partition("-")[0])


def _is_language(tag: str) -> bool:
    return find_locale(tag.partition("-")[0]) is not None


def find_locale(tag: str) -> Locale | None:
    """The culture of a tag such as ``sv`` or ``de-CH``, or of its language alone."""
    for candidate in (tag, tag.partition("-")[0]):
        try:
            return Locale.parse(candidate.strip(), sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return None
