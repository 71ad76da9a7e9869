"""What a defect is: a named override of one rule of the emulator."""

from collections.abc import Callable
from dataclasses import dataclass

from ampeco_emulator.backend.rules import Override


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
