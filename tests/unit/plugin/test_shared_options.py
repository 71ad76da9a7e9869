"""An option that several commands have reads its value alike in all of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ampeco_conformance.cli.main import conform
from tests.support.documented_commands import arguments, check


def commands(group: click.Group, name: str = "conform") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        yield f"{name} {word}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")


def of(option: str) -> list[click.Parameter]:
    found = [param for _, command in commands(conform) for param in command.params if option in param.opts]
    assert len(found) > 1
    return found


@pytest.mark.parametrize(
    ("option", "text"),
    [("--api", "nobody"), ("--reports", __file__), ("--ignore", str(Path(__file__).parent)), ("--workers", "0")],
)
def test_every_command_refuses_a_wrong_value(option: str, text: str) -> None:
    for param in of(option):
        with pytest.raises(click.BadParameter):
            param.type.convert(text, param, None)


def test_the_limit_for_one_defect_is_a_time() -> None:
    selftest = dict(commands(conform))["conform selftest"]
    (limit,) = [param for param in selftest.params if "--time-limit" in param.opts]
    for text in ("0", "-1", "nan", "soon"):
        with pytest.raises(click.BadParameter, match="not a number of seconds"):
            limit.type.convert(text, limit, None)


def test_every_help_page_has_two_examples_that_are_right() -> None:
    for path, command in commands(conform):
        help_page = command.get_help(click.Context(command, info_name=path))
        examples = re.findall(r"^ +conform (.*)$", help_page, re.MULTILINE)
        assert len(examples) == 2, path
        for line in examples:
            assert f"conform {line} ".startswith(f"{path} ")
            check(arguments(line))
