"""Keeps Hypothesis from judging weather: a test whose target was lost fails the same way whenever it is replayed."""

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

from ampeco_conformance.core.errors import TargetError

P = ParamSpec("P")
T = TypeVar("T")


class Steady(Generic[P, T]):
    """A function that raises its first TargetError again at every later call, which `loss` holds."""

    def __init__(self, function: Callable[P, T]) -> None:
        self._function = function
        self.loss: TargetError | None = None

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> T:
        """Call the function, unless it has raised TargetError before."""
        if self.loss is None:
            try:
                return self._function(*arguments, **named)
            except TargetError as error:
                self.loss = error
        raise self.loss
