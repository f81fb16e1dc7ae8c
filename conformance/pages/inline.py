"""The text of a heading, a line or a cell without its Markdown; only what has Markdown is parsed."""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark")
_MARKED = re.compile(r"[\\`*_\[\]<&!]")
_CODE = re.compile(r"(?<!\\)`([^`]+)`")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")

# Longer text is prose; its marks are not worth the time that parsing that many brackets may take.
_LONGEST = 2000


@lru_cache(maxsize=4096)
def plain_text(text: str) -> str:
    """The text as a reader sees it: marks, tags and escapes resolved, blanks at the ends gone."""
    text = text.strip()
    if len(text) > _LONGEST or not _MARKED.search(text):
        return text
    tokens: list[Token] = []
    _MARKDOWN.inline.parse(text, _MARKDOWN, {}, tokens)
    return "".join(_content(token) for token in tokens).strip()


def code_spans(text: str) -> tuple[str, ...]:
    """What is in back-ticks."""
    return tuple(code.strip() for code in _CODE.findall(text))


def prose(text: str) -> str:
    """A description without its tags, on one line."""
    return " ".join(_TAG.sub(" ", text).split())


def _content(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.type == "html_inline":
        # ``<Dictionary<string>>`` in a heading or cell would be text; a real tag is not.
        return ""
    return token.content
