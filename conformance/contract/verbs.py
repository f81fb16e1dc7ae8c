"""English verbs as names of operations and summaries use them, and names and sentences as words.

The lists hold verbs of the language, not of one documentation. What is in none of them is unknown, and an unknown verb
counts as writing.
"""

from __future__ import annotations

import re


def _set(verbs: str) -> frozenset[str]:
    return frozenset(verbs.split())


QUESTIONS = _set("allows are can contains does exist exists has have is may needs requires should supports was")
"""They begin a question: the answer is true or false, whatever verb follows (``CanDelete``)."""

_READING_ONLY = _set(
    "calculate compare compute describe detect determine estimate fetch find get parse preview retrieve return "
    "show validate verify"
)
NOUNS_TOO = _set("browse check count list lookup query read search view")
"""They read as verbs, but may begin a noun: ``ListDelete`` deletes."""
READING = _READING_ONLY | NOUNS_TOO

WRITING = _set(
    "abort accept acquire activate add advance allocate alter anonymize append apply approve assign attach "
    "authorize cancel checkin checkout claim clear clone commit confirm connect consume create deactivate decline "
    "decrement delete demote deny dequeue destroy detach disable disconnect dismiss drop edit emit enable enqueue "
    "enroll ensure erase evict execute expire extend finalize flush forward generate grant impersonate increment "
    "initialize insert install invalidate invite invoke issue join kill launch leave login logout merge migrate "
    "modify notify obtain overwrite patch pause perform persist poll pop populate postpone prepend promote "
    "provision publish purge push put reassign rebuild recalculate receive recreate redeem redo refresh register "
    "reindex reject release remove rename renew reopen reorder replace reply republish reschedule reserve reset "
    "resize restart restore resume retire retry revert revoke rollback rotate run save schedule send shutdown "
    "sign signin signout spawn split start stop submit subscribe substitute suspend swap sync synchronize "
    "terminate toggle touch transfer trigger truncate unassign undelete undo uninstall unlink unlock unmark "
    "unpublish unregister unsubscribe upgrade upload upsert use write"
)
"""They change data, or something else that outlives the request: a session, a message sent, a counter."""

WRITING_NOUNS = _set(
    "archive block call change close complete convert copy dial duplicate end exchange export finish import link "
    "load lock log mark move open order override post print process record release report request script seed set "
    "store test train update"
)
"""The same, but as often a noun or an adjective: ``GetChangeSet`` and ``GET /Archive`` only read."""

# After these the verb is another one: to check out is not to check.
PARTICLES = _set("away back down in into off on onto out over through up")
CONJUNCTIONS = _set("and else or then")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|[0-9]+")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def words(name: str) -> tuple[str, ...]:
    """The whole words of a name in lower case: CamelCase, digits and ``_ . -`` divide them (``GetCRMScript``).

    Empty for a name with other characters: where its words end would be a guess.
    """
    return tuple(each.lower() for each in _WORD.findall(name)) if _NAME.fullmatch(name) else ()


def base(word: str) -> str:
    """The form of a verb that the lists have: ``Creates`` and ``creating`` are ``create``; other words as they are."""
    word = word.lower()
    for form in _forms(word):
        if form in READING or form in WRITING or form in WRITING_NOUNS:
            return form
    return word


def _forms(word: str) -> tuple[str, ...]:
    found = [word]
    if word.endswith("ies"):
        found.append(word[:-3] + "y")
    if word.endswith("es"):
        found.append(word[:-2])
    if word.endswith("s"):
        found.append(word[:-1])
    if word.endswith("ing"):
        stem = word[:-3]
        # creat-ing, send-ing, set(t)-ing
        found += [stem + "e", stem, stem[:-1] if stem[-1:] == stem[-2:-1] else stem]
    return tuple(found)


def is_writing(word: str) -> bool:
    """Whether a word may be a verb that writes, in any of its present forms."""
    return base(word) in WRITING or base(word) in WRITING_NOUNS
