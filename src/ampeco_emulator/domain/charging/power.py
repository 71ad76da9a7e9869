"""The power of a session: the least of those of its EVSE, the car, its charging profiles and its circuits.

Facts: profiles have the terms of OCPP: a transaction has the profile of its start, else a TxProfile, else a
TxDefaultProfile, of these the one of the highest stack level that is in effect, below the ChargePointMaxProfile.
Currents of circuits are in A. How a circuit divides its current is not published: here its charging sessions have
equal parts, and so have those of circuits below it.
"""

from collections.abc import Iterable
from datetime import datetime

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing.energy import DEFAULT_PHASES, VOLTS, most_power
from ampeco_emulator.domain.charging import evses
from ampeco_emulator.domain.charging.schedules import ChargingProfile, edges_of, limit_of

ATTACHED = "charge-point-priorities"
PROFILES = "profiles"
TX_PROFILE, MAXIMUM = "TxProfile", "ChargePointMaxProfile"
FULL = "full"
_PHASES = {"single_phase": 1, "split_phase": 2, "three_phase": 3}
_MOST_CURRENT = 10**6


def power_of(backend: Backend, session: Record, evse: Record, at: datetime) -> float:
    """The power of a session at a time, in W."""
    begun = _begun(session, at)
    limits = [limit_of(level, at, begun) for level in profiles_of(backend, session, evse)]
    shares = [circuit_watts(circuit, _share(backend, circuit)) for circuit in circuits_of(backend, evse)]
    return max(0.0, min([most_power(evse.fields), *(limit for limit in [*limits, *shares] if limit is not None)]))


def next_change(backend: Backend, session: Record, evse: Record, at: datetime) -> datetime | None:
    """When a profile of a session changes its limit next; None when none does."""
    begun = _begun(session, at)
    edges = (
        edge for level in profiles_of(backend, session, evse) for item in level for edge in edges_of(item, at, begun)
    )
    return min((edge for edge in edges if edge > at), default=None)


@rule
def profiles_of(backend: Backend, session: Record, evse: Record) -> list[list[ChargingProfile]]:
    """The profiles that limit a session: those of its transaction, in order of precedence, and those of the maximum."""
    charge_point = evses.charge_point_of(backend, evse)
    known = [*profiles_at(evse), *(profiles_at(charge_point) if charge_point is not None else ())]
    ordered = sorted(known, key=lambda profile: -profile["stackLevel"])
    maximum = [profile for profile in ordered if profile["chargingProfilePurpose"] == MAXIMUM]
    own = [session.state["profile"]] if session.state.get("profile") else []
    for purpose in (TX_PROFILE, "TxDefaultProfile"):
        own += [profile for profile in ordered if profile["chargingProfilePurpose"] == purpose]
    return [own, maximum]


def profiles_at(record: Record) -> list[ChargingProfile]:
    """The profiles that were set on a charge point or an EVSE."""
    return record.state.get(PROFILES) or []


def _begun(session: Record, at: datetime) -> datetime:
    return datetime.fromisoformat(session.state["started"]) if "started" in session.state else at


def circuits_of(backend: Backend, evse: Record) -> list[Record]:
    """The circuits that feed an EVSE: those of its charge point, and the circuits above them."""
    place = evse.fields.get("chargePointId")
    entries = (entry for entry in backend.store.all(ATTACHED) if entry.fields["id"] == place)
    return list({circuit.id: circuit for entry in entries for circuit in _chain(backend, entry)}.values())


def beside(backend: Backend, circuits: Iterable[Record]) -> list[Record]:
    """The running sessions that take current from any of these circuits."""
    wanted = {circuit.id for circuit in circuits}
    fed = {
        entry.fields["id"]
        for entry in backend.store.all(ATTACHED)
        if wanted and any(circuit.id in wanted for circuit in _chain(backend, entry))
    }
    running = backend.store.running_sessions() if fed else ()
    return [session for session in running if session.fields["chargePointId"] in fed]


def _chain(backend: Backend, entry: Record) -> list[Record]:
    """The circuit that a charge point is attached to, and those above it."""
    found: list[Record] = []
    circuit = backend.store.peek("circuits", int(entry.parents["circuits"]))
    while circuit is not None and circuit not in found:
        found.append(circuit)
        circuit = backend.store.peek("circuits", circuit.fields.get("parentCircuitId"))
    return found


def _share(backend: Backend, circuit: Record) -> float | None:
    """The current in A that a charging session has of a circuit."""
    charging = sum(1 for session in beside(backend, [circuit]) if not session.state.get(FULL))
    return share_of(circuit, charging)


def share_of(circuit: Record, sessions: int) -> float | None:
    """The current in A that each of so many sessions has of a circuit; None without a limit of its own."""
    most, integration = circuit.fields.get("maxCurrent"), circuit.fields.get("loadBalancingIntegration") or {}
    if not isinstance(most, int | float) or integration.get("id") is not None:
        return None
    return float(min(most, _MOST_CURRENT)) / max(1, sessions)


def circuit_watts(circuit: Record, current: float | None) -> float | None:
    """The power in W of a current in A of a circuit."""
    phases = _PHASES.get(str(circuit.fields.get("phases")), DEFAULT_PHASES)
    return None if current is None else current * VOLTS * phases


def end_transaction(evse: Record) -> None:
    """Drop the profiles of an EVSE that were for the session which ends there."""
    evse.state[PROFILES] = [item for item in profiles_at(evse) if item["chargingProfilePurpose"] != TX_PROFILE]
