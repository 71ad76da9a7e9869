"""A test whose target was lost once fails with that loss, whatever Hypothesis replays."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.exercise.steadiness import Steady


def test_a_loss_is_raised_at_every_later_call() -> None:
    calls: list[int] = []

    @Steady
    def test(number: int) -> int:
        calls.append(number)
        if number == 3:
            raise TargetError("lost")
        return number

    assert test(1) == 1
    for number in (3, 4):
        with pytest.raises(TargetError, match="lost"):
            test(number)
    assert calls == [1, 3]


def test_other_exceptions_are_kept_when_asked_for() -> None:
    @Steady
    def lost(_: int) -> None:
        raise KeyError

    broken = Steady(lost, KeyError)
    for number in (1, 2):
        with pytest.raises(KeyError):
            broken(number)
    assert isinstance(broken.loss, KeyError)
    assert lost.loss is None


def test_hypothesis_reports_the_loss_and_not_flakiness() -> None:
    seen: list[int] = []

    @Steady
    def lost_once(number: int) -> None:
        seen.append(number)
        if len(seen) == 5:
            raise TargetError("lost")

    @settings(phases=[Phase.generate, Phase.shrink], database=None)
    @given(number=st.integers())
    def run(number: int) -> None:
        lost_once(number)

    with pytest.raises(TargetError, match="lost"):
        run()
    assert len(seen) == 5
