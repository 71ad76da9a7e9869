"""Defects of who may start and stop: refusals that are missing, in one way to start or in all."""

from collections.abc import Callable
from datetime import timedelta

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.domain.billing import billing, wallet
from ampeco_emulator.domain.charging import charging, refusals, reservations, sessions
from ampeco_emulator.faults.model import Defect


def _evse_only(
    refuse: Callable[[refusals.StartAttempt], refusals.Refusal | None], attempt: refusals.StartAttempt
) -> refusals.Refusal | None:
    is_usable = attempt.evse.fields.get("status") in ("enabled", "active")
    return None if is_usable else refuse(attempt)


def _admit(
    _start: Callable[[EndpointCall, Record, Record], EmulatorResponse],
    call: EndpointCall,
    charge_point: Record,
    evse: Record,
) -> EmulatorResponse:
    return charging.accept_start(call, charging.attempt_of(call, charge_point, evse))


def _without(*names: str) -> Override:
    """Redeem vouchers as if some of their fields were not set."""

    def redeemable(decide: Callable[[Backend, Record], bool], backend: Backend, voucher: Record) -> bool:
        kept = dict(voucher.fields)
        voucher.fields = {name: value for name, value in kept.items() if name not in names}
        try:
            return decide(backend, voucher)
        finally:
            voucher.fields = kept

    return override(wallet.is_redeemable, redeemable)


def _extend_reservation(refuse: Callable[[EndpointCall, Record], None], call: EndpointCall, evse: Record) -> None:
    for reservation in call.backend.store.all("reservations", {"evses": str(evse.id)}):
        if reservation.fields["status"] == "active":
            reservation.fields["duration"] *= 2
    refuse(call, evse)


def _blocked_for_good(
    refuse: Callable[[refusals.StartAttempt], refusals.Refusal | None], attempt: refusals.StartAttempt
) -> refusals.Refusal | None:
    for reservation in attempt.backend.store.all("reservations", {"evses": str(attempt.evse.id)}):
        is_over = reservation.fields["status"] in ("expired", "canceled")
        if is_over and (attempt.user is None or reservation.fields["userId"] != attempt.user.id):
            return refusals.Refusal("ACCESS_RESTRICTED", "The EVSE was reserved for another user.")
    return refuse(attempt)


def _authorized(
    refuse: Callable[[EndpointCall, refusals.Refusal], EmulatorResponse], call: EndpointCall, refusal: refusals.Refusal
) -> EmulatorResponse:
    user = call.backend.store.find("users", str(call.body.get("userId")))
    sessions.authorize(call.backend, 1, None, method="user_device", user=user)
    return refuse(call, refusal)


RESERVATIONS = (
    Defect(
        "reservation-short",
        "domain",
        "a reservation expires after a minute",
        always(reservations.lifetime, timedelta(minutes=1)),
    ),
    Defect(
        "reservation-extended",
        "domain",
        "a refused reservation extends the one that is there",
        override(reservations.refuse, _extend_reservation),
    ),
    Defect(
        "reservation-blocks",
        "domain",
        "reservations that expired or were cancelled go on blocking others",
        override(refusals.reserved, _blocked_for_good),
    ),
)
STARTS = (
    Defect(
        "start-at-broken-charge-point",
        "domain",
        "a session starts at a charge point that is out of order",
        override(refusals.out_of_service, _evse_only),
    ),
    Defect("start-when-closed", "domain", "a session starts at a closed location", always(refusals.closed, None)),
    Defect(
        "start-without-plan",
        "domain",
        "a session starts without the plan that the charge point requires",
        always(refusals.without_plan, None),
    ),
    Defect("start-in-private", "domain", "strangers start at private charge points", always(refusals.private, None)),
    Defect("unknown-starts", "domain", "an unknown user starts anonymously", always(charging.is_known, True)),
    Defect(
        "foreign-card-pays",
        "domain",
        "a start may name the payment method of another user",
        always(refusals.method_unusable, None),
    ),
    Defect(
        "network-id-open",
        "domain",
        "a start by network id is never refused",
        override(charging.start_at_number, _admit),
    ),
    Defect(
        "refused-start-authorized",
        "domain",
        "a refused start leaves an accepted authorization",
        override(charging.refuse_start, _authorized),
    ),
    Defect("stop-elsewhere", "domain", "any charge point stops a session", always(charging.charges_at, True)),
    Defect("assign-early", "domain", "a session is assigned before it is billed", always(billing.is_billed, True)),
    Defect("voucher-expired", "domain", "an expired voucher pays", _without("expireDate", "assignBeforeDate")),
    Defect("voucher-disabled", "domain", "a disabled voucher pays", _without("status")),
)
