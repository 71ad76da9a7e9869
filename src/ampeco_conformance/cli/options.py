"""The options of the table as click options."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import click

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.plugin.option_table import TARGET
from ampeco_conformance.plugin.option_values import Option

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def with_options(options: Sequence[Option]) -> Decorator:
    """Declare options of the table; the command gets their values as `options`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_namespace(*context: Any, **given: Any) -> Any:
            values = Namespace(**{option.key: given.pop(option.key) for option in options})
            return command(*context, options=values, **given)

        decorated: Callable[..., Any] = with_namespace
        for option in reversed(options):
            decorated = declared(option)(decorated)
        return decorated

    return decorate


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Declare the options that name a target; the command gets them as `target_options`."""

    @with_options(TARGET)
    @wraps(command)
    def with_target(*context: Any, options: Namespace, **others: Any) -> Any:
        # Imported here, because commands without a target need nothing of what it imports.
        from ampeco_conformance.plugin.target_options import TargetOptions

        return command(*context, target_options=TargetOptions.of(options), **others)

    return with_target


def declared(option: Option) -> Decorator:
    """One option of the table, as a decorator of click's."""
    name = "/".join(filter(None, (option.run_name or option.name, option.off_name)))
    names = [*filter(None, (option.short,)), name, option.key]
    if option.is_flag:
        return click.option(*names, is_flag=True, default=bool(option.default), help=option.full_help)
    alone: dict[str, Any] = {"is_flag": False, "flag_value": option.value_alone} if option.value_alone else {}
    return click.option(
        *names,
        **alone,
        type=click.Choice(option.choices) if option.choices else _Parsed(option),
        multiple=option.is_repeatable,
        default=None if option.is_repeatable else option.project_default,
        metavar=option.metavar,
        help=option.full_help,
    )


class _Parsed(click.ParamType[object]):
    """Converts by the function of the table's row."""

    name = "value"

    def __init__(self, option: Option) -> None:
        self._option = option

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        if not isinstance(value, str):
            return value
        try:
            return self._option.value_of(value)
        except ConfigurationError as error:
            self.fail(str(error), param, ctx)
