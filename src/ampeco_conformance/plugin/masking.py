"""What is masked in everything that a run shows or writes."""

import pytest

from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.plugin.selection import configured_specification

_REDACTOR = pytest.StashKey[Redactor]()
_TENANT_DATA = pytest.StashKey[TenantData | None]()


def tenant_data(config: pytest.Config) -> TenantData | None:
    """What the tenant has answered in this process; None where it is shown as it is.

    The people of the embedded emulator are invented, and with `--show-values` those of the tenant are too.
    """
    if _TENANT_DATA not in config.stash:
        target, data = configured_target(config), None
        if target.base_url is not None and not config.option.show_values:
            allow = allow_list_of(configured_specification(config))
            ids = [str(id) for ids in target.ids.values() for id in ids]
            data = TenantData(allow, own=(target.name, target.base_url), known=ids)
        config.stash[_TENANT_DATA] = data
    return config.stash[_TENANT_DATA]


def redactor_of_run(config: pytest.Config) -> Redactor:
    """Masks the token of the run and, on a tenant, what it answers."""
    if _REDACTOR not in config.stash:
        target = configured_target(config)
        config.stash[_REDACTOR] = Redactor(
            [target.token], tenant=tenant_data(config), disguised=target.base_url is not None
        )
    return config.stash[_REDACTOR]
