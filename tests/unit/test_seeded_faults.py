"""The seeded faults fit the code: one that does not shows nothing when they are run by hand."""

import pytest

from tools.seeded_faults import FAULTS, PROJECT, Fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.file}: {fault.right}")
def test_a_seeded_fault_replaces_a_text_that_occurs_once(fault: Fault) -> None:
    assert fault.fits(PROJECT)
