"""Rules of samples against prose: what a description says of a property's values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.pages.bodies import PROPERTY_NAME
from conformance.pages.inline import prose
from conformance.pages.lint.rule import Level, Page, Problem, elements, rule

_PERCENT_NAME = re.compile(r"percent", re.IGNORECASE)
_PERCENT = re.compile(r"\b(?:in|as)? ?(?:a )?percent(?:age)?\b", re.IGNORECASE)
_RANGE = re.compile(r"(?<![\w.-])(-?\d+) ?(?:to|\.\.\.?|–) ?(-?\d+)(?![\w.-])")
_CONDITION = re.compile(r"[Ii]f (?:it|this|that|the \w+) is an? ([\w ]+?), (?:then )?(\w+) ?(?:=|is) ?(-?\d+)\b")
_TRUE_THEN = re.compile(r"[Ii]f (\w+) is true, (?:then )?(\w+) ?(?:=|is) ?(-?\d+)\b")


@rule("prose-percent", Level.WARNING, "a sample shows a percentage beyond 0 to 100")
def percentages(page: Page) -> Iterator[Problem]:
    for name, line, text, values in _shown(page):
        if not (_PERCENT_NAME.search(name) and _PERCENT.search(text)):
            continue
        for at, value in values:
            if not 0 <= value <= 100:
                yield Problem(at, f"{name} is a percentage (line {line}), the sample shows {value}", "no bounds")


@rule("prose-range", Level.WARNING, "a sample shows a number beyond the range that the description gives")
def ranges(page: Page) -> Iterator[Problem]:
    for name, line, text, values in _shown(page):
        match = _RANGE.search(text)
        if not match or int(match[1]) >= int(match[2]):
            continue
        for at, value in values:
            if not int(match[1]) <= value <= int(match[2]):
                message = f"{name} is {match[0]} (line {line}), the sample shows {value}"
                yield Problem(at, message, "no bounds")


@rule("prose-condition", Level.WARNING, "a sample contradicts a condition that a description states")
def conditions(page: Page) -> Iterator[Problem]:
    for _, body, sample, lines in page.bodies():
        flags = {row.name.lower(): row.name for row in body.properties}
        for name, line, text in _described(page):
            for words, then, number in (*_CONDITION.findall(text), *_TRUE_THEN.findall(text)):
                flag = flags.get("is" + words.replace(" ", "").lower()) or flags.get(words.lower())
                if flag is None or name not in flags.values():
                    continue
                for at, element in elements(sample.body):
                    if element.get(flag) is True and then in element and element[then] != int(number):
                        message = f"{flag} is true and {then} {element[then]}, line {line} says {then} = {number}"
                        yield Problem(lines.get((*at, then), sample.line), message, "no such condition")


def _described(page: Page) -> Iterator[tuple[str, int, str]]:
    """The properties of all tables with their lines and descriptions."""
    for section in page.document.sections:
        for table in section.tables:
            if table.columns[0] == PROPERTY_NAME:
                for row in table.rows:
                    yield row.name, row.line, prose(table.cell(row, "description"))


def _shown(page: Page) -> Iterator[tuple[str, int, str, list[tuple[int, float]]]]:
    """The numeric properties with their lines, descriptions, and the lines and values that samples show."""
    for name, line, text in _described(page):
        values = []
        for _, body, sample, lines in page.bodies():
            if not any(row.line == line for row in body.properties):
                continue
            for at, element in elements(sample.body):
                value = element.get(name)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    values.append((lines.get((*at, name), sample.line), value))
        yield name, line, text, values
