"""What may be sent to a tenant at which safety level."""

import pytest

from ampeco_conformance.specs import Operation, load_specification
from ampeco_conformance.tenants.safety import Effect, Safety, effect, own_data_only, refusal

RESOURCES = "/public-api/resources"
ACTIONS = "/public-api/actions"


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
    ],
)
def test_every_operation_has_one_effect(label: str, expected: Effect) -> None:
    assert effect(operation(label)) is expected


@pytest.mark.parametrize("version", ["3.66.0", "3.90.0"])
def test_read_only_sends_nothing_that_writes(version: str) -> None:
    permitted = [
        operation
        for operation in load_specification(version).operations
        if refusal(operation, Safety.READ_ONLY) is None
    ]
    assert permitted
    assert {operation.method for operation in permitted if "check-booking" not in operation.path} == {"GET"}
    assert not any("export-all-private-data" in operation.path for operation in permitted)


def test_full_sends_everything() -> None:
    assert not any(refusal(operation, Safety.FULL) for operation in load_specification("3.90.0").operations)


def test_own_data_creates_and_changes_only_what_the_run_created() -> None:
    create = operation(f"POST {RESOURCES}/users/v1.0")
    change = operation(f"PATCH {RESOURCES}/users/v1.0/{{user}}")
    assert refusal(create, Safety.OWN_DATA) is None
    assert refusal(change, Safety.OWN_DATA) is None
    assert not own_data_only(create, Safety.OWN_DATA)
    assert own_data_only(change, Safety.OWN_DATA)
    assert not own_data_only(change, Safety.FULL)
    assert not own_data_only(operation(f"GET {RESOURCES}/users/v1.0/{{user}}"), Safety.OWN_DATA)


@pytest.mark.parametrize(
    "label",
    [
        f"PUT {RESOURCES}/contact-details/v2.0",
        f"POST {ACTIONS}/evse/v1.0/bulk-assign-tariff-group",
        f"POST {ACTIONS}/users/v1.0/{{user}}/add-balance",
        f"POST {ACTIONS}/charge-point/v1.0/{{chargePoint}}/start",
        f"POST {RESOURCES}/partner-invites/v1.0",
    ],
)
def test_own_data_refuses_what_reaches_beyond_it(label: str) -> None:
    reason = refusal(operation(label), Safety.OWN_DATA)
    assert reason is not None
    assert reason.startswith("safety own-data: this operation ")
