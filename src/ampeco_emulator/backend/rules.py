"""Rules: functions of the emulator whose behaviour can be overridden while it runs, one rule at a time.

A rule is called like the function it decorates. Its first argument carries the overrides in effect.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Any, Generic, Protocol, TypeVar, TypeVarTuple

A = TypeVarTuple("A")
R = TypeVar("R")


class Overridable(Protocol):
    """Anything that carries the overrides in effect: the backend, or what holds one."""

    @property
    def overrides(self) -> "Overrides":
        """The function that replaces a rule, by rule; it receives the replaced function as its first argument."""


S = TypeVar("S", bound=Overridable)


class Rule(Generic[S, *A, R]):
    """A function of positional arguments that can be overridden."""

    def __init__(self, function: Callable[[S, *A], R]) -> None:
        self.function = function
        update_wrapper(self, function)

    def __call__(self, subject: S, /, *arguments: *A) -> R:
        """Call the override of the rule if there is one, else the function itself."""
        override = subject.overrides.get(self)
        if override is None:
            return self.function(subject, *arguments)
        result: R = override(self.function, subject, *arguments)
        return result


def rule(function: Callable[[S, *A], R]) -> Rule[S, *A, R]:
    """Make a function overridable."""
    return Rule(function)


AnyRule = Rule[Any, *tuple[Any, ...], Any]
Overrides = Mapping[AnyRule, Callable[..., Any]]


@dataclass(frozen=True)
class Override:
    """The function that replaces a rule; it receives the replaced function, then the arguments of the rule."""

    rule: AnyRule
    function: Callable[..., Any]


def override(rule: Rule[S, *A, R], function: Callable[[Callable[[S, *A], R], S, *A], R]) -> Override:
    """Replace a rule by a function of the same type, which may call the replaced one."""
    return Override(rule, function)


def always(rule: Rule[S, *A, R], result: R) -> Override:
    """Replace a rule by a fixed result."""
    return Override(rule, lambda *_arguments: result)


def combined(overrides: Iterable[Override]) -> Overrides:
    """Overrides by their rule; of two for one rule, the later replaces the earlier."""
    found: dict[AnyRule, Callable[..., Any]] = {}
    for one in overrides:
        found[one.rule] = _in_turn(found[one.rule], one.function) if one.rule in found else one.function
    return found


def _in_turn(first: Callable[..., Any], second: Callable[..., Any]) -> Callable[..., Any]:
    return lambda replaced, *arguments: second(partial(first, replaced), *arguments)
