"""What a variant is: documented behaviour, or behaviour that nothing documents, other than that of the emulator."""

from dataclasses import dataclass

from ampeco_emulator.backend.rules import Override


@dataclass(frozen=True)
class EmulatorVariant:
    """A correct server that behaves differently: its name, its area, what it does, and the overrides that do it."""

    name: str
    area: str
    meaning: str
    overrides: tuple[Override, ...]
