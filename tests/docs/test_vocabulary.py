"""One word for one thing: the texts and names of the project use the words of GLOSSARY.md.

``vocabulary.toml`` lists the words to avoid, what to write instead, and the exceptions with their reasons.
"""

from __future__ import annotations

import bisect
import fnmatch
import functools
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
VOCABULARY = tomllib.loads((ROOT / "tests/vocabulary.toml").read_text(encoding="utf-8"))
WORDS: list[dict[str, Any]] = VOCABULARY["word"]
FIXED = frozenset(VOCABULARY["fixed"]["names"])
TEXTS = (".md", ".toml", ".html", ".js", ".css", ".svg", ".ini")
MOST = 50

# Where one line of a text goes on in the next one: a comment, a string that is written in parts, a quotation.
_LINE_BREAK = re.compile(r'[ \t]*"?[ \t]*\n\s*(?:[#>]+ ?|[rf]{0,2}"(?!""))?[ \t]*')
_EXPRESSION = re.compile(r"(?<!\{)\{(?!\{)[^{}\n]*\}")
_OLD_NAMES = re.compile(r"<!-- old names -->.*?<!-- end -->", re.DOTALL)
_LAST_COLUMN = re.compile(r"\|[^|\n]*\|[ \t]*$", re.MULTILINE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN = re.compile(r"[\w-]")
_ID = re.compile(r'^\s*(?:\(|[A-Z]\w+\(\s*)?"([a-z0-9]+(?:-[a-z0-9]+)+)",', re.MULTILINE)
_CODE = "\0"
_VISIBLE = re.compile(r"\S+")
_STRING_OR_COMMENT = re.compile(
    r"""(?:\b(?P<prefix>[rbuf]{1,2}))?(?:\"{3}(?:[^"\\]|\\.|"(?!""))*\"{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\#[^\n]*""",
    re.DOTALL | re.IGNORECASE,
)
# What defines a name: a class, a function, a parameter or variable with a type, what is assigned, a loop.
_CLASS = re.compile(r"\bclass\s+(\w+)")
_NAME = re.compile(
    r"\bdef\s+(\w+)|\b(\w+):\s|\b(\w+)\s*=(?!=)|\b(\w+),(?=[\w\s,.]*\s=\s)|\bfor\s+([\w\s,()]+?)\s+in\b|\bas\s+(\w+)"
)


class Hit(NamedTuple):
    """A word that is to be replaced."""

    file: str
    line: int
    found: str
    word: int
    token: str
    """The whole name or id that it is a part of."""
    around: str


def tracked() -> list[str]:
    """The files of the checkout that are written by hand here."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout: there is no list of tracked files")
    skipped = VOCABULARY["skipped"]["files"]
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [name for name in names if not any(fnmatch.fnmatchcase(name, each) for each in skipped)]


def blanked(source: str, pattern: re.Pattern[str]) -> str:
    """The source without what the pattern matches; the lines stay."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", _CODE, match[0]), source)


def python_text(source: str) -> tuple[str, str]:
    """The comments and strings of a Python file, and its code; the rest of either is blanked out, line for line."""
    texts, code, at = [], [], 0
    for match in _STRING_OR_COMMENT.finditer(source):
        before, text = source[at : match.start()], match[0]
        formatted = match["prefix"] is not None and "f" in match["prefix"].lower()
        texts += [_VISIBLE.sub(_CODE, before), blanked(text, _EXPRESSION) if formatted else text]
        code += [before, _VISIBLE.sub(_CODE, text)]
        at = match.end()
    return "".join([*texts, _VISIBLE.sub(_CODE, source[at:])]), "".join([*code, source[at:]])


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text in lower case, without what is written where one ends and the next one begins."""
    line, at = 1, 0
    for match in _LINE_BREAK.finditer(text):
        yield line, text[at : match.start()].replace("None", "null").lower()
        line += match[0].count("\n")
        at = match.end()
    yield line, text[at:].replace("None", "null").lower()


def split(name: str) -> str:
    """The words of an identifier or a file name."""
    return " ".join(re.split(r"[^A-Za-z0-9]+", _CAMEL.sub("_", name))).strip().lower()


def identifiers(code: str) -> Iterator[tuple[str, int, str]]:
    """The names that the code of a Python file defines, each with its offset and its kind."""
    for match in _CLASS.finditer(code):
        yield match[1], match.start(), "class"
    for match in _NAME.finditer(code):
        for name in re.findall(r"\w+", next(filter(None, match.groups()))):
            yield name, match.start(), "constant" if name.isupper() else "identifier"


def compiled(pattern: str) -> re.Pattern[str]:
    """A word to avoid. That a word begins where it matches is looked at afterwards: so the search is fast."""
    return re.compile(f"(?:{pattern})(?![a-z0-9])", re.MULTILINE)


PATTERNS = [compiled(word["pattern"]) for word in WORDS]


def found_in(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches that begin a word."""
    for match in pattern.finditer(text):
        if match.start() == 0 or not text[match.start() - 1].isalnum():
            yield match


class Corpus:
    """The lines of all texts, or all names, in one: each word is looked for once, and a phrase over two lines."""

    def __init__(self, separator: str) -> None:
        self.separator = separator
        self.parts: list[str] = []
        self.starts: list[int] = []
        self.origins: list[tuple[str, str, int]] = []
        self.length = 0

    def add(self, part: str, file: str, kind: str, line: int) -> None:
        """One more part, and where it is from."""
        self.parts.append(part)
        self.starts.append(self.length)
        self.origins.append((file, kind, line))
        self.length += len(part) + 1

    def hits(self, *kinds: str) -> Iterator[Hit]:
        """The hits of the words of these kinds, each in the files that its word is for."""
        joined = self.separator.join(self.parts)
        for index, (word, pattern) in enumerate(zip(WORDS, PATTERNS, strict=True)):
            for match in found_in(pattern, joined) if word["kind"] in kinds else ():
                part = bisect.bisect_right(self.starts, match.start()) - 1
                file, kind, line = self.origins[part]
                alone = word["kind"] in ("file", "class", "constant") and word["kind"] != kind
                if alone or not any(fnmatch.fnmatchcase(file, each) for each in word.get("files", ["*"])):
                    continue
                start, end = match.span()
                while start and _TOKEN.match(joined[start - 1]):
                    start -= 1
                while end < len(joined) and _TOKEN.match(joined[end]):
                    end += 1
                around = joined[max(0, start - 60) : end + 60] if kind == "text" else self.parts[part]
                token = joined[start:end] if kind == "text" else around.replace(" ", "_")
                yield Hit(file, line, match[0], index, token, around)


@functools.cache
def everything() -> list[Hit]:
    """All hits, those of fixed names left out; exceptions are not applied."""
    files = tracked()
    catalogues = [name for name in files if any(fnmatch.fnmatchcase(name, each) for each in VOCABULARY["fixed"]["ids"])]
    fixed = {id for name in catalogues for id in _ID.findall((ROOT / name).read_text(encoding="utf-8"))} | FIXED
    texts, names = Corpus(" "), Corpus("\n")
    for file in files:
        path = ROOT / file
        if path.suffix not in (*TEXTS, ".py"):
            continue
        source = path.read_text(encoding="utf-8")
        source, code = python_text(source) if path.suffix == ".py" else (source, "")
        if file == "CHANGELOG.md":
            source = blanked(source, _OLD_NAMES)
        if file == "GLOSSARY.md":
            source = blanked(source, _LAST_COLUMN)
        for line, text in [*lines_of(source), (0, _CODE)]:
            texts.add(text, file, "text", line)
        seen = {(path.stem, "file"): 0}
        for name, offset, kind in identifiers(code):
            seen.setdefault((name, kind), offset)
        for (name, kind), offset in seen.items():
            names.add(split(name), file, kind, code.count("\n", 0, offset) + 1)
    hits = [*texts.hits("text", "both"), *names.hits("file", "class", "constant", "identifier", "both")]
    hits = [hit for hit in hits if hit.token.strip("-") not in fixed]
    return sorted(hits, key=lambda hit: (hit.file, hit.line))


def covers(exception: dict[str, str], hit: Hit) -> bool:
    """Whether an exception allows the hit: by file, by the text around it, or by both."""
    file, context = exception.get("files", "*"), exception.get("context", "")
    return fnmatch.fnmatchcase(hit.file, file) and context.lower() in hit.around.lower()


def exceptions(word: int) -> list[dict[str, str]]:
    """The exceptions of a word."""
    listed: list[dict[str, str]] = WORDS[word].get("exceptions", [])
    return listed


def test_texts_and_names_use_the_words_of_the_glossary() -> None:
    hits = [hit for hit in everything() if not any(covers(each, hit) for each in exceptions(hit.word))]
    shown = [f"{hit.file}:{hit.line}: {hit.found} -> {WORDS[hit.word]['instead']}" for hit in hits[:MOST]]
    if len(hits) > MOST:
        shown.append(f"and {len(hits) - MOST} more")
    assert not hits, "\n".join(["words to replace (tests/vocabulary.toml):", *shown])


def test_every_exception_is_used_and_has_a_reason() -> None:
    hits = everything()
    unused = [
        f"{WORDS[index]['pattern']}: {exception}"
        for index in range(len(WORDS))
        for exception in exceptions(index)
        if not exception.get("reason")
        or not any(hit.word == index and covers(exception, hit) for hit in hits)
        or not (exception.get("files") or exception.get("context"))
    ]
    assert not unused, "\n".join(["exceptions without a use or without a reason:", *unused])


@pytest.mark.parametrize("index", range(len(WORDS)), ids=[f"{word['kind']}-{word['example']}" for word in WORDS])
def test_a_pattern_finds_its_example(index: int) -> None:
    word = WORDS[index]
    assert set(word) <= {"pattern", "instead", "kind", "example", "fine", "files", "exceptions"}
    assert word["kind"] in ("text", "identifier", "class", "constant", "file", "both")
    assert word["instead"]
    spelled = (
        [split(word["example"])] if word["kind"] not in ("text", "both") else [word["example"], split(word["example"])]
    )
    assert any(any(found_in(PATTERNS[index], each)) for each in spelled)
    assert not any(found_in(PATTERNS[index], word.get("fine", "")))
