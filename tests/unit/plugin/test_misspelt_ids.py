"""Ids of tenants.yaml whose parameter is written in another form would never be used."""

import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.plugin.selection import refuse_misspelt_ids
from ampeco_conformance.specs import load_specification


@pytest.mark.parametrize("name", ["chargepoint", "charge_point", "chargePoints", "chargePointId", "charge-point-ids"])
def test_another_form_of_a_parameter_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"no path has a parameter '{name}', did you mean 'chargePoint'"):
        refuse_misspelt_ids([name], load_specification("3.90.0", "ampeco"))


def test_a_parameter_of_another_version_is_kept() -> None:
    refuse_misspelt_ids(["chargePoint", "ofAnotherVersion"], load_specification("3.90.0", "ampeco"))
