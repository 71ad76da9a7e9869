"""Defects of who may start and stop: refusals that are missing, in one way to start or in all."""

from collections.abc import Callable

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.resources import EndpointCall
from ampeco_emulator.domain.billing import billing, wallet
from ampeco_emulator.domain.charging import charging, refusals
from ampeco_emulator.faults.model import Defect, Override, always, override


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
        "network-id-open",
        "domain",
        "a start by network id is never refused",
        override(charging.start_at_number, _admit),
    ),
    Defect("stop-elsewhere", "domain", "any charge point stops a session", always(charging.charges_at, True)),
    Defect("assign-early", "domain", "a session is assigned before it is billed", always(billing.is_billed, True)),
    Defect("voucher-expired", "domain", "an expired voucher pays", _without("expireDate", "assignBeforeDate")),
    Defect("voucher-disabled", "domain", "a disabled voucher pays", _without("status")),
)
