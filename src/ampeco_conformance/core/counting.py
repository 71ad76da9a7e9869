"""Numbers with their noun."""


def counted(number: int, noun: str) -> str:
    """A number with its noun in the singular or plural: `1 operation`, `2 operations`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def counted_in_words(number: int, noun: str) -> str:
    """The same, with a word for zero: `no operations`."""
    return counted(number, noun) if number else f"no {noun}s"
