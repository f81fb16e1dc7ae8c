"""Whether an operation reads or writes, decided from its page alone, with the reason.

Only what is known to read is called, so each step can only take away from that: the method (RFC 9110, section 9.2),
the whole words of the name, what its conjunctions join, whether an answer is documented, and the verbs of the summary,
which can veto and never permit. What none of these decides is ``unknown`` and counts as writing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from conformance.contract.verbs import (
    CONJUNCTIONS,
    NOUNS_TOO,
    PARTICLES,
    QUESTIONS,
    READING,
    WRITING,
    WRITING_NOUNS,
    base,
    is_writing,
    words,
)

CallEffect = Literal["reads", "writes", "unknown"]
Decision = tuple[CallEffect, str]

READING_METHODS = ("GET", "HEAD", "POST")
"""The methods under which an operation can be one that reads: the safe ones, and POST for a call of its own."""

_SAFE = ("GET", "HEAD")
_VERSION = re.compile(r"api|v[0-9.]+", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n\s*\n")
# A verb stands here: at the start of a sentence, or after one of these.
_BEFORE_A_VERB = CONJUNCTIONS | {"also", "automatically", "it", "optionally", "will", ",", "/"}
_TOKEN = re.compile(r"[A-Za-z]+|[,/]")


def decide(
    *, method: str, path: str, is_call: bool, answers: bool, summary: str = "", documented: Iterable[str] = ()
) -> Decision:
    """The effect of an operation and why, in one line that can follow the operation's name.

    ``is_call`` says that the path names a call of its own, ``answers`` that the page documents a body of a successful
    answer. ``summary`` is the prose below method and path, ``documented`` are the names of parameters and properties:
    what a conjunction joins is a noun if it is one of these.
    """
    nouns = {word for name in documented for word in words(name)}
    decision = _by_method_and_name(method, path, is_call, nouns)
    if decision[0] != "reads":
        return decision
    veto = _veto(summary, may_create_default=_is_of_default(path))
    if veto:
        return "unknown", f"{decision[1]}, but its summary has the verb {veto!r}"
    if not answers:
        return "unknown", f"{decision[1]}, but the page documents no body of an answer"
    return "reads", f"{decision[1]}; an answer is documented, and no verb of the summary writes"


def _by_method_and_name(method: str, path: str, is_call: bool, nouns: set[str]) -> Decision:
    if method not in READING_METHODS:
        return "writes", f"{method} changes data (RFC 9110, section 9.2)"
    if method in _SAFE:
        return _safe_method(method, path, nouns)
    last = path.rpartition("/")[2]
    if "{" in last:
        return "unknown", "its path ends with a placeholder, so that no name says what POST does there"
    return _name(last, nouns, is_call=is_call)


def _safe_method(method: str, path: str, nouns: set[str]) -> Decision:
    """A safe method reads, unless a segment of the path is the name of a call that does not."""
    segments = [each for each in path.split("/") if each and not _VERSION.fullmatch(each)]
    for place, segment in enumerate(segments):
        if "{" in segment:
            continue
        split = words(segment)
        if not split:
            return "unknown", f"the words of {segment!r} in its path cannot be separated"
        if _is_default(split):
            continue
        first = split[0]
        # The first segment names a collection: /Order, /Archive. Alone it is a noun if it can be one.
        noun = first in WRITING_NOUNS and place == 0 and len(split) == 1
        if (first in WRITING or first in WRITING_NOUNS) and not noun:
            return "unknown", f"{segment!r} in its path begins with the verb {first!r}, although its method is {method}"
        if _is_phrasal(split):
            return "unknown", f"{segment!r} in its path begins with {' '.join(split[:2])!r}, which is another verb"
        if first in READING | QUESTIONS:
            joined = _joined(split, nouns)
            if joined:
                return joined
    return "reads", f"{method} is a safe method (RFC 9110, section 9.2.1)"


def _name(name: str, nouns: set[str], *, is_call: bool) -> Decision:
    """What the name of a call says: its first whole word, and what conjunctions add to it."""
    split = words(name)
    if not split:
        return "unknown", f"the words of its name {name!r} cannot be separated"
    first = split[0]
    if _is_default(split):
        joined = _joined(split, nouns)
        return joined or ("reads", "its name begins with 'create default', which makes a value and stores nothing")
    if first in QUESTIONS or first in READING:
        if not is_call and first in NOUNS_TOO:
            return "unknown", f"{name!r} below a resource may be a noun, and then POST adds one"
        if _is_phrasal(split):
            return "unknown", f"its name begins with {' '.join(split[:2])!r}, which is another verb than {first!r}"
        writing = next((each for each in split[1:] if each in WRITING), "")
        if first in NOUNS_TOO and writing:
            return "unknown", f"{first!r} in its name may be a noun, and {writing!r} its verb"
        return _joined(split, nouns) or ("reads", f"its name begins with {first!r}")
    if first in WRITING or first in WRITING_NOUNS:
        return "writes", f"its name begins with {first!r}"
    return "unknown", f"its name begins with {first!r}, which is not known to read"


def _joined(split: Sequence[str], nouns: set[str]) -> Decision | None:
    """What a conjunction in a name adds, where that is not only one noun more; None where it is.

    ``GetOr...`` joins verbs, ``...ByAssociatesAndState`` what the page documents. Anything else may be either.
    """
    for place, word in enumerate(split[:-1]):
        if word not in CONJUNCTIONS or place == 0:
            continue
        after = split[place + 1]
        named = f"its name joins {split[0]!r} and {after!r}"
        if after in WRITING or after in WRITING_NOUNS:
            return "writes", named
        is_noun = place > 1 and not nouns.isdisjoint((after, f"{after}s", after.removesuffix("s")))
        if not is_noun and after not in READING | QUESTIONS:
            return "unknown", f"{named}, which may be a verb"
    return None


def _is_phrasal(split: Sequence[str]) -> bool:
    return len(split) > 1 and split[0] in READING and split[1] in PARTICLES


def _is_default(split: Sequence[str]) -> bool:
    return tuple(split[:2]) == ("create", "default")


def _is_of_default(path: str) -> bool:
    """Whether a path ends with the name of a call, or of a resource, that makes a default value."""
    last = words(path.rpartition("/")[2])
    return _is_default(last) or last == ("default",)


def _veto(summary: str, *, may_create_default: bool) -> str:
    """The first verb of the summary that writes, as it is written there; empty if there is none.

    A call that makes a default value may say that it creates or sets one, in a sentence with the word default.
    """
    for sentence in _SENTENCE.split(summary):
        if may_create_default and re.search(r"\bdefaults?\b", sentence, re.IGNORECASE):
            continue
        for verb in _verbs(sentence):
            if is_writing(verb):
                return verb
    return ""


def _verbs(sentence: str) -> Iterator[str]:
    """The words of a sentence that stand where a verb does."""
    before = ""
    tokens = _TOKEN.findall(sentence)
    for place, token in enumerate(tokens):
        if place == 0 or before in _BEFORE_A_VERB:
            yield token
        elif base(token) in WRITING and not any(base(each) in READING for each in tokens[:place]):
            # "This method deletes", "Used to delete": nothing that reads came first.
            yield token
        before = token.lower()
