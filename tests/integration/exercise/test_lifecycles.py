"""Lifecycle tests find each way in which writes can go wrong, and nothing on a server that does it right."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from random import Random

import httpx
import pytest

from ampeco_conformance.apis import describe
from ampeco_conformance.checks import resource_fields
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.path_templates import fill
from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.emulator_client.clock import EmulatorClock
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.exercise.action_effect import ActionEffects
from ampeco_conformance.exercise.answered_fields import answered_otherwise
from ampeco_conformance.exercise.existing_resource import ExistingResource
from ampeco_conformance.exercise.field_trials import FieldTrials
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.resource_lifecycle import ResourceLifecycle
from ampeco_conformance.exercise.resource_type import CREATE, REMOVE, LifecycleStep, ResourceOperations
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.safety import Safety, SafetyPolicy
from tests.support.gates import OpenGate

VERSION, TOKEN = "3.90.0", "a-test-token"
TAXES, TAX = "taxes/v2.0", "taxes/v2.0/{tax}"
USER_GROUP, ID_TAG = "user-groups/v1.0/{userGroup}", "id-tags/v2.0/{idTag}"

Verify = Callable[..., ResourceLifecycle]
"""Runs the steps of a write, such as `PATCH taxes/v2.0/{tax}`, or others, at a safety level."""

Inject = Callable[[str], None]
"""Switches on a defect until the end of the test."""


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification(VERSION))


@pytest.fixture(scope="module")
def client() -> Iterator[ApiClient]:
    with ExitStack() as stack:
        address = stack.enter_context(running_emulator("ampeco", VERSION, TOKEN))
        yield stack.enter_context(ApiClient(address, TOKEN, timeout=10, gate=OpenGate()))


@pytest.fixture
def pool(contract: ApiContract, client: ApiClient) -> IdPool:
    policy = SafetyPolicy(Safety.FULL, (), contract.specification.operations)
    return IdPool(ResourceMap(contract), client, policy, {})


@pytest.fixture
def finder(contract: ApiContract, client: ApiClient, pool: IdPool) -> SuccessFinder:
    return SuccessFinder(contract, pool, client, prefix="conform")


@pytest.fixture
def verify(contract: ApiContract, client: ApiClient) -> Verify:
    def run(
        written: str,
        safety: Safety = Safety.FULL,
        steps: Sequence[LifecycleStep] = (),
        client: ApiClient = client,
        is_exclusive: bool = True,
    ) -> ResourceLifecycle:
        policy = SafetyPolicy(safety, (), contract.specification.operations)
        method, _, path = written.partition(" ")
        operation = contract.specification.operation(f"{method} /public-api/resources/{path}")
        pool = IdPool(ResourceMap(contract), client, policy, {})
        clock = EmulatorClock(client)
        finder = SuccessFinder(contract, pool, client, prefix="conform", now=clock.roughly)
        resource = ResourceOperations.of(contract, operation, lambda _: True)
        assert resource.create is not None
        parents = next(pool.path_parameters(resource.create, limit=1))
        lifecycle = ResourceLifecycle(
            resource, parents, finder, pool, client, Recorder(contract), clock, Random(0), is_exclusive=is_exclusive
        )
        lifecycle.verify(steps or lifecycle.sequence(method))
        return lifecycle

    return run


@pytest.fixture
def inject(client: ApiClient) -> Iterator[Inject]:
    def switch(defect: str | None) -> None:
        httpx.put(f"{client.base_url}/_emulator/defects", json={"defect": defect}).raise_for_status()

    yield switch
    switch(None)


def test_a_required_field_whose_other_value_is_refused_does_not_keep_the_others_as_they_are(verify: Verify) -> None:
    # The second notice is for another kind of downtime.
    varied, _ = verify("POST charge-point-downtime-periods/v1.0").created()
    assert {"chargePointId", "startedAt", "endedAt"} <= varied


def test_of_required_fields_that_exclude_each_other_one_has_a_value(client: ApiClient, verify: Verify) -> None:
    # What ends in the future of this machine has ended where the clock is months ahead.
    EmulatorClock(client).let_pass(100 * 86400)
    assert CREATE in verify("POST flexibility-assets/v1.0").taken


@pytest.mark.parametrize(
    ("defect", "written", "check"),
    [
        ("changed-unlisted", f"PATCH {TAX}", "resource_listing"),
        ("changed-unfound", "PATCH users/v1.0/{user}", "filter_matches_all"),
        ("empty-lists-ignored", f"PATCH {TAX}", "resource_keeps_fields"),
        ("marks-escaped", f"PATCH {USER_GROUP}", "resource_keeps_fields"),
        ("stamped-years-ago", "POST user-groups/v1.0", "resource_update_time"),
        ("stranger-writes-in-secret", f"POST {TAXES}", "refusal_without_effect"),
        ("stranger-writes-in-secret", f"PATCH {TAX}", "refusal_without_effect"),
        ("stranger-writes-in-secret", f"DELETE {TAX}", "refusal_without_effect"),
        ("stranger-writes-in-secret", "PUT parking-spaces/v1.0/{parkingSpace}", "refusal_without_effect"),
        ("invalid-written-in-secret", f"POST {TAXES}", "refusal_without_effect"),
        ("invalid-written-in-secret", f"PATCH {TAX}", "refusal_without_effect"),
        ("removed-is-written", f"DELETE {TAX}", "resource_removed"),
        ("change-texts-only", f"PATCH {ID_TAG}", "resource_keeps_fields"),
        ("falsy-ignored", "PATCH top-up-packages/v2.0/{topUpPackage}", "resource_keeps_fields"),
        ("decimals-cut", f"PATCH {TAX}", "resource_keeps_fields"),
        ("amounts-capped", "PATCH top-up-packages/v2.0/{topUpPackage}", "resource_keeps_fields"),
        ("ignore-status", f"PATCH {ID_TAG}", "resource_keeps_fields"),
        ("flags-off", "POST parking-spaces/v1.0", "resource_keeps_fields"),
        ("flags-off", "PUT parking-spaces/v1.0/{parkingSpace}", "resource_keeps_fields"),
        ("nested-altered", "POST partners/v2.0", "resource_keeps_fields"),
        ("undocumented-written", "PATCH users/v1.0/{user}", "resource_keeps_other_fields"),
        ("null-filled", f"PATCH {USER_GROUP}", "resource_keeps_other_fields"),
        ("future-update-time", f"PATCH {TAX}", "resource_update_time"),
        ("answered-ahead", f"PATCH {TAX}", "resource_update_time"),
        ("answered-ahead", f"POST {TAXES}", "resource_update_time"),
        ("create-twice", f"POST {TAXES}", "resource_count"),
        ("other-balance-answered", "POST users/v1.0", "answered_as_read"),
        ("replace-merges", "PUT parking-spaces/v1.0/{parkingSpace}", "resource_replaced"),
        ("remove-another", f"DELETE {TAX}", "resource_count"),
        ("creation-renames-another", "POST user-groups/v1.0", "resource_keeps_other_fields"),
        ("removal-renames-another", f"DELETE {USER_GROUP}", "resource_keeps_other_fields"),
        ("change-renames-another", f"PATCH {USER_GROUP}", "resource_keeps_other_fields"),
        ("replacement-creates", "PUT utilities/v1.0/{utility}", "resource_count"),
        ("references-ignored", f"PATCH {ID_TAG}", "resource_keeps_fields"),
        ("names-in-lower-case", f"PATCH {TAX}", "resource_keeps_fields"),
        ("list-grows", f"POST {TAXES}", "resource_keeps_lists"),
        ("list-shrinks", f"POST {TAXES}", "resource_keeps_fields"),
        ("update-time-null", f"PATCH {TAX}", "resource_update_time"),
        ("second-creation-refused", f"POST {TAXES}", "resource_keeps_fields"),
        ("removed-crashes", f"DELETE {TAX}", "not_a_server_error"),
        ("body-of-204", f"DELETE {TAX}", "no_content_has_no_body"),
    ],
)
def test_a_defect_of_writes_is_found(verify: Verify, inject: Inject, defect: str, written: str, check: str) -> None:
    inject(defect)
    with pytest.raises(ContractViolation) as found:
        verify(written)
    assert check in {finding.check for finding in found.value.findings}


@pytest.mark.parametrize(
    "written",
    [
        "PUT parking-spaces/v1.0/{parkingSpace}",
        "PUT tariffs/v1.0/{tariff}",
        f"POST {TAXES}",
        f"PATCH {TAX}",
        f"DELETE {TAX}",
        f"PATCH {USER_GROUP}",
        f"PATCH {ID_TAG}",
        "PATCH users/v1.0/{user}",
        "PATCH locations/v2.0/{location}",
        "POST partners/v2.0",
    ],
)
def test_nothing_is_found_where_writes_are_right(verify: Verify, written: str) -> None:
    verify(written)


def test_a_double_is_found_on_a_target_that_others_use(verify: Verify, inject: Inject) -> None:
    inject("create-twice")
    with pytest.raises(ContractViolation) as found:
        verify(f"POST {TAXES}", is_exclusive=False)
    assert {finding.check for finding in found.value.findings} == {"resource_count"}


def test_items_of_others_are_no_doubles(verify: Verify, client: ApiClient) -> None:
    path = f"/public-api/resources/{TAXES}"

    def create_another(exchange: Exchange) -> None:
        if exchange.request.method == "POST":
            client.send("POST", path, json={"name": "Tax of another", "percentage": 7, "displayName": []})

    with ApiClient(client.base_url, TOKEN, timeout=10, gate=OpenGate()) as own:
        own.observe(create_another)
        verify(f"POST {TAXES}", client=own, is_exclusive=False)
        with pytest.raises(ContractViolation):
            verify(f"POST {TAXES}", client=own, is_exclusive=True)


def test_what_refers_to_a_removed_item_may_go_with_it(verify: Verify) -> None:
    # At own-data the parent of the third circuit is the second one.
    verify("POST circuits/v2.0", Safety.OWN_DATA, [(CREATE, 0), (CREATE, 0), (REMOVE, 0), (CREATE, 0), (REMOVE, 0)])


@pytest.mark.parametrize("written", ["PATCH payment-terminals/v1.0/{paymentTerminal}", "PATCH users/v1.0/{user}"])
def test_every_field_is_changed_or_named_with_a_reason(verify: Verify, contract: ApiContract, written: str) -> None:
    lifecycle = verify(written)
    operation = contract.specification.operation(written.replace(" ", " /public-api/resources/"))
    written_names = resource_fields.writable_properties(contract, operation).keys()
    assert lifecycle.changed | lifecycle.unchanged.keys() == written_names
    assert len(lifecycle.changed) > len(lifecycle.unchanged)
    assert all(lifecycle.unchanged.values())


def test_a_field_that_is_always_refused_is_found(
    finder: SuccessFinder, pool: IdPool, contract: ApiContract, inject: Inject
) -> None:
    trials = FieldTrials(contract, pool, finder, describe("ampeco").fields)
    operation = contract.specification.operation("PATCH /public-api/resources/users/v1.0/{user}")
    assert list(trials.findings(operation, finder.find(operation), Random(0))) == []
    inject("refuse-optional-text")
    # One order tries some of the fields only.
    found = [found for seed in range(4) for found in trials.findings(operation, finder.find(operation), Random(seed))]
    assert {(finding.check, finding.location) for finding in found} == {("valid_field_refused", "body /externalId")}


@pytest.mark.parametrize(
    ("defect", "action", "status"),
    [("action-forbidden", "reset-security-profile", 403), ("action-refused", "get-diagnostics", 422)],
)
def test_an_action_that_refuses_every_valid_request_is_found(
    finder: SuccessFinder, contract: ApiContract, inject: Inject, defect: str, action: str, status: int
) -> None:
    path = f"/public-api/actions/charge-point/v1.0/{{chargePoint}}/{action}"
    operation = contract.specification.operation(f"POST {path}")
    assert finder.find(operation).findings == []
    inject(defect)
    (found,) = finder.find(operation).findings
    assert (found.check, found.actual) == ("operation_succeeds", status)
    assert "12 objects tried" in found.message


def test_a_refusal_that_the_state_of_the_object_explains_proves_nothing(
    finder: SuccessFinder, contract: ApiContract
) -> None:
    for label in ("actions/reservation/v1.0/{reservation}/cancel", "actions/users/v2.0/{user}/redeem-voucher"):
        attempt = finder.find(contract.specification.operation(f"POST /public-api/{label}"))
        assert attempt.succeeded or attempt.findings == []
    shared = contract.specification.operation(
        "PUT /public-api/resources/charge-points/v2.0/{chargePoint}/shared-partners"
    )
    attempt = finder.find(shared)
    assert "must be private" in attempt.reason
    assert attempt.findings == []


def test_an_action_that_keeps_a_status_or_sets_that_of_others_is_found(
    pool: IdPool, contract: ApiContract, client: ApiClient, inject: Inject
) -> None:
    # An asset whose end has passed on the clock of the target stays disabled.
    finder = SuccessFinder(contract, pool, client, prefix="conform", now=EmulatorClock(client).roughly)
    effects = ActionEffects(contract, finder, client)
    label = "POST /public-api/actions/flexibility-asset/v1.0/{flexibilityAsset}/change-status"
    operation = contract.specification.operation(label)
    attempt = finder.find(operation)
    path = fill("/public-api/resources/flexibility-assets/v1.0/{flexibilityAsset}", attempt.path_values)
    status = answer_of(client.send("GET", path)).item
    for seed in range(2):
        assert list(effects.findings(operation, attempt, Random(seed))) == []
    assert answer_of(client.send("GET", path)).item == status
    inject("status-stays")
    (found,) = effects.findings(operation, attempt, Random(0))
    assert (found.check, found.location) == ("action_takes_effect", "/data/status")
    inject("status-for-all")
    (found,) = effects.findings(operation, attempt, Random(0))
    assert "was not named" in found.message


def test_the_response_to_an_action_shows_what_was_sent(
    finder: SuccessFinder, contract: ApiContract, inject: Inject
) -> None:
    label = "POST /public-api/actions/flexibility-asset/v1.0/{flexibilityAsset}/change-status"
    operation, record = contract.specification.operation(label), Recorder(contract)
    assert answered_otherwise(operation, finder.find(operation), record) == []
    inject(f"mutate:other-member:{label}:status")
    (found,) = answered_otherwise(operation, finder.find(operation), record)
    assert (found.check, found.location) == ("resource_keeps_fields", "/status")


def test_a_creation_below_a_resource_is_no_action(
    finder: SuccessFinder, client: ApiClient, contract: ApiContract
) -> None:
    operation = contract.specification.operation("POST /public-api/resources/charge-points/v2.0/{chargePoint}/evses")
    effects = ActionEffects(contract, finder, client)
    assert list(effects.findings(operation, finder.find(operation), Random(0))) == []


def test_items_are_read_that_are_not_the_first(finder: SuccessFinder, contract: ApiContract, inject: Inject) -> None:
    operation = contract.specification.operation("GET /public-api/resources/receipts/v2.0/{receipt}")
    values = finder.find(operation).path_values
    assert finder.find_others(operation, values, Random(0)) == []
    inject("only-first-read")
    assert "not_a_server_error" in {found.check for found in finder.find_others(operation, values, Random(0))}


def test_a_resource_that_cannot_be_created_keeps_what_is_written(
    finder: SuccessFinder, pool: IdPool, client: ApiClient, contract: ApiContract, inject: Inject
) -> None:
    path = "/public-api/resources/contact-details/v2.0"
    writing, reading = (contract.specification.operation(f"{method} {path}") for method in ("PUT", "GET"))
    former = client.send("GET", path).response

    def verify() -> None:
        record, clock = Recorder(contract), EmulatorClock(client)
        ExistingResource(writing, reading, {}, finder, pool, client, record, clock, Random(0)).verify()

    verify()
    restored = client.send("GET", path).response
    assert former is not None
    assert restored is not None
    assert former.json()["email"] == restored.json()["email"]
    inject("forget-single")
    with pytest.raises(ContractViolation) as found:
        verify()
    assert {finding.check for finding in found.value.findings} == {"resource_keeps_fields", "resource_update_time"}


def test_the_variants_of_a_creation_are_created(verify: Verify) -> None:
    _, missing = verify("POST booking-requests/v1.0").created()
    assert set(missing) == {"bookingId"}, "only one variant has it"
