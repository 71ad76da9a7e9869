"""One emulator that behaves, for all tests of the scenarios."""

from tests.support.healthy_emulator import emulator, token

__all__ = ["emulator", "token"]
