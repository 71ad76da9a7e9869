"""What a run starts on test equipment is ended, also after it was killed; nobody else's charging is touched."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.http.cleanup import sweep
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import connect, guarded
from ampeco_conformance.http.journal import open_journal, read_journals
from ampeco_conformance.http.ownership import run_tag
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import NotPermitted, Permission, Safety, SafetyPolicy
from tests.support.loopback import Received, Sent, sent_json, serving

RESOURCES, ACTIONS = "/public-api/resources", "/public-api/actions"
START = f"{ACTIONS}/evse/v1.0/1/start"
ANYWHERE = f"{ACTIONS}/charge-point/v1.0/1/start"
RESERVE = f"{ACTIONS}/charge-point/v1.0/1/reserve/1"
KINDS = {"sessions": ("active", "finished", "startedAt"), "reservations": ("active", "canceled", "reservedAt")}
DRIVER = {"userId": 3}


def moment(minutes: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


@dataclass
class ChargePoint:
    """A charge point with one EVSE. `forgets` the answer of the next action, which is done all the same.

    The clock of its server is `ahead` by so many minutes.
    """

    items: dict[str, dict[str, Any]] = field(default_factory=lambda: {"sessions": {}, "reservations": {}})
    status: str = "available"
    forgets: bool = False
    names_session: bool = True
    ahead: float = 0

    def add(self, kind: str, minutes: float = 0, **fields: Any) -> str:
        number = str(len(self.items[kind]) + 1)
        begun = {KINDS[kind][2]: moment(self.ahead + minutes)}
        place = {"chargePointId": 1, "evseId": 1}
        self.items[kind][number] = {"id": number, "status": KINDS[kind][0], "userId": 3, **place, **begun, **fields}
        return number

    def states(self, kind: str) -> list[str]:
        return [item["status"] for item in self.items[kind].values()]

    def __call__(self, received: Received) -> Sent:
        sent = self._answer(received)
        sent.headers["Date"] = format_datetime(datetime.now(UTC) + timedelta(minutes=self.ahead), usegmt=True)
        return sent

    def _answer(self, received: Received) -> Sent:
        path = received.path.partition("?")[0]
        parts = path.strip("/").split("/")
        if received.method == "GET":
            return self._read(parts)
        if "stop" in parts or "cancel" in parts:
            kind, number = ("sessions", parts[-1]) if "stop" in parts else ("reservations", parts[-2])
            self.items[kind][number]["status"] = KINDS[kind][1]
            return sent_json({}, 202)
        answer = self._act(path, json.loads(received.body))
        return Sent(is_lost=True) if self.forgets else sent_json(answer, 202)

    def _read(self, parts: list[str]) -> Sent:
        kind = parts[2]
        if kind in ("evses", "charge-points"):
            evse = {"id": 1, "networkId": "1", "chargePointId": 1, "hardwareStatus": self.status}
            return sent_json({"data": evse if kind == "evses" else [evse]})
        items = self.items[kind]
        found = items.get(parts[-1]) if len(parts) > 4 else list(items.values())
        return sent_json({"data": found}, 404 if found is None else 200)

    def _act(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == RESERVE:
            return {"success": True, "reservationId": int(self.add("reservations", userId=body["userId"]))}
        number = self.add("sessions", userId=body["userId"], authorizationId=70)
        self.status = "charging"
        named = {"sessionId": int(number)} if self.names_session else {}
        return {"success": True, "authorizationId": 70, **named}


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0"))


@pytest.fixture
def charge_point() -> ChargePoint:
    return ChargePoint()


@pytest.fixture
def target(charge_point: ChargePoint) -> Iterator[Target]:
    equipment = {"evse": (1,), "chargePoint": (1,), "user": (3, 4)}
    with serving(charge_point) as base_url:
        yield Target(
            "tenant",
            "ampeco",
            "3.90.0",
            base_url,
            "token",
            Safety.OWN_DATA,
            permissions=frozenset(Permission),
            timeout=5,
            test_equipment=equipment,
        )


def guard_of(target: Target, contract: ApiContract, reports: Path) -> Guard:
    policy = SafetyPolicy(target.safety, target.permissions, contract.specification.operations)
    journal = open_journal(reports, target, "run")
    return Guard(policy, contract, journal, target.own_hosts, run_tag("run"), target.test_equipment)


@dataclass
class KilledRun:
    """A run that never cleans up."""

    client: ApiClient
    guard: Guard

    def act(self, path: str) -> None:
        """Do something at the charge point."""
        self.client.send("POST", path, json=DRIVER)

    def end(self) -> None:
        """Let go of the journal as a killed process does."""
        assert self.guard.journal is not None
        self.guard.journal.close(keep=True)


@pytest.fixture
def killed_run(target: Target, contract: ApiContract, tmp_path: Path) -> Iterator[KilledRun]:
    guard = guard_of(target, contract, tmp_path)
    with connect(target, guard) as client:
        guard.read = lambda path: client.send("GET", path).response
        yield KilledRun(client, guard)


def swept(target: Target, contract: ApiContract, reports: Path) -> dict[str, str]:
    (record,) = read_journals(reports)
    policy = SafetyPolicy(target.safety, target.permissions, contract.specification.operations)
    guard = Guard(policy, contract, own_hosts=target.own_hosts, test_equipment=target.test_equipment)
    with connect(target, guard) as client:
        return sweep(record, client, guard, contract)


@pytest.mark.parametrize(("action", "kind"), [(START, "sessions"), (ANYWHERE, "sessions"), (RESERVE, "reservations")])
@pytest.mark.parametrize(
    ("forgets", "ahead"),
    [(False, 0), (True, 0), (True, -120), (True, 120)],
    ids=["answered", "no response", "no response, clock behind", "no response, clock ahead"],
)
def test_what_a_killed_run_started_is_ended_by_sweep(
    target: Target,
    contract: ApiContract,
    charge_point: ChargePoint,
    killed_run: KilledRun,
    tmp_path: Path,
    action: str,
    kind: str,
    forgets: bool,
    ahead: int,
) -> None:
    charge_point.ahead = ahead
    running, over, _ = KINDS[kind]
    charge_point.add(kind, minutes=-60)
    charge_point.add(kind, userId=4)
    charge_point.forgets = forgets
    killed_run.act(action)
    killed_run.end()
    charge_point.forgets = False
    # Of the same driver but older, and of another driver: neither is the run's.
    assert charge_point.states(kind) == [running, running, running]
    assert swept(target, contract, tmp_path) == {}
    assert charge_point.states(kind) == [running, running, over]
    assert list(read_journals(tmp_path)) == []


def test_a_session_that_answered_no_id_is_recognised_and_ended(
    target: Target, contract: ApiContract, charge_point: ChargePoint, tmp_path: Path
) -> None:
    charge_point.names_session = False
    guard = guard_of(target, contract, tmp_path)
    with guarded(target, contract, guard) as client:
        client.send("POST", ANYWHERE, json=DRIVER)
        client.send("GET", f"{RESOURCES}/sessions/v1.0")
    assert charge_point.states("sessions") == ["finished"]


def test_nothing_is_started_where_somebody_else_charges(
    target: Target, contract: ApiContract, charge_point: ChargePoint, tmp_path: Path
) -> None:
    charge_point.status = "charging"
    with guarded(target, contract, guard_of(target, contract, tmp_path)) as client:
        for action in (START, ANYWHERE, f"{ANYWHERE}/1", RESERVE):
            with pytest.raises(NotPermitted, match="the EVSE shows charging, and not by this run"):
                client.send("POST", action, json=DRIVER)
        charge_point.status = "available"
        client.send("POST", START, json=DRIVER)
        # Busy with the run's own session: that a second start is refused may be tested.
        for action in (START, ANYWHERE, f"{ANYWHERE}/1", RESERVE):
            client.send("POST", action, json=DRIVER)
        # The last session goes on, then only the reservation, which named the EVSE in another way.
        for over in ("123", "12345"):
            charge_point.items["sessions"].update({number: {"status": "finished"} for number in over})
            client.send("POST", START, json=DRIVER)
        charge_point.items["sessions"]["6"] = {"status": "finished"}
        charge_point.items["reservations"]["1"]["status"] = "done"
        with pytest.raises(NotPermitted):
            client.send("POST", START, json=DRIVER)


def test_a_session_whose_id_is_somebody_elses_by_now_goes_on(
    target: Target, contract: ApiContract, charge_point: ChargePoint, killed_run: KilledRun, tmp_path: Path
) -> None:
    killed_run.act(START)
    killed_run.end()
    charge_point.items["sessions"]["1"]["userId"] = 900
    (reason,) = swept(target, contract, tmp_path).values()
    assert "does not show that the run created it" in reason
    assert charge_point.states("sessions") == ["active"]
