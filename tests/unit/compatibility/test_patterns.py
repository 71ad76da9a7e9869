"""Languages of patterns: a text that tells two of them apart, or proof that there is none."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ampeco_conformance.compatibility.patterns import Unsupported, example, language, lengths
from ampeco_conformance.compatibility.texts import is_within, text_of

PIECES = ["a", "b", "[a-c]", "[^b]", r"\d", r"\w", ".", "a+", "(?:ab)*", "(a|b)", "c?", "b{2,3}", r"\.", "-"]
ANCHORED = [*PIECES, "^", "$", "(?:$)", "(^a|b$)", "(?:^$|c)", "(b|^)*", "(?=.*b)", "(?!a)", "(?=$)"]


@pytest.mark.parametrize(
    ("within", "without", "verdict"),
    [
        ("^[a-z]+$", "^[a-f]+$", True),
        ("^[a-f]+$", "^[a-z]+$", False),
        ("abc", "b", False),
        ("^a", "^a$", True),
        ("^(a|b)*$", "^[ab]*$", False),
        (r"^\d{1,3}$", r"^\d{2,4}$", True),
        ("^x|y$", "^x|y$", False),
        ("(^$|^[0-9]{2}$)", "^([0-9]{2})?$", False),
        ("^a(?:$)(b+)?$", "^a$", False),
        ("a^b", "z", False),
        (r"^(?=.*\d)(?=.*[a-z]).{4,8}$", r"^(?=.*\d).{4,8}$", False),
        (r"^(?=.*\d).{4,8}$", r"^(?=.*\d)(?=.*[a-z]).{4,8}$", True),
        ("^(?!admin$)[a-z]+$", "^[a-z]+$", False),
        ("^[a-z]+$", "^(?!admin$)[a-z]+$", True),
    ],
)
def test_whether_a_text_tells_two_patterns_apart(within: str, without: str, verdict: bool) -> None:
    found = example((language(within),), (language(without),))
    assert (found is not None) is verdict
    if found is not None:
        assert re.search(within, found)
        assert not re.search(without, found)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(
    one=st.lists(st.sampled_from(ANCHORED), min_size=1, max_size=4),
    other=st.lists(st.sampled_from(ANCHORED), min_size=1, max_size=4),
    anchored=st.booleans(),
    text=st.text(alphabet="abc1-.", max_size=5),
)
def test_the_answer_agrees_with_the_regular_expressions(
    one: list[str], other: list[str], anchored: bool, text: str
) -> None:
    patterns = [f"^{body}$" if anchored else body for body in ("".join(one), "".join(other))]
    found = example((language(patterns[0]),), (language(patterns[1]),))
    within, without = (re.compile(pattern.replace("$", r"\Z")) for pattern in patterns)  # not before a last "\n"
    if found is None:
        assert not within.search(text) or without.search(text)
    else:
        assert within.search(found)
        assert not without.search(found)


def test_lengths_count() -> None:
    assert example((language("^[A-Z0-9]{1,64}$"), lengths(33, None))) == "1" * 33
    assert example((language("^[a-z]{2}$"), lengths(3, None))) is None


@pytest.mark.parametrize("pattern", ["(?<=a)b", "((?=a)b)*", r"(a)\1", r"a\bb", "(", "a{99999}"])
def test_what_is_not_decided_is_said(pattern: str) -> None:
    with pytest.raises(Unsupported):
        language(pattern)


def test_a_text_of_a_schema_satisfies_all_its_constraints() -> None:
    assert len(text_of({"format": "email", "minLength": 40})) >= 40
    assert re.fullmatch("[A-Z]{4}", text_of({"pattern": "^[A-Z]+$", "minLength": 4, "maxLength": 4}))


def test_a_longer_limit_that_the_pattern_implies_forbids_nothing() -> None:
    assert is_within({"pattern": "^[a-z]{1,9}$"}, {"maxLength": 9})
    assert not is_within({"pattern": "^[a-z]{1,9}$"}, {"maxLength": 8})
