"""What a defect is."""

from collections.abc import Callable
from dataclasses import dataclass

from ampeco_emulator.backend.backend import EmulatorResponse

# Changes an answer to a request with this method and path template.
Spoiler = Callable[[str, str, EmulatorResponse], EmulatorResponse]


def unspoiled(_method: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
    """The answer as it is: the defect is elsewhere, where the code asks for its name."""
    return response


@dataclass(frozen=True)
class Defect:
    """A contract violation: name, class, what it does, and the change it makes to answers.

    A defect that is no change of answers works by its name alone: `Backend.misbehaves(name)` asks for it.
    """

    name: str
    area: str
    meaning: str
    spoil: Spoiler = unspoiled
