"""A Markdown page as a list of sections with their tables, fences and paragraphs, each with its line.

Sections are known by how they begin, as a heading or as a line of their own, whatever the case: ``## Response: array``,
``### Response body: X`` and ``Response body: X`` are equal. ``operation.py`` says what a section means.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

from conformance.contract.folder import page_digest
from conformance.core.errors import InputError
from conformance.core.files import read_text
from conformance.pages.inline import plain_text
from conformance.pages.page_file import is_inside, root_of
from conformance.pages.tables import Table, TableReader

QUERY, HEADERS = "query string parameters", "request headers"
REQUEST_BODY, RESPONSE_BODY, RESPONSE = "request body", "response body", "response"
SAMPLE_REQUEST, SAMPLE_RESPONSE = "sample request", "sample response"
_KNOWN = (QUERY, HEADERS, REQUEST_BODY, RESPONSE_BODY, RESPONSE, SAMPLE_REQUEST, SAMPLE_RESPONSE)

_INCLUDE = re.compile(r"\[!include\s*\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)\s*\]", re.IGNORECASE)
_MAX_CELLS = 1000

MAX_BYTES = 1_000_000
"""No page is longer; a longer file is something else, and might need very long."""

# Blocks only: text is parsed where it matters (inline.py), so that a page of brackets takes no longer than another one.
# Prose may begin with a tag or with blanks, and is still prose.
_MARKDOWN = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(front_matter_plugin)
    .disable(["inline", "text_join", "html_block", "code", "reference"])
)


class Fence(msgspec.Struct, frozen=True):
    """A fenced block: its info string, its text, and the line of the text's first line.

    ``page`` is the file that it is in, if that is another one, which the page includes.
    """

    info: str
    text: str
    line: int
    page: str = ""


class Paragraph(msgspec.Struct, frozen=True):
    """A paragraph and its first line."""

    text: str
    line: int


class Include(msgspec.Struct, frozen=True):
    """Another file that the page includes, and whether it is there."""

    path: str
    line: int
    found: bool


class Section(msgspec.Struct):
    """A heading with what is below it. ``Response: array`` has the name ``response`` and the rest ``array``."""

    title: str
    line: int
    name: str = ""
    rest: str = ""
    tables: list[Table] = []
    fences: list[Fence] = []
    paragraphs: list[Paragraph] = []


class Document(msgspec.Struct):
    """A page: its front matter, and its sections; the first section is the title with what precedes the next."""

    path: Path
    front: dict[str, str]
    sections: list[Section]
    lines: list[str] = []
    root: Path | None = None
    """The folder that its includes stay in; None is the one for a page that was named alone."""
    includes: list[Include] = []
    notes: list[Paragraph] = []
    """Headings that are prose; what is below them belongs to the section around them."""

    def named(self, name: str) -> list[Section]:
        """The sections of that name, in the page's order."""
        return [each for each in self.sections[1:] if each.name == name]

    def section(self, name: str, first_column: str = "") -> Section | None:
        """The first section of that name; one with a table that begins with ``first_column`` before others."""
        found = self.named(name)
        tabled = (each for each in found if any(table.columns[0] == first_column for table in each.tables))
        return next(tabled, found[0] if found else None)

    def error(self, message: str, line: int = 0) -> InputError:
        """An error in this page: one line that names the file and the line."""
        # What is quoted from the page may hold line separators of any kind.
        message = " ".join(message.split())
        return InputError(f"{self.path}:{line}: {message}" if line else f"{self.path}: {message}")


def read_document(path: Path, root: Path | None = None) -> Document:
    """Read and parse one page, without asking what it means."""
    return parse_document(path, read_text(path, MAX_BYTES), root)


def parse_document(path: Path, text: str, root: Path | None = None) -> Document:
    """Parse the Markdown ``text`` of the page ``path``; the files that it includes are read too.

    Raises InputError, also for an include that leads outside ``root``.
    """
    document = Document(path=path, front={}, sections=[Section(title="", line=0)], lines=text.split("\n"), root=root)
    if not text.strip():
        raise document.error("is empty; a documentation page is expected")
    for number, line in enumerate(document.lines, 1):
        if line.count("|") > _MAX_CELLS:
            raise document.error(f"a line of more than {_MAX_CELLS} cells is not a table row; remove it", number)
    _read_blocks(document, text)
    return document


def _read_blocks(document: Document, text: str) -> None:
    tokens = _MARKDOWN.parse(text)
    tables = TableReader(document.path, document.lines)
    for index, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else 0
        if line and line <= tables.end:
            # A table's last row may reach over blank lines into what looks like paragraphs.
            continue
        section = document.sections[-1]
        match token.type:
            case "front_matter":
                document.front = _front_matter(token.content)
            case "heading_open":
                _head(document, plain_text(tokens[index + 1].content), line, title=token.tag == "h1")
            case "paragraph_open":
                _read_paragraph(document, tokens[index + 1].content, line)
            case "fence":
                section.fences.append(Fence(token.info.strip(), token.content, line + 1))
            case "table_open":
                section.tables.append(tables.read(line))


def _read_paragraph(document: Document, content: str, line: int) -> None:
    found = _known(content)
    if found and "\n" not in content and (not found[1] or content[len(found[0])] == ":"):
        _head(document, content, line, title=False)
    elif content.startswith("|"):
        raise document.error("a table without its line of dashes; add it below the table's head", line)
    else:
        document.sections[-1].paragraphs.append(Paragraph(content, line))
        for include in _INCLUDE.findall(content):
            _include(document, include, line)


def _head(document: Document, text: str, line: int, *, title: bool) -> None:
    if title and not document.sections[0].line:
        document.sections[0].title, document.sections[0].line = text, line
        return
    known = _known(text)
    if known:
        document.sections.append(Section(title=text, line=line, name=known[0], rest=known[1]))
    else:
        document.notes.append(Paragraph(text, line))


def _known(text: str) -> tuple[str, str] | None:
    """The name of the section that begins like this, and what follows it."""
    lowered = text.lower()
    for name in _KNOWN:
        if lowered.startswith(name) and not text[len(name) : len(name) + 1].isalnum():
            return name, text[len(name) :].strip(" :\t")
    return None


def _include(document: Document, name: str, line: int) -> None:
    """Add the fences of an included file to the section that includes it; its own includes are ignored."""
    path = document.path.parent / name
    root = document.root or root_of(document.path)
    if not is_inside(path, root):
        raise document.error(f"includes {name}, which is outside {root}; name a folder that holds both", line)
    found = not Path(name).is_absolute() and path.suffix.lower() == ".md" and path.is_file()
    document.includes.append(Include(name, line, found))
    if not found:
        return
    for token in _MARKDOWN.parse(read_text(path, MAX_BYTES)):
        if token.type == "fence" and token.map:
            fence = Fence(token.info.strip(), token.content, token.map[0] + 2, page=name)
            document.sections[-1].fences.append(fence)


def included(path: Path, text: str, root: Path) -> list[Path]:
    """The files inside ``root`` that a page includes, whether they are there or not."""
    named = [path.parent / name for name in _INCLUDE.findall(text)] if "[!" in text else []
    return [each for each in named if is_inside(each, root)]


def included_digest(text: str, included: list[Path]) -> str:
    """The digest of a page together with the files that it includes."""
    more = (read_text(path, MAX_BYTES) if path.is_file() else "\0" for path in included)
    return page_digest("".join((text, *more)))


def _front_matter(content: str) -> dict[str, str]:
    """The ``name: value`` lines of the front matter; pages use no more of YAML than that."""
    pairs = (line.partition(":") for line in content.split("\n") if not line.startswith((" ", "#", "-")))
    return {name.strip(): value.strip().strip("\"'") for name, colon, value in pairs if colon}
