"""What a run will send, by its profile: the nightly one was measured."""

import pytest

from ampeco_conformance.plugin.estimates import Estimates
from ampeco_conformance.target.safety import Safety

TAXES = "/public-api/resources/taxes/v2.0"


@pytest.mark.parametrize(
    ("name", "measured"),
    [
        (f"operation: GET {TAXES}", 56),
        (f"operation: GET {TAXES}/{{tax}}", 24),
        (f"hostile_query: GET {TAXES}", 4),
        (f"page_size: GET {TAXES}", 4),
    ],
)
def test_a_nightly_run_is_estimated_near_what_it_sends(name: str, measured: int) -> None:
    estimates = Estimates({}, Safety.READ_ONLY, "nightly")
    told = estimates.depth(name) if name.startswith("operation") else estimates.item(name)
    assert measured / 2 <= told <= measured * 2
