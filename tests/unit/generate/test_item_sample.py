"""The sample of a listing has its last and middle item, and one of each kind; the seed decides what is left out."""

from random import Random

import pytest

from ampeco_conformance.generate.item_sample import spread

ITEMS = [{"id": number, "status": "paid" if number % 7 else f"rare-{number}"} for number in range(1, 30)]


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, []), (2, [2]), (3, [3, 2])])
def test_short_listings(count: int, expected: list[int]) -> None:
    assert sorted(item["id"] for item in spread(ITEMS[:count], Random(0), 4)) == sorted(map(int, expected))


def test_the_last_and_the_middle_item_are_always_in_it() -> None:
    for seed in range(5):
        assert {29, 15} <= {item["id"] for item in spread(ITEMS, Random(seed), 4)}


def test_every_kind_is_in_the_sample_of_some_seed() -> None:
    seen = {item["status"] for seed in range(10) for item in spread(ITEMS, Random(seed), 4)}
    assert seen == {item["status"] for item in ITEMS}
    assert all(len(spread(ITEMS, Random(seed), 4)) == 4 for seed in range(10))
