"""A lost target stays lost.

Hypothesis would call lost connections flaky: a test whose target was lost fails alike in every replay.
"""

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

from ampeco_conformance.core.errors import TargetError

P = ParamSpec("P")
T = TypeVar("T")


class Steady(Generic[P, T]):
    """A function that raises its first TargetError, or other exception of a `kind`, again at every later call.

    `loss` holds that exception.
    """

    def __init__(self, function: Callable[P, T], kind: type[Exception] = TargetError) -> None:
        self._function = function
        self._kind = kind
        self.loss: Exception | None = None

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> T:
        """Call the function, unless it has raised such an exception before."""
        if self.loss is None:
            try:
                return self._function(*arguments, **named)
            except self._kind as error:
                self.loss = error
        raise self.loss
