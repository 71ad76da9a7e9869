"""No scenario finds fault with a correct server that behaves differently: some of `./conform selftest --variants`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import httpx
import pytest

from ampeco_conformance.apis import owner_of_scenario
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN
from tests.support.loopback import NO_TLS
from tests.support.scenario_runs import ROOT, Outcomes, Variant, run_under_variants


class ScenarioWithVariant(NamedTuple):
    """Scenarios of a file, by words in their names, with a variant: they pass, or are skipped for a `reason`."""

    file: str
    variant: str
    words: str
    reason: str | None = None


ROWS = (
    ScenarioWithVariant("test_charging_session.py", "nobody-plugs-in", "forced", "the session never began: expired"),
    ScenarioWithVariant("test_charging_session.py", "stops-late", "forced"),
    ScenarioWithVariant("test_charging_session.py", "large-ids", "each_filter"),
    ScenarioWithVariant("test_receipt.py", "settles-slowly", "exactly_one"),
    ScenarioWithVariant("test_receipt.py", "quantities-rounded", "exactly_one"),
    ScenarioWithVariant("test_receipt.py", "invoices-only", "each_filter", "the target issues invoices for payments"),
    ScenarioWithVariant("test_receipt.py", "receipt-series", "numbers"),
    ScenarioWithVariant("test_access.py", "listings-lag", "share_lets"),
    ScenarioWithVariant("test_transaction.py", "listings-lag", "invoice"),
    ScenarioWithVariant("test_transaction.py", "busy-tenant", "one_finalized"),
    ScenarioWithVariant("test_wallet.py", "no-decimals", "fee_takes"),
    ScenarioWithVariant("test_price.py", "tax-by-line", "energy, periods"),
    ScenarioWithVariant("test_price.py", "no-decimals", "energy, periods"),
    ScenarioWithVariant("test_price.py", "short-unit-prices", "energy, periods"),
    ScenarioWithVariant("test_price.py", "floor-line-whole", "floor"),
    ScenarioWithVariant("test_failed_payment.py", "paid-in-part", "retried", "the session is partially"),
    ScenarioWithVariant("test_failed_payment.py", "debt-collected", "retried", "the target collects what is unpaid"),
    ScenarioWithVariant("test_session_owner.py", "anonymous-unbilled", "assigned", "does not bill sessions without a"),
    ScenarioWithVariant("test_session_owner.py", "anonymous-suspended", "assigned", "does not bill sessions without a"),
    ScenarioWithVariant("test_refused_start.py", "other-codes", "forbidding and evse id"),
    ScenarioWithVariant("test_booking.py", "hourly-bookings", "made", "cannot ask for one that is offered"),
    ScenarioWithVariant("test_webhook.py", "deliveries-overtake", "step_by_step"),
    ScenarioWithVariant("test_references.py", "operator-needed", "location"),
    ScenarioWithVariant("spirii/test_charge_record.py", "finance-decimals", "every_form_tells"),
)


@contextmanager
def with_variant(base_url: str, variant: str) -> Iterator[None]:
    """Let an emulator be another correct server, and be as new afterwards."""
    with httpx.Client(base_url=f"{base_url}/_emulator", trust_env=False, verify=NO_TLS) as control:
        control.put("/variants", json={"variants": [variant]}).raise_for_status()
        try:
            yield
        finally:
            control.put("/variants", json={"variants": []}).raise_for_status()


class RunWithVariants:
    """Runs the scenarios of a file with all its variants, in one session that later tests of the file share."""

    def __init__(self, base_urls: Callable[[str], str]) -> None:
        self._base_urls = base_urls
        self._outcomes: dict[ScenarioWithVariant, Outcomes] = {}

    def outcomes(self, row: ScenarioWithVariant) -> Outcomes:
        """What became of the scenarios with a variant."""
        if row not in self._outcomes:
            api = owner_of_scenario((ROOT / "scenarios" / row.file).relative_to(ROOT))
            base_url = self._base_urls(api.name)
            rows = [other for other in ROWS if other.file == row.file]
            variants = [Variant(other.words, partial(with_variant, base_url, other.variant)) for other in rows]
            runs = run_under_variants(row.file, base_url, variants, api=api.name, api_version=api.default_version)
            self._outcomes |= dict(zip(rows, runs, strict=True))
        return self._outcomes[row]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[RunWithVariants]:
    """The sessions of this module."""
    with running_emulator("spirii", "v1", DEFAULT_TOKEN) as spirii:
        yield RunWithVariants(lambda api: spirii if api == "spirii" else str(request.getfixturevalue("emulator")))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.file}: {row.variant}: {row.words}")
def test_a_correct_server_of_another_taste_is_correct(runs: RunWithVariants, row: ScenarioWithVariant) -> None:
    outcomes = runs.outcomes(row)
    assert outcomes.failed == {}
    if row.reason is None:
        assert outcomes.passed, outcomes
    else:
        assert all(row.reason in reason for reason in outcomes.skipped.values()), outcomes
        assert outcomes.skipped, outcomes
        assert not outcomes.passed, outcomes
