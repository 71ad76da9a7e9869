"""Circuits: their charge points, priorities and metered consumption."""

from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.crud.resources import change, refuse_contradictions, write_single
from ampeco_emulator.domain.charging import sessions
from ampeco_emulator.domain.charging.power import ATTACHED

_CIRCUIT = "POST /public-api/actions/circuit/v2.0/{circuit}"
_SOC = "soc-priorities"
_LEAST_DISTANCE = 5
_PHASES = ("L1", "L2", "L3")
#: The electrical configuration of what names none.
STAR = "star"


def attach(call: EndpointCall) -> EmulatorResponse:
    """Add a charge point to a circuit, with a priority."""
    charge_point = call.backend.store.find("charge-points", str(call.body.get("chargePointId")))
    if charge_point is None:
        message = "The selected chargePointId is invalid."
        raise RefusedError(422, message, {"chargePointId": [message]})
    refuse_contradictions(call, "attached-charge-points", _circuit(call).fields)
    _set_priority(call, charge_point, call.body.get("priority", 1))
    _share_anew(call.backend)
    return accepted(call)


def detach(call: EndpointCall) -> EmulatorResponse:
    """Remove a charge point from a circuit."""
    circuit, charge_point = _circuit(call), _charge_point(call)
    entry = _entry(call, circuit, charge_point)
    if entry is not None:
        call.backend.store.remove(ATTACHED, entry)
        _share_anew(call.backend)
    return accepted(call)


def change_circuit(call: EndpointCall) -> EmulatorResponse:
    """Change a circuit; its sessions have a part of the present current at once."""
    response = change(call)
    _share_anew(call.backend)
    return response


def _share_anew(backend: Backend, _circuit: Record | None = None) -> None:
    for session in backend.store.running_sessions():
        sessions.adjust(backend, session, backend.now())


def set_charge_point_priority(call: EndpointCall) -> EmulatorResponse:
    """Change the priority of a charge point."""
    _set_priority(call, _charge_point(call), call.body["priority"])
    return accepted(call)


def set_evse_priority(call: EndpointCall) -> EmulatorResponse:
    """Change the priority of one EVSE of a charge point, by its system id or network id."""
    backend, charge_point, key = call.backend, _charge_point(call), call.incoming.path_values["evse"]
    parents = {"charge-points": str(charge_point.id)}
    numbered = (item for item in backend.store.all("evses", parents) if str(item.fields.get("networkId")) == key)
    evse = backend.store.find("evses", key, parents) or next(numbered, None)
    if evse is None:
        raise RefusedError(404, "No query results for this id.")
    entry = _entry(call, _circuit(call), charge_point) or _set_priority(call, charge_point, 1)
    others = [item for item in entry.fields.get("evses") or [] if item["id"] != evse.id]
    backend.change(entry, {"evses": [*others, {"id": evse.id, "priority": call.body["priority"]}]})
    return accepted(call)


def set_soc_priorities(call: EndpointCall) -> EmulatorResponse:
    """Set priorities by state of charge; the two thresholds differ by at least 5 %."""
    circuit = _circuit(call)
    upper, lower = call.body.get("upperThresholdPercent"), call.body.get("lowerThresholdPercent")
    if upper is not None and lower is not None and upper < lower + _LEAST_DISTANCE:
        message = "The upperThresholdPercent must be at least lowerThresholdPercent plus 5."
        raise RefusedError(422, message, {"upperThresholdPercent": [message]})
    call.backend.single(_SOC, {"circuits": str(circuit.id)}).update(call.body)
    return accepted(call)


def report_consumption(call: EndpointCall) -> EmulatorResponse:
    """Receive the currents of a meter, in mA; they become the consumption of its circuits, in A."""
    backend = call.backend
    meter = backend.named("electricityMeter", call.incoming.path_values["electricityMeter"])
    moment = format_timestamp(backend.now())
    phases = [
        {"phase": phase, "consumption": call.body[f"current{phase}"] / 1000, "lastUpdatedAt": moment}
        for phase in _PHASES
        if call.body.get(f"current{phase}") is not None
    ]
    for circuit in backend.store.all("circuits"):
        if circuit.fields.get("electricityMeterId") == meter.id:
            _consume(backend, circuit, phases)
    return accepted(call)


def _consume(backend: Backend, circuit: Record, phases: list[dict[str, Any]]) -> None:
    parents = {"circuits": str(circuit.id)}
    for phase in phases:
        known = backend.store.find("consumption", phase["phase"], parents)
        if known is None:
            backend.add("consumption", phase, parents)
        else:
            backend.change(known, phase)
    payload = {"circuitId": circuit.id, "currentConsumption": phases}
    limits = {
        name: circuit.fields[name] for name in ("maxCurrent", "minChargePointCurrent") if circuit.fields.get(name)
    }
    backend.announce("CircuitConsumptionNotification", payload | limits)


def set_smart_charging(call: EndpointCall) -> EmulatorResponse:
    """Write the smart charging of a charge point, which is a star unless the body says otherwise."""
    if call.body.get("mode") != "disabled":
        call.body.setdefault("electricalConfiguration", STAR)
    return write_single(call)


def configuration_of(backend: Backend, charge_point: str) -> str:
    """The electrical configuration of a charge point, from its smart charging."""
    smart_charging = backend.single("smart-charging", {"charge-points": charge_point})
    return str(smart_charging.get("electricalConfiguration") or STAR)


def attached(backend: Backend, circuit: int) -> list[int]:
    """The ids of the charge points of a circuit."""
    return [entry.fields["id"] for entry in backend.store.all(ATTACHED, {"circuits": str(circuit)})]


def _set_priority(call: EndpointCall, charge_point: Record, priority: Any) -> Record:
    circuit = _circuit(call)
    entry = _entry(call, circuit, charge_point)
    if entry is None:
        parents = {"circuits": str(circuit.id)}
        entry = call.backend.add(ATTACHED, {"evses": []}, parents)
        entry.fields["id"] = charge_point.id
    write_priority(call.backend, entry, priority)
    return entry


@rule
def write_priority(backend: Backend, entry: Record, priority: Any) -> None:
    """Set the priority of a charge point in a circuit."""
    backend.change(entry, {"priority": priority})


def _entry(call: EndpointCall, circuit: Record, charge_point: Record) -> Record | None:
    entries = call.backend.store.all(ATTACHED, {"circuits": str(circuit.id)})
    return next((entry for entry in entries if entry.fields["id"] == charge_point.id), None)


def _circuit(call: EndpointCall) -> Record:
    return call.backend.named("circuit", call.incoming.path_values["circuit"])


def _charge_point(call: EndpointCall) -> Record:
    return call.backend.named("chargePoint", call.incoming.path_values["chargePoint"])


REMOVED = {"circuits": _share_anew}
HANDLERS: dict[str, Handler] = {
    "PATCH /public-api/resources/circuits/v1.0/{dlmCircuit}": change_circuit,
    "PATCH /public-api/resources/circuits/v2.0/{circuit}": change_circuit,
    "POST /public-api/resources/charge-points/v2.0/{chargePoint}/smart-charging": set_smart_charging,
    f"{_CIRCUIT}/attach-charge-point": attach,
    f"{_CIRCUIT}/detach-charge-point/{{chargePoint}}": detach,
    f"{_CIRCUIT}/set-charge-point-priority/{{chargePoint}}": set_charge_point_priority,
    f"{_CIRCUIT}/set-charge-point-priority/{{chargePoint}}/evse/{{evse}}": set_evse_priority,
    f"{_CIRCUIT}/set-circuit-soc-priorities": set_soc_priorities,
    "POST /public-api/actions/electricity-meter/v1.0/{electricityMeter}/report-consumption": report_consumption,
}
