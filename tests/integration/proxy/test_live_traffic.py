"""A scripted integration through the proxy: every seeded fault is reported, nothing else, and no secret is on disk."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest

from ampeco_conformance.cli.client_check import report_on
from ampeco_conformance.client_check.recorded import calls_in_har
from ampeco_conformance.compatibility.traffic import read_usage
from ampeco_conformance.drift.inventory import drift_of_har
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.proxy.live_judge import Party
from ampeco_conformance.specs import Specification, load_specification
from ampeco_conformance.triage.strictness import load_settings
from tests.support.live_proxy import LiveProxy, live_proxy
from tests.support.loopback import NO_TLS, Received, Sent, sent_json, serving

TOKEN = "canary-token-4711"
#: What must be nowhere on disk: the token, and what the client sends of people and of itself.
CANARIES = (
    *(TOKEN, "Canary-Pass-99", "canary.person", "Canaryson", "+49 151 5550 1234"),
    *("canary-in-query", "canary-in-filter", "canary-of-list", "canary-in-header", "canary-cookie", "canary-basic"),
    *("canary-form", "canary-part", "canary-text", "canary.key", "canary-nested", "canary-in-path", "canary-agent"),
    "Canary7Bare",
)
RESOURCES = "/public-api/resources"
CORRECT = (
    f"{RESOURCES}/taxes/v2.0",
    f"{RESOURCES}/users/v1.0?per_page=5&cursor=",
    f"{RESOURCES}/charge-points/v2.0?per_page=3&cursor=",
    f"{RESOURCES}/sessions/v1.0?per_page=3&cursor=&filter[status]=active",
)
DRIVER = {"email": "canary.person@mail.canary", "password": "Canary-Pass-99", "last_name": "Canaryson"}
#: Ways in which clients send what is secret, besides the fields of bodies that are documented.
WITH_CANARIES: tuple[dict[str, Any], ...] = (
    {"params": {"api_key": "canary-in-query", "filter[externalId]": "canary-in-filter", "tags[]": "canary-of-list"}},
    {"params": "Canary7Bare"},
    {"params": {"filter[Canary7Bare]": "1", "Canary7Bare": ""}},
    {"headers": {"X-Api-Key": "canary-in-header", "X-Customer": "canary-in-header", "User-Agent": "canary-agent/1"}},
    {"headers": {"Cookie": "session=canary-cookie; other=canary-cookie"}},
    {"auth": ("me", "canary-basic")},
    {"data": {"password": "canary-form", "note": "canary-form"}},
    {"files": {"canary-part": ("canary-part.txt", b"canary-part")}},
    {"content": b"canary-text", "headers": {"Content-Type": "text/plain; name=canary-text"}},
    {"content": b"{'token': 'canary-text'", "headers": {"Content-Type": "application/json"}},
    {"json": {"canary.key@mail.canary": 1, "note": ["canary-nested", {"token": {"deep": "canary-nested"}}]}},
)
#: A request with one fault of the client, and the kind of fault.
FAULTY: tuple[tuple[str, str, object, str], ...] = (
    ("GET", f"{RESOURCES}/taxes/v2.0?per_pag=3", None, "unknown-parameter"),
    ("GET", f"{RESOURCES}/driver/v1.0/canary.person@mail.canary", None, "unknown-operation"),
    ("GET", f"{RESOURCES}/users/v1.0?per_page=abc&cursor=", None, "invalid-parameter"),
    ("GET", f"{RESOURCES}/users/v1.0?page=1", None, "page-style-ended"),
    ("PUT", f"{RESOURCES}/taxes/v2.0", {}, "unknown-method"),
    ("POST", f"{RESOURCES}/users/v1.0", {"email": 5, "password": "Canary-Pass-99"}, "invalid-field"),
)


def echo(received: Received) -> Sent:
    """Answer a request with what it was, in body, headers and cookies."""
    text = received.body.decode()
    body = {"message": f"{received.path} {text}", "data": {"note": text, **dict(received.headers), text[:40]: 1}}
    customer = received.headers.get("X-Customer") or received.path
    return sent_json(body, 422, **{"Set-Cookie": f"echo={received.headers.get('Cookie')}", "X-Echo": customer})


@pytest.fixture(scope="module")
def specification() -> Specification:
    return load_specification("3.90.0")


@pytest.fixture(scope="module")
def emulator() -> Iterator[tuple[str, httpx.Client]]:
    with (
        running_emulator("ampeco", "3.90.0", TOKEN) as upstream,
        httpx.Client(base_url=upstream, verify=NO_TLS) as client,
    ):
        yield upstream, client


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory, specification: Specification) -> tuple[Path, LiveProxy]:
    """The folder and the proxy after the integration has run: 200 correct requests, the faults among them.

    The emulator leaves the ids out of single reads.
    """
    folder = tmp_path_factory.mktemp("proxy")
    with (
        running_emulator("ampeco", "3.90.0", TOKEN, "drop-id") as upstream,
        live_proxy(upstream, specification, folder, TOKEN) as proxy,
        httpx.Client(base_url=proxy.address, headers={"authorization": f"Bearer {TOKEN}"}, verify=NO_TLS) as client,
    ):
        created = client.post(f"{RESOURCES}/users/v1.0", json={**DRIVER, "phone": "+49 151 5550 1234"})
        assert created.status_code < 300, created.text
        for number in range(200):
            assert client.get(CORRECT[number % len(CORRECT)]).status_code == 200
            if number % 40 == 7:
                for method, path, body, _ in FAULTY:
                    client.request(method, path, json=body)
        tax = client.get(CORRECT[0]).json()["data"][0]["id"]
        client.get(f"{RESOURCES}/taxes/v2.0/{tax}")
    return folder, proxy


def test_every_fault_of_the_client_and_of_the_target_is_reported_and_nothing_else(
    traffic: tuple[Path, LiveProxy],
) -> None:
    _, proxy = traffic
    found = [(fault.side, fault.kind) for fault in proxy.judge.faults if fault.side is not Party.DRIFT]
    client = sorted((Party.CLIENT, kind) for *_, kind in FAULTY)
    assert sorted(found) == [*client, (Party.TARGET, "response_schema_conformance")]
    assert {fault.count for fault in proxy.judge.faults if fault.side is Party.CLIENT} == {5}
    assert len(proxy.told) == len(proxy.judge.faults)


def test_nothing_secret_is_on_disk(traffic: tuple[Path, LiveProxy]) -> None:
    folder, _ = traffic
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {"traffic.har", "index.html"}
    assert canaries_in(folder) == []
    assert (folder / "traffic.har").stat().st_mode & 0o077 == 0


def test_nothing_secret_is_on_disk_however_it_is_sent_and_answered(
    specification: Specification, tmp_path: Path
) -> None:
    with (
        serving(echo) as upstream,
        live_proxy(upstream, specification, tmp_path, TOKEN) as proxy,
        httpx.Client(base_url=proxy.address, headers={"authorization": f"Bearer {TOKEN}"}, verify=NO_TLS) as client,
    ):
        for arguments in WITH_CANARIES:
            for path in ("users/v1.0", "users/v1.0/canary-in-path", "canary-in-path?token=canary-in-query"):
                method = "POST" if {"data", "files", "content", "json"} & arguments.keys() else "GET"
                echoed = client.request(method, f"{RESOURCES}/{path}", **arguments).text
                assert "canary" in echoed
    assert proxy.judge.faults
    assert len(json.loads((tmp_path / "traffic.har").read_text())["log"]["entries"]) == 3 * len(WITH_CANARIES)
    assert canaries_in(tmp_path) == []


def canaries_in(folder: Path) -> list[str]:
    """The canaries in the files of a folder, as they are or encoded."""
    text = "".join(path.read_text() for path in folder.rglob("*") if path.is_file()).casefold()
    text += unquote_plus(text)
    encoded = {canary: b64encode(f"me:{canary}".encode()).decode() for canary in CANARIES}
    return [canary for canary in CANARIES if canary.casefold() in text or encoded[canary].casefold() in text]


def test_the_recording_shows_client_check_the_same_faults(
    traffic: tuple[Path, LiveProxy], specification: Specification
) -> None:
    folder, proxy = traffic
    report = report_on(calls_in_har(folder / "traffic.har"), [specification])
    recorded = sorted(fault.kind for fault in report.faults)
    assert recorded == sorted(fault.kind for fault in proxy.judge.faults if fault.side is Party.CLIENT)


def test_usage_and_drift_read_the_recording(traffic: tuple[Path, LiveProxy], specification: Specification) -> None:
    har = traffic[0] / "traffic.har"
    usage = read_usage(har)
    assert len(usage.calls) >= len(CORRECT)
    unknown = drift_of_har(har, specification, load_settings(None)).unknown_requests
    assert len(unknown) == 2
    assert len(json.loads(har.read_text())["log"]["entries"]) == 200 + 5 * len(FAULTY) + 3


def test_the_page_lists_the_faults_of_both_sides(traffic: tuple[Path, LiveProxy]) -> None:
    page = (traffic[0] / "index.html").read_text()
    assert "6 faults of the client, 1 fault of the target" in page
    assert all(kind in page for *_, kind in FAULTY)
    assert "<script src" not in page


@pytest.mark.parametrize(
    ("defect", "check"),
    [
        ("wrong-total", "pagination_items"),
        ("ignore-per-page", "pagination_per_page"),
        ("no-next", "pagination_links"),
        ("first-page-only", "pagination_meta"),
        ("", None),
    ],
)
def test_a_page_is_judged_by_what_was_asked_for(
    emulator: tuple[str, httpx.Client], specification: Specification, tmp_path: Path, defect: str, check: str | None
) -> None:
    upstream, control = emulator
    control.put("/_emulator/defects", json={"defect": defect or None}).raise_for_status()
    with (
        live_proxy(upstream, specification, tmp_path, TOKEN) as proxy,
        httpx.Client(base_url=proxy.address, headers={"authorization": f"Bearer {TOKEN}"}, verify=NO_TLS) as client,
    ):
        for query in (
            "",
            "?per_page=3&cursor=",
            "?per_page=2&page=2",
            "?page=999",
            "?per_page=1000",
            "?page=0&per_page=x",
        ):
            client.get(f"{RESOURCES}/users/v1.0{query}")
        client.get(f"{RESOURCES}/taxes/v2.0", headers={"authorization": "Bearer wrong"})
    found = {fault.kind for fault in proxy.judge.faults if fault.side is Party.TARGET}
    assert check in found if check else found == set()


@pytest.mark.parametrize("base_path", ["", "/gateway/ampeco"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/public-api/resources/taxes/v2.0", None),
        ("/public-api/public-api/resources/taxes/v2.0", "unknown-operation"),
        ("/api/public-api/resources/taxes/v2.0", "unknown-operation"),
        ("/resources/taxes/v2.0", "missing-prefix"),
        ("/api/v1/taxes", "missing-prefix"),
        ("/taxes", "missing-prefix"),
        ("/", None),
        ("/_emulator/clock", None),
    ],
)
def test_a_path_that_the_api_does_not_have_is_the_clients_fault_alone(
    specification: Specification, tmp_path: Path, base_path: str, path: str, kind: str | None
) -> None:
    with (
        serving(lambda _: sent_json({"message": "Unauthenticated."}, 401 if kind is None else 404)) as upstream,
        live_proxy(upstream + base_path, specification, tmp_path, TOKEN) as proxy,
    ):
        httpx.get(proxy.address + path, verify=NO_TLS)
    assert [(fault.side, fault.kind) for fault in proxy.judge.faults] == ([(Party.CLIENT, kind)] if kind else [])
