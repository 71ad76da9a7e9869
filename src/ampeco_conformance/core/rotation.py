"""Rotation: inputs that are alike take turns, so that a few runs with successive seeds try all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from zlib import crc32

_Input = TypeVar("_Input")


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a run tries of inputs that are alike, by its seed and the operation; `seeds` successive runs try all.

    Operations begin at different turns, so that one run tries every input on some of them.
    """

    seed: int
    seeds: int

    def turn(self, label: str) -> int:
        """A number for an operation that grows by one with the seed."""
        return self.seed + crc32(label.encode())

    def cycle(self, label: str) -> int:
        """A number for an operation that grows by one every `seeds` runs."""
        return self.turn(label) // self.seeds

    def is_due(self, label: str) -> bool:
        """Whether this run tries what is tried on every operation once in `seeds` runs."""
        return self.turn(label) % self.seeds == 0

    def of(self, label: str, options: Sequence[_Input]) -> list[_Input]:
        """The share of the options that this run tries on an operation; at least one, if there are any."""
        if len(options) <= self.seeds:
            return [options[self.turn(label) % len(options)]] if options else []
        return [*options[self.turn(label) % self.seeds :: self.seeds]]

    def of_cycle(self, label: str, options: Sequence[_Input]) -> list[_Input]:
        """What `seeds` successive runs try on an operation of options too alike to try all: one, the next ones another.

        All of them where one run tries everything.
        """
        return [*options] if self.seeds == 1 else [options[self.cycle(label) % len(options)]]

    def dealt(self, place: int, places: int, options: Sequence[_Input]) -> list[_Input]:
        """The share of the options that one of several places tries, from 0; in one run they try all of them together.

        Each place tries every option in `seeds` successive runs.
        """
        shares = min(places, self.seeds)
        return [*options[(place + self.seed) % shares :: shares]]
