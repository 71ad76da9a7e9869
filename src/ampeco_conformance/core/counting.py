"""Numbers with their noun."""


def counted(number: int, noun: str) -> str:
    """A number with its noun in the singular or plural: `1 operation`, `2 operations`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
