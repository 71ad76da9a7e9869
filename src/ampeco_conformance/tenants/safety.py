"""What a run may write on its target: the safety levels, and what each operation does to it."""

from enum import StrEnum

from ampeco_conformance.errors import ConfigurationError


class Safety(StrEnum):
    """What a run may write on its target, from least to most."""

    READ_ONLY = "read-only"
    OWN_DATA = "own-data"
    FULL = "full"


def parse_safety(text: str) -> Safety:
    """The safety level of that name. Raises ConfigurationError."""
    try:
        return Safety(text)
    except ValueError:
        raise ConfigurationError(f"unknown safety level {text!r}; known are {', '.join(Safety)}") from None
