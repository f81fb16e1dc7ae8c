"""Learn the target first: is it there, does it let us in, which ids give data, what moves by itself.

Few requests, all recorded. What is learned goes into ``Known``; a target that cannot be tested at all (not
reachable, credentials refused, a login page, the same error for everything) is an InputError with exit status 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conformance.contract.errors import InputError
from conformance.suite.answer import Answer
from conformance.suite.ask import Ask
from conformance.suite.compare import same
from conformance.suite.date_times import is_placeholder, parse_date_time
from conformance.suite.known import Known, Relation

UNREACHABLE = 4
_BATCHES = (range(1, 51), range(1, 1001), range(1, 10001))
_ENOUGH_ROWS = 10
_MARKED = re.compile(r'(?:^|;)\s*([A-Z]{2}(?:-[A-Za-z]{2,})?)\s*:\s*"')
_COUNTRY_LANGUAGE = {
    "US": "en",
    "UK": "en",
    "GB": "en",
    "GE": "de",
    "NO": "nb",
    "SW": "sv",
    "SE": "sv",
    "DA": "da",
    "DK": "da",
    "SP": "es",
    "JP": "ja",
    "CZ": "cs",
    "GR": "el",
}
_LANGUAGES = ("en", "de", "fr", "nb", "no", "sv", "da", "nl", "es", "it")
_ZONES = {
    "America/New_York": "America/New_York",
    "Asia/Kolkata": "Asia/Kolkata",
    "Europe/Oslo": "Europe/Oslo",
    "UTC": "UTC",
    "Australia/Sydney": "Australia/Sydney",
}
# The vendor's own codes, of which its background pages show some.
_VENDOR_ZONES = {
    "US-NY": "America/New_York",
    "US-CA": "America/Los_Angeles",
    "NO": "Europe/Oslo",
    "UTC": "UTC",
    "US-HI": "Pacific/Honolulu",
}


def discover(ask: Ask) -> Known:
    """Fill ``ask.known``; raises InputError (exit status 4) where the target cannot be tested."""
    known = ask.known
    known.ids, known.state = relations(ask)
    known.body = sample_body(ask)
    first = knock(ask)
    rows = first.elements or []
    if known.ids is not None:
        rows = find_ids(ask, rows)
    settle_on(ask, rows)
    if known.rows:
        learn_stability(ask)
        learn_xml(ask)
        learn_languages(ask)
        learn_zones(ask)
    return known


def relations(ask: Ask) -> tuple[Relation | None, Relation | None]:
    """Which request property lists ids of elements' owners, and which one names their state.

    ``AssociateIds`` (an array of integers) belongs to ``AssociateId``; a text belongs to the text of its name.
    """
    request: dict[str, Any] = (ask.contract.request or {}).get("properties", {})
    ids = state = None
    for name, schema in request.items():
        kinds = schema.get("type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        singular = name.removesuffix("s")
        if "array" in kinds and name != singular and singular in ask.contract.properties:
            ids = Relation(request=name, response=singular)
        elif "string" in kinds and name in ask.contract.properties:
            state = Relation(request=name, response=name)
    return ids, state


def sample_body(ask: Ask) -> dict[str, Any]:
    """The body of the page's sample request."""
    sample = ask.operation.sample_request
    body = sample.body if sample is not None else None
    return dict(body) if isinstance(body, dict) else {}


def knock(ask: Ask) -> Answer:
    """The first request, with each credential in turn until one is accepted."""
    answers: list[Answer] = []
    candidates = ask.target.credentials or (None,)
    for credential in candidates:
        ask.credential = credential
        answer = ask("first")
        if answer.accepted and not _is_login(answer):
            return answer
        if answer.exchange.failure == "malformed" or (answer.status == 404 and _answers_for_others(ask)):
            # It is there and lets us in; what is wrong with its answers is for the requirements to say.
            return answer
        if answer.exchange.failure in ("refused",):
            raise InputError(
                _where(ask) + f": {answer.outcome}; is it running, and is the URL right?",
                exit_status=UNREACHABLE,
            )
        answers.append(answer)
    ask.credential = candidates[0]
    raise InputError(_where(ask) + ": " + _why_not(ask, answers[0]), exit_status=UNREACHABLE)


def _answers_for_others(ask: Ask) -> bool:
    """Whether the path is there after all, and 404 only means that the sample's ids are nobody's."""
    if ask.known.ids is None:
        return False
    body = {**ask.known.body, ask.known.ids.request: list(ask.config.ids) or list(_BATCHES[0])}
    return ask("probe", body=body).accepted


def _where(ask: Ask) -> str:
    return f"target {ask.target.redactor.text(ask.target.url)}"


def _is_login(answer: Answer) -> bool:
    return answer.media_type in ("text/html", "application/xhtml+xml")


def _why_not(ask: Ask, answer: Answer) -> str:
    if _is_login(answer) and answer.accepted:
        return "it answers with an HTML page (a login page?), not with the API; check the URL and --auth"
    if 300 <= answer.status < 400:
        place = answer.header("Location") or "elsewhere"
        return f"it redirects to {ask.target.redactor.text(place)}, and redirects are not followed; use the final URL"
    if answer.status in (401, 403) and not ask.target.credentials:
        return f"it wants credentials ({answer.outcome}); give them with --auth"
    if answer.status in (401, 403):
        return f"it refuses the credentials of --auth ({answer.outcome}), so nothing could be tested"
    if answer.status == 404:
        return f"it has no {ask.operation.path} (404); check the base URL"
    return f"the documented request gets {answer.outcome}, so nothing could be tested"


def find_ids(ask: Ask, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ask for growing ranges of ids until there is data; configured ids come first."""
    known, relation = ask.known, ask.known.ids
    assert relation is not None
    candidates = [list(ask.config.ids)] if ask.config.ids else []
    candidates += [list(batch) for batch in _BATCHES]
    best = rows
    for batch in candidates:
        if len(best) >= _ENOUGH_ROWS:
            break
        answer = ask("probe", body={**known.body, relation.request: batch})
        if answer.accepted and len(answer.elements or []) > len(best):
            best = answer.elements or []
    # A server that looks at one id only shows nothing of a batch.
    for single in range(1, 25) if not best else ():
        answer = ask("probe", body={**known.body, relation.request: [single]})
        best = [*best, *(answer.elements or [])] if answer.accepted else best
    return best


def settle_on(ask: Ask, rows: list[dict[str, Any]]) -> None:
    """Choose the ids of the plain request: few elements, many kinds of values."""
    known = ask.known
    if known.ids is not None:
        name = known.ids.response
        owners: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            owner = row.get(name)
            if isinstance(owner, int) and not isinstance(owner, bool):
                owners.setdefault(owner, []).append(row)
        chosen = _choose(owners)
        if chosen:
            known.known_ids = tuple(chosen)
            known.body = {**known.body, known.ids.request: list(chosen)}
    plain = ask.plain()
    known.rows = plain.elements or []
    known.identity = find_identity(ask, known.rows)
    known.valued = tuple(
        name for name in ask.contract.properties if any(row.get(name) is not None for row in known.rows)
    )
    if known.state is not None:
        states = {row.get(known.state.response) for row in rows} | set(ask.config.states)
        known.known_states = tuple(sorted(state for state in states if isinstance(state, str) and state))
        word = known.body.get(known.state.request)
        known.every_state = word if isinstance(word, str) else ""
        known.note("states", ", ".join(known.known_states) or "none seen", found=bool(known.known_states))
    if known.ids is not None:
        known.note(
            f"{known.ids.request} that give data",
            ", ".join(map(str, known.known_ids))
            or "none, although ids up to 10000 were tried; name some with ids in conformance.toml",
            found=bool(known.known_ids),
        )
    known.note("elements in the plain response", str(len(known.rows)), found=bool(known.rows))
    missing = [name for name in ask.contract.properties if name not in known.valued]
    if known.rows and missing:
        known.note("properties never seen with a value", ", ".join(missing), found=False)


def _choose(owners: dict[int, list[dict[str, Any]]]) -> list[int]:
    """Owners with few elements first, until there are some ten elements of two owners that show every property."""

    def values(rows: list[dict[str, Any]]) -> set[str]:
        return {name for row in rows for name, value in row.items() if value not in (None, "", {}, [])}

    everything = values([row for rows in owners.values() for row in rows])
    chosen: list[int] = []
    count = 0
    covered: set[str] = set()
    for owner, rows in sorted(owners.items(), key=lambda item: (len(item[1]), item[0])):
        useful = values(rows) - covered
        if len(chosen) < 2 or count < _ENOUGH_ROWS or (useful and count < 3 * _ENOUGH_ROWS):
            chosen.append(owner)
            count += len(rows)
            covered |= values(rows)
        if covered >= everything and count >= _ENOUGH_ROWS and len(chosen) >= 2:
            break
    return sorted(chosen)


def find_identity(ask: Ask, rows: list[dict[str, Any]]) -> str | None:
    """The documented integer property that tells the elements apart: ``Id`` by preference."""
    integers = [name for name, schema in ask.contract.properties.items() if schema.get("type") == "integer"]
    for name in sorted(integers, key=lambda n: (n.lower() != "id", not n.lower().endswith("id"))):
        values = [row.get(name) for row in rows]
        # One element that comes twice (RES-07) must not cost the identity.
        if values and all(isinstance(v, int) for v in values) and len(set(values)) >= max(1, len(values) - 1):
            return name if name.lower().endswith("id") else None
    return None


def learn_stability(ask: Ask) -> None:
    """The same request again: what changes without a reason."""
    ask.learn_changes(ask.plain(), ask.plain(fresh=True))
    known = ask.known
    known.note("order of the elements", "stable" if known.ordered else "not stable")
    if known.volatile:
        known.note("properties that change by themselves", ", ".join(sorted(known.volatile)))


def learn_xml(ask: Ask) -> None:
    """Where this target's XML keeps the elements."""
    from conformance.suite.answer import is_xml
    from conformance.target.codec_xml import find_rows

    kind = next((fact.name for fact in ask.operation.response_types if is_xml(fact.name)), None)
    if kind is None:
        return
    answer = ask("plain", accept=kind)
    if answer.accepted and answer.is_xml and not answer.xml.problem:
        ask.known.xml_path = find_rows(answer.xml, ask.contract.properties)[1]
        ask.known.note("elements in XML", "/".join(ask.known.xml_path) or "not found", found=bool(ask.known.xml_path))


def learn_languages(ask: Ask) -> None:
    """Languages of which every two give different text, asked for with Accept-Language."""
    known = ask.known
    if ask.operation.header("Accept-Language") is None:
        return
    plain = ask.plain()
    find_marked(known)
    candidates = dict.fromkeys((*ask.config.languages, *known.marked_languages, *_LANGUAGES))
    seen: dict[str, str] = {}
    changing: set[str] = set()
    limit = 12 if known.marked_languages or ask.config.languages else 6
    known.tried_languages = tuple(candidates)[:limit]
    for code in known.tried_languages:
        answer = ask("language", headers=(("Accept-Language", code),))
        if not answer.accepted or answer.elements is None:
            continue
        changed = set(changed_texts(ask, plain, answer))
        if known.marked:
            # Texts of numbers and dates change with the culture that a language brings; that shows no translation.
            changed &= set(known.marked)
        text = repr([{name: row.get(name) for name in sorted(changed)} for row in answer.elements]) if changed else ""
        if changed and text not in seen.values():
            seen[code] = text
            changing |= changed
        if len(seen) >= 3:
            break
    known.languages = tuple(seen)
    known.changing = tuple(sorted(changing))
    if seen:
        known.note("languages", f"{', '.join(seen)} change {', '.join(known.changing)}")
    else:
        known.note("languages", f"none of {', '.join(list(candidates)[:limit])} changes any text", found=False)


def find_marked(known: Known) -> None:
    """The properties with raw multi-language text (``NO:"...";US:"..."``), and the languages that it names."""
    languages: dict[str, None] = {}
    names: dict[str, None] = {}
    for row in known.rows:
        for name, value in row.items():
            codes = _MARKED.findall(value) if isinstance(value, str) else []
            if len(codes) >= 2:
                names[name] = None
                languages.update(dict.fromkeys(_COUNTRY_LANGUAGE.get(code, code.lower()) for code in codes))
    known.marked_languages, known.marked = tuple(languages), tuple(names)


def changed_texts(ask: Ask, plain: Answer, other: Answer) -> Iterator[str]:
    """The properties in which two answers differ, but for the volatile ones."""
    identity = ask.known.identity
    if identity is None:
        return
    mine = {row.get(identity): row for row in plain.elements or []}
    for row in other.elements or []:
        before = mine.get(row.get(identity))
        for name in ask.contract.properties:
            if before is not None and name not in ask.known.volatile and not same(before.get(name), row.get(name)):
                yield name


def learn_zones(ask: Ask) -> None:
    """Time-zone codes by which this target converts. Configured codes are taken at their word."""
    known = ask.known
    if ask.operation.header("SO-TimeZone") is None or not any(date_times(ask, ask.plain())):
        return
    configured = {code: _zone(code, name) for code, name in ask.config.time_zones.items()}
    if configured:
        known.zones = configured
        known.note("time zones", f"{', '.join(configured)} (configured)")
        return
    plain = list(date_times(ask, ask.plain()))
    for candidates in (_ZONES, _VENDOR_ZONES):
        for position, (code, name) in enumerate(candidates.items()):
            if position == 2 and not known.zones:
                break
            answer = ask("zone", headers=(("SO-TimeZone", code),))
            if answer.accepted and list(date_times(ask, answer)) != plain:
                known.zones[code] = ZoneInfo(name)
        if known.zones:
            break
    if known.zones:
        known.note("time zones", f"converts by {', '.join(known.zones)}")
    else:
        known.note(
            "time zones",
            "no code of "
            f"{', '.join([*_ZONES, *_VENDOR_ZONES])} changes any date-time; name codes that it knows in "
            "conformance.toml",
            found=False,
        )


def _zone(code: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"conformance.toml: time_zones: {code} = {name!r} is no IANA time zone (Europe/Oslo, for example)"
        ) from None


def date_times(ask: Ask, answer: Answer) -> Iterator[tuple[Any, str, str]]:
    """(identity, property, text) of every real date-time in an answer."""
    names = [name for name, schema in ask.contract.properties.items() if schema.get("format") == "date-time"]
    for index, row in enumerate(answer.rows(ask.known.xml_path) or []):
        for name in names:
            moment = parse_date_time(row.get(name))
            if moment is not None and not is_placeholder(moment) and name not in ask.known.volatile:
                yield (
                    (str(row.get(ask.known.identity, index)) if ask.known.identity else index),
                    name,
                    row[name],
                )
