"""What a run will send, by its profile: what was recorded in it counts first."""

from collections.abc import Mapping
from typing import Any

import pytest

from ampeco_conformance.plugin import estimates
from ampeco_conformance.plugin.estimates import Estimates, recorded
from ampeco_conformance.target.safety import Safety

RECORDED: Mapping[str, Any] = {
    "all": {"GET /a": {"operation": 1, "depth": 4, "reads": 6}, "POST /a": {"depth": 4}, "a story": {"of_a_story": 9}},
    "read-only": {"GET /a": {"operation": 1, "depth": 3, "reads": 5}},
    "nightly": {
        "GET /a": {"depth": 40},
        "POST /a": {"depth": 100},
        "POST /b": {"depth": 300},
        "POST /c": {"depth": 200},
    },
}


@pytest.mark.parametrize(
    ("profile", "safety", "part", "told"),
    [
        ("standard", Safety.FULL, "depth: GET /a", 4),
        ("standard", Safety.READ_ONLY, "depth: GET /a", 3),
        ("nightly", Safety.FULL, "depth: POST /b", 300),
        ("nightly", Safety.FULL, "depth: POST /new", 200),
        ("nightly", Safety.FULL, "of_a_story: a story", 9),
        ("nightly", Safety.READ_ONLY, "reads: GET /a", 5),
        ("nightly", Safety.FULL, "reads: GET /new", 6),
        ("smoke", Safety.FULL, "reads: GET /a", 6),
        ("standard", Safety.FULL, "unheard_of: GET /a", 5),
    ],
)
def test_the_profile_counts_first_then_what_is_alike_in_it(
    profile: str, safety: Safety, part: str, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "recorded", lambda: RECORDED)
    subject = Estimates({}, safety, profile)
    name = part.replace("depth: ", "operation: ")
    assert (subject.depth(name) if name != part else subject.item(part)) == told


def test_a_nightly_run_sends_most_where_the_body_has_most() -> None:
    counts = recorded()["nightly"]
    subject = Estimates({}, Safety.FULL, "nightly")
    depths = {name: subject.depth(f"operation: {name}") for name, found in counts.items() if "depth" in found}
    assert len(set(depths.values())) > 20
