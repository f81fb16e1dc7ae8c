"""A Markdown page as a list of sections with their tables, fences and paragraphs, each with its line.

Nothing here knows what the sections mean; ``operation.py`` does.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from conformance.contract.errors import InputError
from conformance.pages.tables import Table, read_table

# Paragraphs that head what follows, as if they were headings.
_HEADING_LINES = ("response body",)

_MARKDOWN = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)


class Fence(msgspec.Struct, frozen=True):
    """A fenced block: its info string, its text, and the line of the text's first line."""

    info: str
    text: str
    line: int


class Paragraph(msgspec.Struct, frozen=True):
    """A paragraph and its first line."""

    text: str
    line: int


class Section(msgspec.Struct):
    """A heading with what stands below it. ``Response: array`` has the name ``Response`` and the rest ``array``."""

    title: str
    line: int
    tables: list[Table] = []
    fences: list[Fence] = []
    paragraphs: list[Paragraph] = []

    @property
    def name(self) -> str:
        """The heading up to its colon."""
        return self.title.partition(":")[0].strip()

    @property
    def rest(self) -> str:
        """What follows the heading's colon."""
        return self.title.partition(":")[2].strip()


class Document(msgspec.Struct):
    """A page: its front matter, and its sections; the first section is the title with what precedes the next."""

    path: Path
    front: dict[str, str]
    sections: list[Section]

    def section(self, name: str) -> Section | None:
        """The first section of that name, in any case."""
        return next((each for each in self.sections[1:] if each.name.lower() == name.lower()), None)

    def error(self, message: str, line: int = 0) -> InputError:
        """An error in this page: one line that names the file and the line."""
        # What is quoted from the page may hold line separators of any kind.
        message = " ".join(message.split())
        return InputError(f"{self.path}:{line}: {message}" if line else f"{self.path}: {message}")


def parse_document(path: Path, text: str) -> Document:
    """Parse the Markdown ``text`` of the page ``path``."""
    document = Document(path=path, front={}, sections=[Section(title="", line=0)])
    tokens = _MARKDOWN.parse(text)
    lines = text.split("\n")
    for index, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else 0
        section = document.sections[-1]
        match token.type:
            case "front_matter":
                document.front = _front_matter(token.content)
            case "heading_open":
                _head(document, plain_text(tokens[index + 1]), line, title=token.tag == "h1")
            case "paragraph_open":
                content = tokens[index + 1].content
                if content.partition(":")[0].strip().lower() in _HEADING_LINES and "\n" not in content:
                    _head(document, content, line, title=False)
                elif content.startswith("|"):
                    raise document.error("a table without its line of dashes; add it below the table's head", line)
                else:
                    section.paragraphs.append(Paragraph(content, line))
            case "fence":
                section.fences.append(Fence(token.info.strip(), token.content, line + 1))
            case "table_open":
                section.tables.append(read_table(document.path, tokens[index:], lines))
    return document


def plain_text(inline: Token) -> str:
    """The text of an inline token without its Markdown."""
    return "".join(child.content for child in inline.children or ())


def _head(document: Document, text: str, line: int, *, title: bool) -> None:
    if title and not document.sections[0].line:
        document.sections[0].title, document.sections[0].line = text, line
    else:
        document.sections.append(Section(title=text, line=line))


def _front_matter(content: str) -> dict[str, str]:
    """The ``name: value`` lines of the front matter; pages use no more of YAML than that."""
    pairs = (line.partition(":") for line in content.split("\n") if not line.startswith((" ", "#", "-")))
    return {name.strip(): value.strip().strip("\"'") for name, colon, value in pairs if colon}
