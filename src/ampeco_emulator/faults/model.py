"""What a defect is: a named override of one rule of the emulator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple

from starlette.requests import Request

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import AnyRule, Overridable, Rule
from ampeco_emulator.http.api import EmulatedApi
from ampeco_emulator.openapi.endpoints import Endpoint

#: What the rule `respond` does: the response to a request of an endpoint, with the values of its path and its body.
Respond = Callable[[EmulatedApi, Endpoint, Mapping[str, str], Request, bytes], EmulatorResponse]

A = TypeVarTuple("A")
R = TypeVar("R")
S = TypeVar("S", bound=Overridable)


@dataclass(frozen=True)
class Override:
    """The function that replaces a rule; it receives the replaced function, then the arguments of the rule."""

    rule: AnyRule
    function: Callable[..., Any]


@dataclass(frozen=True)
class Defect:
    """A contract violation that can be switched on: its name, its area, what it does, and the override that does it.

    `changed` counts the responses that a mutation has changed so far.
    """

    name: str
    area: str
    meaning: str
    override: Override
    changed: Callable[[], int] | None = None


def override(rule: Rule[S, *A, R], function: Callable[[Callable[[S, *A], R], S, *A], R]) -> Override:
    """Replace a rule by a function of the same type, which may call the replaced one."""
    return Override(rule, function)


def always(rule: Rule[S, *A, R], result: R) -> Override:
    """Replace a rule by a fixed result."""
    return Override(rule, lambda *_arguments: result)
