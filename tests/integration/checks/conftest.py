"""One emulator that behaves, for all tests of the contract tests."""

from tests.support.healthy_emulator import emulator, token

__all__ = ["emulator", "token"]
