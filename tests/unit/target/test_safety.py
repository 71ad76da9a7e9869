"""What may be sent to a tenant at which safety level."""

import re
from contextlib import suppress

import pytest

from ampeco_conformance.apis import Effect
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.specs import Operation, load_specification
from ampeco_conformance.target.safety import NotPermitted, Permission, Safety, SafetyPolicy, effect

RESOURCES = "/public-api/resources"
ACTIONS = "/public-api/actions"
OF_MONEY = (
    *("set-balance", "charge-fee", "send-invoice", "pay", "refund", "end-subscription", "top-up", "redeem-voucher"),
)
OF_DEVICES = ("apply-to-charge-points", "roll-out-firmware", "hard-reset", "start", "stop", "unlock")
DEVICES = ("charge-point", "circuit", "evse", "flexibility-asset", "reservation")


def operation(label: str) -> Operation:
    method, path = label.split(" ")
    return Operation(method, path, operation_id="", summary="", tag="", deprecated=False, definition={})


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (f"GET {RESOURCES}/users/v1.0", Effect.READ),
        (f"GET {RESOURCES}/users/v1.0/{{user}}", Effect.READ),
        (f"GET {ACTIONS}/users/v2.0/{{user}}/export-all-private-data", Effect.ACTING_READ),
        (f"POST {RESOURCES}/users/v1.0", Effect.CREATE),
        (f"POST {RESOURCES}/users/v1.0/{{user}}/payment-methods", Effect.CREATE),
        (f"POST {RESOURCES}/users/v1.0/{{user}}/invoice-details", Effect.CHANGE),
        (f"POST {RESOURCES}/partner-invites/v1.0", Effect.ACTION),
        (f"POST {RESOURCES}/transactions/v1.0", Effect.MONEY),
        (f"PUT {RESOURCES}/contact-details/v2.0", Effect.CHANGE),
        (f"PATCH {RESOURCES}/users/v1.0/{{user}}", Effect.CHANGE),
        (f"DELETE {RESOURCES}/users/v1.0/{{user}}", Effect.DELETE),
        ("POST /public-api/notifications/v2.0", Effect.CREATE),
        (f"POST {ACTIONS}/users/v1.0/{{user}}/change-status", Effect.ACTION),
        (f"POST {ACTIONS}/users/v1.0/{{user}}/add-balance", Effect.MONEY),
        (f"POST {ACTIONS}/charge-point/v1.0/{{chargePoint}}/reset/{{type}}", Effect.DEVICE),
        (f"POST {ACTIONS}/evse/v1.0/{{evse}}/start", Effect.DEVICE),
        (f"POST {ACTIONS}/configuration-template/v1.0/{{template}}/apply-to-charge-points", Effect.DEVICE),
        (f"POST {ACTIONS}/locations/v2.0/{{location}}/check-booking-availability", Effect.READ),
        ("TRACE /public-api/resources/users/v1.0", Effect.ACTION),
        (f"POST {RESOURCES}/payments/v1.0", Effect.MONEY),
        (f"POST {ACTIONS}/session/v1.0/{{session}}/assign-user", Effect.MONEY),
        # Families of actions, whatever they act on: a future version may have such an action on any resource.
        *((f"POST {ACTIONS}/things/v9.0/{{thing}}/{action}", Effect.MONEY) for action in OF_MONEY),
        *((f"POST {ACTIONS}/things/v9.0/{{thing}}/{action}", Effect.DEVICE) for action in OF_DEVICES),
        *((f"POST {ACTIONS}/{device}/v9.0/{{thing}}/set-something", Effect.DEVICE) for device in DEVICES),
        (f"PATCH {RESOURCES}/charge-points/v9.0/{{chargePoint}}/configurations/{{configuration}}", Effect.DEVICE),
        (f"POST {RESOURCES}/charge-points/v9.0/{{chargePoint}}/new-smart-charging-settings", Effect.DEVICE),
    ],
)
def test_every_operation_has_one_effect(label: str, expected: Effect) -> None:
    assert effect(operation(label)) is expected


def policy(safety: Safety, *permissions: Permission) -> SafetyPolicy:
    return SafetyPolicy(safety, permissions, load_specification("3.90.0").operations)


@pytest.mark.parametrize("version", ["3.49.0", "3.66.0", "3.90.0", "3.110.0"])
def test_read_only_sends_nothing_that_writes(version: str) -> None:
    read_only = SafetyPolicy(Safety.READ_ONLY, Permission, ())
    permitted = [
        operation for operation in load_specification(version).operations if read_only.refusal(operation) is None
    ]
    assert permitted
    assert {operation.method for operation in permitted} == {"GET"}
    assert not any("export-all-private-data" in operation.path for operation in permitted)


def test_full_sends_everything_but_what_needs_a_permission_of_its_own() -> None:
    refused = [item for item in load_specification("3.90.0").operations if policy(Safety.FULL).refusal(item)]
    assert {effect(item) for item in refused} == {Effect.MONEY, Effect.DEVICE}
    allowed = policy(Safety.FULL, *Permission)
    assert not any(allowed.refusal(operation) for operation in load_specification("3.90.0").operations)


@pytest.mark.parametrize(
    ("label", "needed"),
    [
        (f"POST {ACTIONS}/users/v1.0/{{user}}/add-balance", Permission.MONEY),
        (f"POST {ACTIONS}/session/v1.0/{{session}}/retry-payment", Permission.MONEY),
        (f"POST {ACTIONS}/charge-point/v1.0/{{chargePoint}}/start", Permission.DEVICES),
        (f"POST {ACTIONS}/charge-point/v2.0/{{chargePoint}}/update-firmware", Permission.DEVICES),
    ],
)
@pytest.mark.parametrize("safety", [Safety.OWN_DATA, Safety.FULL])
def test_money_and_devices_need_their_own_permission(label: str, needed: Permission, safety: Safety) -> None:
    other = next(permission for permission in Permission if permission is not needed)
    assert f"needs `permissions: [{needed}]`" in str(policy(safety, other).refusal(operation(label)))
    assert policy(safety, needed).refusal(operation(label)) is None
    assert policy(Safety.READ_ONLY, needed).refusal(operation(label)) is not None


def test_own_data_creates_and_changes_only_what_the_run_created() -> None:
    create = operation(f"POST {RESOURCES}/users/v1.0")
    change = operation(f"PATCH {RESOURCES}/users/v1.0/{{user}}")
    own_data = policy(Safety.OWN_DATA)
    assert own_data.refusal(create) is None
    assert own_data.refusal(change) is None
    assert not own_data.own_data_only(create)
    assert own_data.own_data_only(change)
    assert not policy(Safety.FULL).own_data_only(change)
    assert not own_data.own_data_only(operation(f"GET {RESOURCES}/users/v1.0/{{user}}"))


@pytest.mark.parametrize(
    "label",
    [
        f"PUT {RESOURCES}/contact-details/v2.0",
        f"POST {ACTIONS}/evse/v1.0/bulk-assign-tariff-group",
        f"POST {RESOURCES}/partner-invites/v1.0",
        f"POST {RESOURCES}/consents/v1.0",  # the API cannot remove a consent
    ],
)
def test_own_data_refuses_what_reaches_beyond_it(label: str) -> None:
    reason = policy(Safety.OWN_DATA, *Permission).refusal(operation(label))
    assert reason is not None
    assert reason.startswith("safety own-data: this operation ")


def test_the_guard_stops_what_a_test_forgot() -> None:
    contract = ApiContract(load_specification("3.90.0"))
    guard = Guard(policy(Safety.OWN_DATA), contract)
    users = f"https://tenant.example.com/prefix{RESOURCES}/users/v1.0"
    created = Exchange(
        Request("POST", users, (), b"{}"), Response(201, "Created", (), b'{"data": {"id": 7}}'), 0.0, 0.0, None
    )
    with pytest.raises(NotPermitted, match="what the run did not create"):
        guard.admit("DELETE", f"{users}/7")
    guard.observe(created)
    guard.admit("DELETE", f"{users}/7")
    guard.admit("POST", f"{users.replace(RESOURCES, ACTIONS)}/7/change-status")
    for foreign in ("8", "7abc", "07"):
        with pytest.raises(NotPermitted):
            guard.admit("PATCH", f"{users}/{foreign}")
    with pytest.raises(NotPermitted, match="effect of this POST is unknown"):
        guard.admit("POST", f"{users}/7/no-such-operation")
    with pytest.raises(NotPermitted, match="by POST"):
        Guard(SafetyPolicy(Safety.READ_ONLY, (), ()), ApiContract(load_specification("3.110.0"))).admit(
            "POST", f"https://a.example.com{ACTIONS}/locations/v2.0/7/check-booking-availability"
        )


@pytest.mark.parametrize("safety", [Safety.OWN_DATA, Safety.FULL])
@pytest.mark.parametrize(
    "body",
    [
        b'{"callbackUrl": "https://tenant.dk/hook"}',
        b'{"name": "\\u0068ttp://tenant.dk"}',
        b'{"via": "kafka", "kafka": {"brokers": ["tenant.dk:9092"]}}',
        b'{"defaultPhoto": "tenant.dk/photo.png"}',  # an address by its format only
        b"not json, but http://tenant.dk",
        b"[" * 100_000 + b'"http://tenant.dk"',
    ],
)
def test_the_guard_sends_no_address_of_somebody_else(safety: Safety, body: bytes) -> None:
    guard = Guard(policy(safety, *Permission), ApiContract(load_specification("3.90.0")), own_hosts={"hooks.tenant.dk"})
    url = "https://tenant.example.com/public-api/notifications/v1.0"
    with pytest.raises(NotPermitted, match="address of somebody else"):
        guard.admit("POST", url, body)
    guard.admit("POST", url, body.replace(b"tenant.dk", b"hooks.tenant.dk"))
    guard.admit("POST", url, body.replace(b"tenant.dk", b"example.com"))
    with pytest.raises(NotPermitted):
        guard.admit("POST", f"{url}?callbackUrl=https://tenant.dk", b"")


def test_a_subscription_of_version_1_is_known_by_its_webhook_id() -> None:
    guard = Guard(policy(Safety.OWN_DATA), ApiContract(load_specification("3.90.0")))
    url = "https://tenant.example.com/public-api/notifications/v1.0"
    answer = Response(201, "Created", (), b'{"webhookId": 7, "callbackUrl": "https://example.com"}')
    guard.observe(Exchange(Request("POST", url, (), b"{}"), answer, 0.0, 0.0, None))
    assert list(guard.created) == ["/public-api/notifications/v1.0/7"]
    guard.admit("DELETE", f"{url}/7")


EQUIPMENT = {"chargePoint": (1,), "user": (3,)}


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0"))


def guard_with_equipment(contract: ApiContract, safety: Safety = Safety.OWN_DATA) -> Guard:
    guard = Guard(policy(safety, *Permission), contract, test_equipment=EQUIPMENT)
    evse = b'{"data": [{"id": 1, "networkId": "1", "hardwareStatus": "available"}]}'
    guard.read = lambda _path: Response(200, "OK", (), evse)
    return guard


def answered(guard: Guard, method: str, path: str, answer: bytes, status: int = 201) -> None:
    url = f"https://tenant.example.com/public-api{path}"
    guard.observe(Exchange(Request(method, url, (), b"{}"), Response(status, "", (), answer), 0.0, 0.0, None))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/resources/charge-point-downtime-periods/v1.0", b'{"chargePointId": 2}'),
        ("/resources/charge-points/v2.0", b'{"name": "x", "locationId": 1}'),
        ("/resources/charge-points/v2.0", b'{"name": "x", "locationId": "1"}'),
        ("/resources/tariff-groups/v1.0", b'{"name": "x", "tariffIds": [1]}'),
        ("/resources/id-tags/v2.0", b'{"uid": "x", "userId": 7}'),
        ("/resources/charge-points/v2.0", b'{"name": "x", "location": {"id": 1}}'),
        ("/resources/circuits/v1.0", b'{"name": "x", "chargePoints": [{"id": 2}]}'),
        ("/resources/provisioning-certificates/v2.0", b'{"idTags": [{"id": 7}]}'),
        ("/resources/subscription-plans/v2.0", b'{"includedUserGroups": [7], "excludedPartnerUsers": []}'),
        ("/resources/charge-points/v2.0", b'{"name": "x", "contactId": 7}'),
        ("/resources/id-tags/v2.0", b"userId=7"),
        ("/resources/id-tags/v2.0?userId=7", b'{"uid": "x"}'),
    ],
)
def test_at_own_data_a_body_refers_only_to_own_things_and_test_equipment(
    contract: ApiContract, path: str, body: bytes
) -> None:
    url = f"https://tenant.example.com/public-api{path}"
    with pytest.raises(NotPermitted, match="would refer to what the run did not create"):
        guard_with_equipment(contract).admit("POST", url, body)
    guard_with_equipment(contract, Safety.FULL).admit("POST", url, body)
    unused = re.sub(r"(?<==)\d+", "2000000011", url)
    guard_with_equipment(contract).admit("POST", unused, re.sub(rb"\b\d+\b", b"2000000011", body))


@pytest.mark.parametrize("value", ["7.0", "7.5", '"7abc"', '"+7"', '"07"', '" 7"', "true", '{"id": 7}', "[7]"])
def test_a_lenient_receiver_finds_no_reference_to_others_either(contract: ApiContract, value: str) -> None:
    url = "https://tenant.example.com/public-api/resources/id-tags/v2.0"
    with pytest.raises(NotPermitted, match="would refer to what the run did not create"):
        guard_with_equipment(contract).admit("POST", url, b'{"uid": "x", "userId": %s}' % value.encode())


@pytest.mark.parametrize(("depth", "said"), [(150, "would refer to what"), (900, "nested so deeply")])
def test_no_depth_hides_a_reference_to_others(contract: ApiContract, depth: int, said: str) -> None:
    body = b'{"uid": "x", "userId": ' + b"[" * depth + b"7" + b"]" * depth + b"}"
    with pytest.raises(NotPermitted, match=said):
        guard_with_equipment(contract).admit("POST", "https://t.test/public-api/resources/id-tags/v2.0", body)


@pytest.mark.parametrize("depth", [150, 900, 5000])
def test_an_answer_of_any_depth_breaks_nothing(contract: ApiContract, depth: int) -> None:
    guard, extra = guard_with_equipment(contract), b"[" * depth + b"]" * depth
    guard.read = lambda _path: Response(200, "OK", (), b'{"data": {"id": 5, "name": "x", "extra": %s}}' % extra)
    answered(guard, "POST", "/resources/taxes/v2.0", b'{"data": {"id": 5, "extra": %s}}' % extra)
    url = "https://tenant.example.com/public-api/resources/taxes/v2.0/5"
    with suppress(NotPermitted):
        guard.admit("PATCH", url, b'{"name": "y"}')


@pytest.mark.parametrize("identifier", ["82000000011", "8,2000000011", "2000000011%2F..%2F8", "2000000011%5C..%5C8"])
def test_an_id_that_only_contains_the_unused_one_is_not_unused(contract: ApiContract, identifier: str) -> None:
    url = "https://tenant.example.com/public-api/resources/users/v1.0"
    with pytest.raises(NotPermitted):
        guard_with_equipment(contract).admit("PATCH", f"{url}/{identifier}", b"{}")
    guard_with_equipment(contract).admit("PATCH", f"{url}/unused-2000000011", b"{}")


def test_the_ids_of_parts_are_no_references(contract: ApiContract) -> None:
    guard = guard_with_equipment(contract)
    answered(guard, "POST", "/resources/charge-points/v2.0", b'{"data": {"id": 2}}')
    evses = "https://tenant.example.com/public-api/resources/charge-points/v2.0/2/evses"
    guard.admit("POST", evses, b'{"networkId": "1", "connectors": [{"id": 1}]}')


def test_own_things_and_test_equipment_may_be_referred_to(contract: ApiContract) -> None:
    guard = guard_with_equipment(contract)
    answered(guard, "POST", "/resources/locations/v2.0", b'{"data": {"id": 5}}')
    url = "https://tenant.example.com/public-api/resources"
    guard.admit("POST", f"{url}/charge-points/v2.0", b'{"name": "x", "locationId": 5}')
    guard.admit("POST", f"{url}/id-tags/v2.0", b'{"uid": "x", "userId": 3}')


def test_test_equipment_is_charged_at_and_not_changed(contract: ApiContract) -> None:
    guard = guard_with_equipment(contract)
    url = "https://tenant.example.com/public-api"
    start, stop = f"{url}/actions/charge-point/v1.0/1/start/1", f"{url}/actions/charge-point/v1.0/1/stop"
    guard.admit("POST", start, b'{"userId": 3}')
    with pytest.raises(NotPermitted, match="refer to"):
        guard.admit("POST", start, b'{"userId": 4}')
    with pytest.raises(NotPermitted, match="test_equipment"):
        guard.admit("POST", start.replace("/1/start", "/2/start"), b"{}")
    # Only a session that this run started is stopped.
    answered(guard, "GET", "/resources/sessions/v1.0", b'{"data": [{"id": "8"}]}', 200)
    for session in ("9", "8"):
        with pytest.raises(NotPermitted):
            guard.admit("POST", f"{stop}/{session}")
        answered(guard, "POST", "/actions/charge-point/v1.0/1/start/1", f'{{"sessionId": "{session}"}}'.encode(), 202)
    guard.admit("POST", f"{stop}/9")
    with pytest.raises(NotPermitted):
        guard.admit("POST", f"{stop}/8")
    for method, path in [
        ("POST", "/actions/charge-point/v1.0/1/reset/hard"),
        ("POST", "/actions/evse/v1.0/1/start"),
        ("PATCH", "/resources/charge-points/v2.0/1"),
        ("DELETE", "/resources/charge-points/v2.0/1"),
        ("POST", "/actions/users/v1.0/3/add-balance"),
    ]:
        with pytest.raises(NotPermitted):
            guard.admit(method, url + path)
    # The EVSEs of test equipment, as it lists them, are test equipment.
    answered(guard, "GET", "/resources/charge-points/v2.0/1/evses", b'{"data": [{"id": 1}]}', 200)
    guard.admit("POST", f"{url}/actions/evse/v1.0/1/start", b"{}")


def test_what_a_path_names_besides_an_own_thing_is_own_too(contract: ApiContract) -> None:
    guard = guard_with_equipment(contract)
    shown = {
        "sessions/v1.0/8": b'{"data": {"id": "8", "chargePointId": 2}}',
        "sessions/v1.0/9": b'{"data": {"id": "9"}}',
    }
    guard.read = lambda path: Response(200, "OK", (), shown.get(path.partition("/resources/")[2], b"{}"))
    answered(guard, "POST", "/resources/charge-points/v2.0", b'{"data": {"id": 2}}')
    stop = "https://tenant.example.com/public-api/actions/charge-point/v1.0/2/stop"
    guard.admit("POST", f"{stop}/8", b"{}")
    guard.admit("POST", f"{stop}/unused-2000000011", b"{}")
    with pytest.raises(NotPermitted, match="what the run did not create"):
        guard.admit("POST", f"{stop}/9", b"{}")


@pytest.mark.parametrize("safety", [Safety.READ_ONLY, Safety.OWN_DATA])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", "/users/v2.0/3/export-all-private-data"),
        ("GET", "/users/v1.0/3/change-status"),
        ("HEAD", "/evse/v1.0/1/start"),
    ],
)
def test_no_read_of_an_action_is_sent(contract: ApiContract, safety: Safety, method: str, path: str) -> None:
    guard = Guard(policy(safety), contract)
    with pytest.raises(NotPermitted):
        guard.admit(method, f"https://tenant.example.com{ACTIONS}{path}")
    guard.admit("HEAD", f"https://tenant.example.com{RESOURCES}/users/v1.0/3")
