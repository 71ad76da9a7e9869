"""Inputs that are alike take turns over the seeds."""

import pytest

from ampeco_conformance.core.rotation import Rotation

LABELS = [f"GET /things/{number}" for number in range(40)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9, 13])
@pytest.mark.parametrize("seeds", [1, 3, 4])
def test_successive_seeds_try_every_input(seeds: int, count: int) -> None:
    options = [*range(count)]
    for label in LABELS:
        tried = [Rotation(seed, seeds).of(label, options) for seed in range(7, 7 + seeds)]
        assert {option for share in tried for option in share} == {*options}
        assert all(share and len(share) <= -(-count // seeds) for share in tried)


def test_one_seed_tries_every_input_on_some_operations() -> None:
    rotation = Rotation(3, 4)
    assert {option for label in LABELS for option in rotation.of(label, "abcdefghi")} == {*"abcdefghi"}
    assert 0 < sum(rotation.is_due(label) for label in LABELS) < len(LABELS)


def test_an_operation_is_due_once_in_all_seeds() -> None:
    assert [sum(Rotation(seed, 4).is_due(label) for seed in range(4)) for label in LABELS] == [1] * len(LABELS)


def test_a_cycle_tries_one_input_and_a_run_of_everything_all() -> None:
    cycles = [{*Rotation(seed, 4).of_cycle("GET /things", "abc")} for seed in range(12)]
    assert max(len(tried) for tried in cycles) == 1
    assert set.union(*cycles) == {*"abc"}
    assert Rotation(5, 1).of_cycle("GET /things", "abc") == [*"abc"]


def test_nothing_takes_no_turn() -> None:
    assert Rotation(0, 4).of("GET /things", []) == []


@pytest.mark.parametrize("places", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("seeds", [1, 3, 4])
def test_places_try_every_input_together_in_one_run_and_each_in_all_seeds(seeds: int, places: int) -> None:
    options = [*range(8)]
    shares = [[Rotation(seed, seeds).dealt(place, places, options) for place in range(places)] for seed in range(seeds)]
    for run in shares:
        assert {option for share in run for option in share} == {*options}
    for place in range(places):
        assert {option for run in shares for option in run[place]} == {*options}
