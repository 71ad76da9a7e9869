"""What is masked in everything that a run shows or writes."""

import pytest

from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.http.access_tokens import access_tokens
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.plugin.selection import configured_specification

#: Words of the suite's own sentences beside those of its checks: they stay readable whatever a tenant answers.
_OWN_WORDS = (
    "safety own-data read-only full: this operation would refer to what the run did not create",
    "would change, moves money or sends invoices, commands hardware, acts on a resource",
    "names no resource that the run could have created, creates what the API cannot delete again",
    "test_equipment in tenants.yaml can permit charge points, EVSEs and users; which needs permissions",
    "string number integer array object boolean null json query header body path expected actual",
    "can no longer be read, is not shown, in the listing and reads, after a write, lost, answered, breaks, leaves out",
)
_REDACTOR = pytest.StashKey[Redactor]()
_TENANT_DATA = pytest.StashKey[TenantData | None]()


def tenant_data(config: pytest.Config) -> TenantData | None:
    """What the tenant has answered in this process; None where it is shown as it is.

    The people of the embedded emulator are invented, and with `--show-values` those of the tenant are too.
    """
    if _TENANT_DATA not in config.stash:
        target, data = configured_target(config), None
        if target.base_url is not None and not run_options(config).show_values:
            allow = allow_list_of(configured_specification(config))
            ids = [str(id) for ids in target.ids.values() for id in ids]
            data = TenantData(allow, own=(target.name, target.base_url), known=ids)
            for text in (*_OWN_WORDS, *(word for check in CHECKS.values() for word in (check.title, check.claim))):
                data.show(text)
        config.stash[_TENANT_DATA] = data
    return config.stash[_TENANT_DATA]


def redactor_of_run(config: pytest.Config) -> Redactor:
    """Masks the token of the run and, on a tenant, what it answers."""
    if _REDACTOR not in config.stash:
        target = configured_target(config)
        redactor = Redactor(target.secrets, tenant=tenant_data(config), disguised=target.base_url is not None)
        access_tokens(target).tell(redactor.learn)
        config.stash[_REDACTOR] = redactor
    return config.stash[_REDACTOR]
