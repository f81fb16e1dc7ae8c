"""The options of a run as options of a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from conformance.cli import complete
from conformance.engine.options.option import Option
from conformance.engine.options.table import options_of

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Text(click.ParamType[str]):
    """The text as it was written: ``engine/options/effective.py`` reads it, wherever it was given, in the same way."""

    name = "text"

    def __init__(self, option: Option) -> None:
        self._option = option

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        if self._option.kind.is_path:
            return click.Path().shell_complete(ctx, param, incomplete)
        return [CompletionItem(name) for name in self._option.kind.choices if name.startswith(incomplete)]


def run_options(command: str) -> Callable[[_Command], _Command]:
    """Decorate a command with the options that the table has for it."""

    def decorate(function: _Command) -> _Command:
        for option in reversed(options_of(command)):
            function = _decorator(option, command)(function)
        return function

    return decorate


def taken(command: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Take the table's options out of a command's parameters: texts by the option's name."""
    return {option.name: parameters.pop(option.parameter) for option in options_of(command)}


def _decorator(option: Option, command: str) -> Callable[[Any], Any]:
    if option.is_argument_of(command):
        return click.argument(option.parameter, required=False, type=_Text(option))
    names = [f"--{option.name}", *([option.short] if option.short else [])]
    if option.kind.is_flag:
        return click.option(*names, option.parameter, is_flag=True, help=option.help_of(command))
    return click.option(
        *names,
        option.parameter,
        type=_Text(option),
        multiple=option.repeatable,
        metavar=option.metavar or f"[{'|'.join(option.kind.choices)}]",
        help=option.help_of(command),
        shell_complete=getattr(complete, option.complete) if option.complete else None,
    )
