"""What a target lacked is ranked by what it would let be tested."""

from dataclasses import replace

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.preparation import preparations
from tests.support.finished_runs import LIST, passed


def skipped(reason: str, layer: str = "scenario") -> ItemResult:
    return replace(passed(LIST), layer=layer, status="skipped", reason=reason)


def test_what_is_lacking_is_ranked_by_its_yield() -> None:
    no_evse = "the target has no free public EVSE that suits this scenario; name one under `test_equipment`"
    unreached = {
        "GET /vouchers/{voucher}": "no ids known for voucher",
        "PATCH /vouchers/{voucher}": "no ids known for voucher",
        "GET /users/{user}/cards/{paymentMethodId}": "no ids known for user, paymentMethodId",
        "POST /vouchers": "safety read-only: this operation creates",
    }
    results = [
        *[skipped(no_evse)] * 3,
        *[skipped("the session was too short to cost anything; raise `patience` of the tenant")] * 2,
        skipped("not settled: the session has no total; raise `patience` of the tenant"),
        *[skipped("the session has no tax here; give the tariff of a public EVSE a tax")] * 2,
        skipped("the target has no roaming charge records"),
        skipped("the target has nothing under /public-api/resources/installer-jobs/v1.0, whose company it needs"),
        skipped("a month is settled at its end, longer than a scenario waits on a tenant"),
        skipped("the target has no roaming operators", layer="contract"),
    ]
    assert list(preparations(unreached, results)) == [
        "to prepare: an online charge point with a free EVSE in `test_equipment`: 3 scenarios",
        "to prepare: a longer `patience` of the tenant: 3 scenarios",
        "to prepare: one voucher: 2 more operations",
        "to prepare: a tax of the tariff of a public EVSE: 2 scenarios",
        "to prepare: one payment method: 1 more operation",
        "to prepare: what the target has none of: roaming charge records: 1 scenario",
        "to prepare: something under installer-jobs: 1 scenario",
    ]


def test_a_target_that_lacks_nothing_has_nothing_to_prepare() -> None:
    assert list(preparations({}, [passed(LIST)])) == []
