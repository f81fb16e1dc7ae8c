"""A documentation page as HTML, each row and paragraph marked with the requirements that are based on its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.front_matter import front_matter_plugin

from conformance.engine.result import RequirementResult
from conformance.reporting.status_presentation import ORDER, SYMBOL, anchor

_LINK = Markup(
    '<a class="mark {status}" href="#{href}" title="{title}">{symbol} {id}<span class="vh"> {status}</span></a>'
)
_BLOCKS = {"paragraph_open": "paragraph_close", "heading_open": "heading_close"}


def render_page(text: str, results: Sequence[RequirementResult], anchors: Mapping[tuple[str, str], str]) -> Markup:
    """The page; ``results`` are those whose source is a line of it.

    HTML in a page is shown, not used; its links and pictures become their text: the report asks for nothing from
    anywhere.
    """
    by_line: dict[int, list[RequirementResult]] = {}
    for result in results:
        by_line.setdefault(result.source.line, []).append(result)
    tokens = _MARKDOWN.parse(text)
    marked: list[Token] = []
    for index, token in enumerate(tokens):
        if token.type == "table_open":
            _mark_table(tokens, index, by_line, anchors)
        if token.type == "front_matter":
            continue
        marked.append(_demoted(token))
        opening = _opening(tokens, index)
        if opening is not None:
            found = _on(opening, by_line)
            if found:
                opening.attrSet("class", f"marked {_worst(found)}")
                marked.append(_html(Markup('<p class="marks">{}</p>').format(_links(found, anchors))))
    return Markup(_MARKDOWN.renderer.render(_flat(marked), _MARKDOWN.options, {}))


def _opening(tokens: list[Token], index: int) -> Token | None:
    """The token that opened the block that ends at ``index``, if marks go below that block."""
    token = tokens[index]
    if token.type == "fence" and token.level == 0:
        return token
    if token.level == 0 and token.type in _BLOCKS.values():
        return next(t for t in reversed(tokens[:index]) if t.level == 0 and _BLOCKS.get(t.type) == token.type)
    return None


def _mark_table(
    tokens: list[Token], start: int, by_line: dict[int, list[RequirementResult]], anchors: Mapping[tuple[str, str], str]
) -> None:
    """Give each row of the table a last cell with the statuses of its requirements, if any row has some."""
    end = next(i for i in range(start, len(tokens)) if tokens[i].type == "table_close")
    rows = [token for token in tokens[start:end] if token.type == "tr_open"]
    if not any(_on(row, by_line) for row in rows):
        return
    row = rows[0]
    head = True
    for token in tokens[start:end]:
        if token.type == "tr_open":
            row = token
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        elif token.type == "thead_close":
            head = False
        elif token.type == "tr_close":
            found = [] if head else _on(row, by_line)
            if found:
                row.attrSet("class", f"marked {_worst(found)}")
            cell = Markup('<th scope="col">Requirements</th>')
            if not head:
                cell = Markup('<td class="marks">{}</td>').format(_links(found, anchors))
            token.meta["before"] = cell


def _on(token: Token, by_line: dict[int, list[RequirementResult]]) -> list[RequirementResult]:
    if token.map is None:
        return []
    first, last = token.map
    found = [result for line in range(first + 1, last + 1) for result in by_line.get(line, [])]
    return sorted(found, key=lambda result: (ORDER.index(result.status), result.id))


def _worst(found: Sequence[RequirementResult]) -> str:
    return found[0].status.value


def _links(found: Sequence[RequirementResult], anchors: Mapping[tuple[str, str], str]) -> Markup:
    links = [
        _LINK.format(
            status=result.status.value,
            href=anchor(result, anchors),
            title=f"{result.status.value}: {result.title}",
            symbol=SYMBOL[result.status],
            id=result.id,
        )
        for result in found
    ]
    return Markup(" ").join(links)


def _demoted(token: Token) -> Token:
    """Headings of the page are one level and more below those of the report."""
    if token.type in _BLOCKS or token.type in _BLOCKS.values():
        token.tag = {"h1": "h3", "h2": "h4", "h3": "h5"}.get(token.tag, token.tag)
    return token


def _html(content: str) -> Token:
    return Token("html_block", "", 0, content=content)


def _flat(tokens: Sequence[Token]) -> list[Token]:
    flat = []
    for token in tokens:
        if "before" in token.meta:
            flat.append(_html(token.meta["before"]))
        flat.append(token)
    return flat


class _Renderer(RendererHTML):
    """Links and pictures as their text."""

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return ""

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return ""

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return str(escape(tokens[idx].content))

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        status = str(tokens[idx].attrGet("class") or "")
        return str(Markup('<pre tabindex="0" class="{}">{}</pre>\n').format(status, tokens[idx].content))

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="scroll" tabindex="0" role="group" aria-label="Table of the page"><table>'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>"


_MARKDOWN = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table").use(front_matter_plugin)
