"""The register of facts is true: its names exist, every fact has judge and test or a reason, its page is current."""

from dataclasses import replace

import pytest

from tools import facts
from tools.facts import PAGE, Fact, Group, counted, page

JUDGE, TEST = "filter_matches_all", "tests/unit/checks/test_facts.py::test_the_page_is_current"
SOUND = Fact("a-fact", "It is so.", "a guide", (JUDGE,), (TEST,))


def test_every_fact_is_judged_and_held_or_says_why_not() -> None:
    assert list(facts.problems()) == []


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run .venv/bin/python -m tools.facts"


@pytest.mark.parametrize(
    ("fact", "problem"),
    [
        (replace(SOUND, judged=("no_such_check",)), "no_such_check under judged does not exist"),
        (replace(SOUND, held=("tests/unit/checks/test_facts.py::test_gone",)), "test_gone under held does not exist"),
        (replace(SOUND, held=(JUDGE,)), "under held does not exist"),
        (replace(SOUND, judged=()), "no name and no reason under judged"),
        (replace(SOUND, judged="nobody cares"), "'nobody cares' is no reason why it is not judged"),
        (replace(SOUND, judged="not judged yet"), "is no reason"),
        (replace(SOUND, judged="not modelled yet: no time"), "is no reason why it is not judged"),
        (replace(SOUND, fact="No sentence"), "not a sentence"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_fact_is_named(monkeypatch: pytest.MonkeyPatch, fact: Fact, problem: str) -> None:
    monkeypatch.setattr(facts, "groups", lambda: (Group("group", "A group", "a guide", (fact,)),))
    assert any(found.startswith("a-fact: ") and problem in found for found in facts.problems())


def test_an_id_is_used_once_and_every_judge_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "groups", lambda: (Group("group", "A group", "a guide", (SOUND, SOUND)),))
    found = list(facts.problems())
    assert "a-fact: the id is used twice" in found
    assert any(problem.startswith("filter_matches_only is named by no fact") for problem in found)
    assert any(problem.startswith("test_a_voucher_is_redeemed_once is named by no fact") for problem in found)


def test_facts_are_counted_by_state() -> None:
    sides: list[tuple[tuple[str, ...] | str, tuple[str, ...] | str]] = [
        ((JUDGE,), (TEST,)),
        ("not judged yet: why", "not modelled yet: why"),
        ("needs hardware", "not tested yet: why"),
        ("needs hardware", "needs hardware"),
    ]
    known = [replace(SOUND, judged=judged, held=held) for judged, held in sides]
    assert counted(known) == (4, 1, 1, 2, 1, 1, 1)
