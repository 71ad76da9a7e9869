from typing import Any

import pytest

from ampeco_conformance.generate.places import ABSENT, BodyPlace, replaced

BODY = {"name": "a", "zones": [{"id": 1}, {"id": 2}]}


@pytest.mark.parametrize(
    ("place", "new", "expected"),
    [
        (("name",), "b", {**BODY, "name": "b"}),
        (("name",), ABSENT, {"zones": BODY["zones"]}),
        (("zones", 1, "id"), 9, {**BODY, "zones": [{"id": 1}, {"id": 9}]}),
        (("zones", 0, "id"), ABSENT, {**BODY, "zones": [{}, {"id": 2}]}),
        (("userIds",), [9], {**BODY, "userIds": [9]}),
    ],
)
def test_one_place_is_replaced_and_the_rest_stays(place: BodyPlace, new: Any, expected: Any) -> None:
    assert replaced(BODY, place, new) == expected
    assert BODY["zones"] == [{"id": 1}, {"id": 2}]
