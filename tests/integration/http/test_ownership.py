"""What a run takes for its own, and what it deletes of it, also after it was killed."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import connect, control_client, guarded
from ampeco_conformance.http.journal import open_journal, read_journals
from ampeco_conformance.http.ownership import run_tag
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import NotPermitted, Safety, SafetyPolicy
from tests.support.loopback import Received, Sent, sent_json, serving

TAXES = "/public-api/resources/taxes/v2.0"
RUN = "1a2b3c4d"
TAG = run_tag(RUN)


@dataclass
class Taxes:
    """A server of taxes; `answered` replaces what a creation answers."""

    items: dict[int, dict[str, Any]] = field(default_factory=lambda: {1: {"id": 1, "name": "VAT"}})
    answered: Sent | None = None

    def __call__(self, received: Received) -> Sent:
        path = received.path.partition("?")[0]
        if path == TAXES and received.method == "POST":
            number = max([0, *self.items]) + 1
            self.items[number] = {**json.loads(received.body), "id": number}
            return self.answered or sent_json({"data": self.items[number]}, 201)
        if path == TAXES:
            return sent_json({"data": list(self.items.values())})
        number = int(path.rpartition("/")[2])
        if number not in self.items:
            return sent_json({"message": "Not found."}, 404)
        if received.method == "DELETE":
            del self.items[number]
            return Sent(204)
        if received.method == "PATCH":
            self.items[number] |= json.loads(received.body)
        return sent_json({"data": self.items[number]})


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0"))


@pytest.fixture
def taxes() -> Taxes:
    return Taxes()


@pytest.fixture
def target(taxes: Taxes) -> Iterator[Target]:
    with serving(taxes) as base_url:
        yield Target("tenant", "ampeco", "3.90.0", base_url, "token", Safety.OWN_DATA, timeout=5)


@contextmanager
def a_run(target: Target, contract: ApiContract, reports: Path) -> Iterator[ApiClient]:
    policy = SafetyPolicy(target.safety, (), contract.specification.operations)
    guard = Guard(policy, contract, open_journal(reports, target, RUN), target.own_hosts, TAG)
    with guarded(target, contract, guard) as client:
        yield client


@contextmanager
def a_killed_run(target: Target, contract: ApiContract, reports: Path) -> Iterator[ApiClient]:
    policy = SafetyPolicy(target.safety, (), contract.specification.operations)
    journal = open_journal(reports, target, RUN)
    with connect(target, Guard(policy, contract, journal, target.own_hosts, TAG)) as client:
        yield client
    journal.close(keep=True)


Sweep = Callable[..., tuple[int, str]]


@pytest.fixture
def sweep(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sweep:
    """Sweeps what the runs of a test left; gives the exit code and the output."""
    monkeypatch.setenv("TARGET_TOKEN", "token")

    def swept(safety: str = "own-data") -> tuple[int, str]:
        where = ["--base-url", str(target.base_url), "--token-env", "TARGET_TOKEN", "--reports", str(tmp_path)]
        code = main(["sweep", *where, "--safety", safety])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return swept


def test_a_client_without_a_guard_only_reads(target: Target, taxes: Taxes) -> None:
    for client in (connect(target), control_client(target)):
        with client:
            assert client.send("GET", TAXES).response is not None
            for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
                with pytest.raises(NotPermitted):
                    client.send(method, f"{TAXES}/1", json={})
            with pytest.raises(NotPermitted):
                client.send("GET", "/public-api/actions/users/v2.0/7/export-all-private-data")
    assert taxes.items == {1: {"id": 1, "name": "VAT"}}


def test_a_run_deletes_what_it_created(target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path) -> None:
    with a_run(target, contract, tmp_path) as client:
        client.send("POST", TAXES, json={"name": f"{TAG}-1"})
        client.send("PATCH", f"{TAXES}/2", json={"name": "other"})
        assert taxes.items[2]["name"] == "other"
    assert list(taxes.items) == [1]
    assert list(read_journals(tmp_path)) == []


@pytest.mark.parametrize("is_listed_before", [True, False])
def test_a_creation_that_answers_an_existing_id_gives_no_right_to_it(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, is_listed_before: bool
) -> None:
    taxes.answered = sent_json({"data": {"id": 1, "name": "VAT"}}, 201 if is_listed_before else 200)
    with a_run(target, contract, tmp_path) as client:
        if is_listed_before:
            client.send("GET", TAXES)
        client.send("POST", TAXES, json={"name": f"{TAG}-1"})
        with pytest.raises(NotPermitted, match="did not create"):
            client.send("PATCH", f"{TAXES}/1", json={"name": ""})
    assert taxes.items[1] == {"id": 1, "name": "VAT"}


def test_a_creation_without_an_id_is_found_by_its_name(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, sweep: Sweep
) -> None:
    taxes.answered = Sent(204)
    with a_run(target, contract, tmp_path) as client:
        client.send("POST", TAXES, json={"name": f"{TAG}-1"})
    code, said = sweep()
    assert (code, list(taxes.items)) == (ExitCode.CONFORM, [1]), said


def test_a_creation_without_an_id_or_the_name_of_the_run_is_found_by_what_was_sent(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, sweep: Sweep
) -> None:
    now = datetime.now(UTC)
    taxes.items[1] = {"id": 1, "name": "Zażółć gęślą jaźń", "createdAt": (now - timedelta(days=1)).isoformat()}
    taxes.answered = Sent(204)
    with a_run(target, contract, tmp_path) as client:
        client.send("POST", TAXES, json={"name": "Zażółć gęślą jaźń"})
        client.send("POST", TAXES, json={"name": "VAT"})
    for number in (2, 3):
        taxes.items[number]["createdAt"] = now.isoformat()
    code, said = sweep()
    # Three letters may be anybody's, and the first one existed before.
    assert (code, list(taxes.items)) == (ExitCode.ENVIRONMENT, [1, 3]), said


def test_a_creation_that_cannot_be_found_is_reported(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, sweep: Sweep
) -> None:
    taxes.answered = Sent(204)
    with a_run(target, contract, tmp_path) as client:
        client.send("POST", TAXES, json={"percentage": 20})
    code, said = sweep()
    assert code == ExitCode.ENVIRONMENT
    assert f"{TAXES} (what a creation there made, if anything, is not known: it answered no id" in said


def test_sweep_deletes_only_what_shows_the_name_of_the_run(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, sweep: Sweep
) -> None:
    with a_killed_run(target, contract, tmp_path / "upgrade") as client:
        client.send("POST", TAXES, json={"name": f"{TAG}-1"})
        client.send("POST", TAXES, json={"name": f"{TAG}-2"})
    # A restored database: the id is somebody else's.
    taxes.items[3] = {"id": 3, "name": "Their VAT"}
    code, said = sweep()
    assert code == ExitCode.ENVIRONMENT
    assert f"{TAXES}/3 (it does not show that the run created it" in said
    assert list(taxes.items) == [1, 3]


def test_sweep_deletes_what_the_run_has_renamed(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, sweep: Sweep
) -> None:
    with a_killed_run(target, contract, tmp_path) as client:
        for number in (2, 3):
            client.send("POST", TAXES, json={"name": f"{TAG}-{number}"})
            client.send("PATCH", f"{TAXES}/{number}", json={"name": "VAT"})
    taxes.items[3]["name"] = "VAT of somebody"
    code, said = sweep()
    assert (code, list(taxes.items)) == (ExitCode.ENVIRONMENT, [1, 3]), said


def test_an_item_that_shows_no_text_it_was_given_is_recognised_by_its_answer(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, sweep: Sweep
) -> None:
    """An unknown field is accepted and not kept, and it was the only one with a text to go by."""
    with a_killed_run(target, contract, tmp_path) as client:
        for number in (2, 3):
            taxes.answered = sent_json({"data": {"id": number, "name": "VAT"}}, 201)
            client.send("POST", TAXES, json={"name": "VAT", "unknown": f"something new, number {number}"})
    taxes.items |= {2: {"id": 2, "name": "VAT"}, 3: {"id": 3, "name": "Their VAT"}}
    code, said = sweep()
    assert (code, list(taxes.items)) == (ExitCode.ENVIRONMENT, [1, 3]), said


def test_a_body_that_cannot_be_read_gives_no_name(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, sweep: Sweep
) -> None:
    """A server that takes it for an empty body creates something with values of its own."""
    body = json.dumps({"name": f"{TAG}-1", "percentage": float("nan")}).encode()
    taxes.answered = sent_json({"data": {"id": 2, "name": "VAT"}}, 201)
    with a_killed_run(target, contract, tmp_path) as client:
        client.send("POST", TAXES, json=body, headers={"content-type": "application/json"})
        for number in (3, 4):
            taxes.answered = sent_json({"data": {"id": number}}, 201)
            client.send("POST", TAXES, json={"percentage": 20})
    # A restored database: the last id is somebody else's.
    taxes.items |= {2: {"id": 2, "name": "VAT"}, 4: {"id": 4, "name": "Their VAT"}}
    code, said = sweep()
    assert (code, list(taxes.items)) == (ExitCode.ENVIRONMENT, [1, 4]), said


@pytest.mark.parametrize("name", [f"{TAG}-1 base", "Their tariff"])
def test_what_a_creation_makes_along_is_deleted_if_it_shows_the_name_of_the_run(
    contract: ApiContract, tmp_path: Path, name: str
) -> None:
    groups, tariffs = "/public-api/resources/tariff-groups/v1.0", "/public-api/resources/tariffs/v1.0"
    deleted: list[str] = []

    def answer(received: Received) -> Sent:
        if received.method == "DELETE":
            deleted.append(received.path)
            return Sent(204)
        if received.method == "POST":
            return sent_json({"data": {"id": 4, "name": f"{TAG}-1", "tariffIds": [9]}}, 201)
        return sent_json({"data": {"id": 9, "name": name if received.path.startswith(tariffs) else f"{TAG}-1"}})

    with serving(answer) as base_url:
        target = Target("tenant", "ampeco", "3.90.0", base_url, "token", Safety.OWN_DATA, timeout=5)
        with a_run(target, contract, tmp_path) as client:
            client.send("POST", groups, json={"name": f"{TAG}-1", "tariffIds": []})
    assert (f"{tariffs}/9" in deleted) == (name != "Their tariff")
    assert f"{groups}/4" in deleted


def test_what_stays_on_a_tenant_is_created_once_in_all_processes_of_a_run(
    contract: ApiContract, tmp_path: Path
) -> None:
    currencies = "/public-api/resources/currencies/v2.0"
    created: list[int] = []

    def answer(received: Received) -> Sent:
        if received.method == "DELETE":
            return Sent(204) if received.path.endswith("/1") else sent_json({"message": "In use."}, 409)
        created.append(len(created) + 1)
        return sent_json({"data": {"id": created[-1]}}, 201)

    with serving(answer) as base_url:
        target = Target("tenant", "ampeco", "3.90.0", base_url, "token", Safety.OWN_DATA, timeout=5)
        policy = SafetyPolicy(target.safety, (), contract.specification.operations)
        guards = [Guard(policy, contract, open_journal(tmp_path, target, RUN, worker)) for worker in ("gw0", "gw1")]
        with connect(target, guards[0]) as first, connect(target, guards[1]) as second:
            first.send("POST", currencies, json={"alphabeticCode": "XTS"})
            with pytest.raises(NotPermitted, match="another process of the run"):
                second.send("POST", currencies, json={"alphabeticCode": "XTS"})
            first.send("DELETE", f"{currencies}/1")
            first.send("POST", currencies, json={"alphabeticCode": "XTS"})
            first.send("DELETE", f"{currencies}/2")
            for client in (first, second):
                with pytest.raises(NotPermitted, match="one that the API does not delete is enough"):
                    client.send("POST", currencies, json={"alphabeticCode": "XTS"})
    assert len(created) == 2


def test_what_has_no_id_is_changed_at_full(contract: ApiContract, tmp_path: Path) -> None:
    with serving(lambda _: sent_json({"data": {}})) as base_url:
        target = Target("tenant", "ampeco", "3.90.0", base_url, "token", Safety.FULL, timeout=5)
        with a_run(target, contract, tmp_path) as client:
            answer = client.send("PUT", "/public-api/resources/contact-details/v2.0", json={"email": "a@example.com"})
    assert answer.response is not None


def test_sweep_needs_the_safety_level(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, sweep: Sweep
) -> None:
    with a_killed_run(target, contract, tmp_path) as client:
        client.send("POST", TAXES, json={"name": f"{TAG}-1"})
    code, said = sweep("read-only")
    assert (code, list(taxes.items)) == (ExitCode.CONFIGURATION, [1, 2]), said


def test_a_torn_journal_stops_nothing(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path, sweep: Sweep
) -> None:
    with a_killed_run(target, contract, tmp_path) as client:
        client.send("POST", TAXES, json={"name": f"{TAG}-1"})
        client.send("POST", TAXES, json={"name": f"{TAG}-2"})
    (journal,) = (tmp_path / "journal").iterdir()
    # The record of the second creation is cut off, as a full disk does; others are empty or half written.
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-2]) + lines[-2][:20])
    (tmp_path / "journal" / "empty.jsonl").touch()
    (tmp_path / "journal" / "half.jsonl").write_text('{"run": "5')
    for _ in range(2):
        code, said = sweep()
        assert code == ExitCode.CONFORM, said
    assert list(taxes.items) == [1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_nothing_is_created_that_cannot_be_recorded(
    target: Target, taxes: Taxes, contract: ApiContract, tmp_path: Path
) -> None:
    with a_killed_run(target, contract, tmp_path) as client:
        full = os.open("/dev/full", os.O_WRONLY)
        (journal,) = (tmp_path / "journal").iterdir()
        opened = (link for link in Path("/proc/self/fd").iterdir() if os.path.realpath(link) == str(journal))
        descriptor = int(next(opened).name)
        os.dup2(full, descriptor)
        with pytest.raises(NotPermitted, match="cannot be written"):
            client.send("POST", TAXES, json={"name": f"{TAG}-1"})
    os.close(full)
    assert list(taxes.items) == [1]
