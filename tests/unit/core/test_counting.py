import pytest

from ampeco_conformance.core.counting import counted, counted_in_words


@pytest.mark.parametrize(
    ("number", "text", "in_words"),
    [
        (0, "0 problems", "no problems"),
        (1, "1 problem", "1 problem"),
        (10, "10 problems", "10 problems"),
        (20, "20 problems", "20 problems"),
    ],
)
def test_a_number_has_its_noun(number: int, text: str, in_words: str) -> None:
    assert (counted(number, "problem"), counted_in_words(number, "problem")) == (text, in_words)


def test_a_noun_in_ry_has_its_plural() -> None:
    assert (counted(1, "entry"), counted(2, "entry"), counted(2, "day")) == ("1 entry", "2 entries", "2 days")
