"""Speed of the emulator: start, listing, read, create, start/stop, large listings, many running sessions.

    python benchmarks/emulator.py [--seconds 3] [--prism COMMAND]
    python benchmarks/emulator.py --load 60 [--clients 32]

Requests are sent sequentially over one connection. `--load` measures concurrent clients only. `--prism` is the command
that starts the CLI of Prism, such as "npx @stoplight/prism-cli": both serve the same document and get the same
requests, in turn.
"""

import argparse
import copy
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from ampeco_conformance.specs import load_specification
from benchmarks.load import run_load

VERSION = "3.90.0"
SESSIONS = "/public-api/resources/sessions/v1.0"
USERS = "/public-api/resources/users/v1.0"
READ = "/public-api/resources/taxes/v2.0/1"
TAXES = "/public-api/resources/taxes/v2.0"
HEADERS = {"Authorization": "Bearer emulator-token"}
SMALL, LARGE, RUNNING = 100, 100_000, 500
#: Turns of each server, so that other work on the machine slows both down alike.
ROUNDS = 6


@contextmanager
def emulator(*options: str) -> Iterator[tuple[httpx.Client, float, int]]:
    """A running emulator, the seconds until it was ready, and the id of its process."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--api-version", VERSION, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        seconds = time.perf_counter() - begun
        with httpx.Client(base_url=address, headers=HEADERS, timeout=120, trust_env=False) as client:
            yield client, seconds, process.pid
        process.terminate()


@contextmanager
def prism(command: str) -> Iterator[tuple[httpx.Client, int]]:
    """A running Prism that serves the same document, and the id of its process."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        document = Path(folder, "openapi.json")
        document.write_text(json.dumps(load_specification(VERSION).document))
        with subprocess.Popen(
            [*shlex.split(command), "mock", "--port", str(port), str(document)], stdout=subprocess.DEVNULL
        ) as process:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=HEADERS, trust_env=False) as client:
                for _ in range(120):
                    try:
                        client.get(READ)
                        break
                    except httpx.TransportError:
                        time.sleep(0.5)
                yield client, process.pid
            process.terminate()


def cpu_seconds(process_id: int) -> float:
    """The CPU time that a process has taken."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rates(seconds: float, *served: tuple[Callable[[], httpx.Response], int]) -> list[float]:
    """Successful requests per second of CPU that each server takes, given as a call and the id of its process."""
    counts, taken = [0] * len(served), [0.0] * len(served)
    for call, _ in served:
        for _ in range(20):
            call()
    for turn in range(ROUNDS * len(served)):
        place = turn % len(served)
        call, process_id = served[place]
        begun, before = time.perf_counter(), cpu_seconds(process_id)
        while time.perf_counter() - begun < seconds / ROUNDS:
            response = call()
            assert response.status_code < 300, response.text[:300]
            counts[place] += 1
        taken[place] += cpu_seconds(process_id) - before
    return [count / cpu for count, cpu in zip(counts, taken, strict=True)]


def cpu_milliseconds(call: Callable[[], httpx.Response], process_id: int, requests: int = 200) -> float:
    """The CPU time that the server takes for a request."""
    before = cpu_seconds(process_id)
    for _ in range(requests):
        assert call().status_code == 200
    return 1000 * (cpu_seconds(process_id) - before) / requests


def milliseconds(call: Callable[[], httpx.Response]) -> float:
    """The median time of a request."""
    return median(_wait(call) for _ in range(15))


def _wait(call: Callable[[], httpx.Response]) -> float:
    """The time of one request in milliseconds."""
    begun = time.perf_counter()
    assert call().status_code == 200
    return 1000 * (time.perf_counter() - begun)


def start_and_stop(client: httpx.Client) -> httpx.Response:
    """One session, from start to stop."""
    response = client.post("/public-api/actions/evse/v1.0/2/start", json={"userId": 1}).json()
    assert response["success"], response
    stopped = client.post(f"/public-api/actions/charge-point/v1.0/1/stop/{response['sessionId']}", json={})
    client.post("/_emulator/clock", json={"advance": 60})
    return stopped


def with_sessions(client: httpx.Client, count: int) -> None:
    """Replace the finished sessions of the emulator by `count` copies of them; the running ones go on."""
    state = client.get("/_emulator/state").json()
    sessions = state["families"]["sessions"]
    originals = [record for record in sessions["records"] if record["fields"]["status"] == "finished"]
    sessions["records"] = [record for record in sessions["records"] if record["id"] in state["running"]]
    for number in range(sessions["lastId"] + 1, sessions["lastId"] + count + 1):
        record = copy.deepcopy(originals[number % len(originals)])
        record["id"] = record["fields"]["id"] = number
        sessions["records"].append(record)
    sessions["lastId"] += count
    client.put("/_emulator/state", json=state).raise_for_status()


def large_listings(client: httpx.Client) -> None:
    """Time the first, last, cursor and filtered pages of a small and a large listing."""
    measured: dict[int, dict[str, float]] = {}
    for count in (SMALL, LARGE):
        with_sessions(client, count)
        queries: dict[str, dict[str, str | int]] = {
            "first page": {"per_page": 50, "page": 1},
            "last page": {"per_page": 50, "page": count // 50},
            "cursor": {"per_page": 50, "cursor": ""},
            "filtered": {"per_page": 50, "page": 1, "filter[status]": "finished"},
        }
        measured[count] = {
            name: milliseconds(partial(client.get, SESSIONS, params=query)) for name, query in queries.items()
        }
    for name in measured[SMALL]:
        small, large = measured[SMALL][name], measured[LARGE][name]
        print(f"{name:12} {small:8.2f} ms of {SMALL:,}  {large:8.2f} ms of {LARGE:,}  x {large / small:.1f}")


def many_running() -> None:
    """Measure the large seed, and requests while many sessions run beside many finished ones."""
    with emulator("--seed", "large") as (client, seconds, process_id):
        print(f"--seed large: ready after {seconds:.2f} s, {cpu_seconds(process_id):.2f} s of CPU")
        evses = iter(range(1, 601))
        count = 0
        while count < RUNNING:
            started = client.post(f"/public-api/actions/evse/v1.0/{next(evses)}/start", json={})
            count += bool(started.status_code == 202 and started.json()["success"])
            # Their meters do not report at the same time.
            client.post("/_emulator/clock", json={"advance": 60 / RUNNING})
        with_sessions(client, LARGE)
        print(f"{LARGE:,} finished sessions, {RUNNING} running:")
        filters = {"status": "finished", "startedAfter": "2020-01-01T00:00:00Z", "chargePointNetworkId": "CP-1"}
        for name, value in filters.items():
            page = partial(client.get, SESSIONS, params={"per_page": 50, "page": 1, f"filter[{name}]": value})
            first = cpu_milliseconds(page, process_id, requests=1)
            print(f"filter[{name}]: first page {first:.0f} ms of CPU, then {cpu_milliseconds(page, process_id):.2f} ms")
        unrelated = cpu_milliseconds(partial(client.get, READ), process_id)
        print(f"an unrelated read: {unrelated:.2f} ms of CPU")


def while_saving(saves: int = 3) -> None:
    """Time an unrelated read while nothing is saved, and while a large state is."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder, "state.json")
        with emulator("--state", str(state)) as (client, _, _):
            with_sessions(client, LARGE)
            read = partial(client.get, READ)
            waits: dict[str, list[float]] = {"idle": [], "saving": []}
            _until_saved(state, read)
            for _ in range(saves):
                deadline = time.monotonic() + 5
                while time.monotonic() < deadline:
                    waits["idle"].append(_wait(read))
                client.post(TAXES, json={"name": "VAT", "percentage": 7})
                waits["saving"] += _until_saved(state, read)
            print(f"a state of {LARGE:,} sessions, {state.stat().st_size / 1e6:.0f} MB; longest answers of a read:")
            for name, found in waits.items():
                longest = ", ".join(f"{wait:.0f}" for wait in sorted(found)[-3:])
                print(f"{name:8} median {median(found):.1f} ms, longest {longest} ms of {len(found):,}")


def _until_saved(state: Path, read: Callable[[], httpx.Response]) -> list[float]:
    """The times of reads until a file is replaced."""
    saved, waits = state.stat().st_ino, []
    while state.stat().st_ino == saved:
        waits.append(_wait(read))
    return waits


def under_load(clients: int, seconds: float) -> int:
    """Run concurrent clients; 1 when a request failed or a write was lost."""
    command = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--api-version", VERSION]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        begun = _memory(process.pid)
        deadline = time.monotonic() + seconds
        load = run_load(address, HEADERS, clients=clients, goes_on=lambda _turn: time.monotonic() < deadline)
        ended = _memory(process.pid)
        process.terminate()
    print(f"{load.requests:,} requests of {clients} clients in {seconds:.0f} s: {load.requests / seconds:.0f}/s")
    print(f"{len(load.errors)} errors, {len(load.lost)} lost, {len(load.ids) - len(set(load.ids))} ids assigned twice")
    print(f"memory {begun} to {ended} MB; {len(load.ids):,} users created")
    print("\n".join((*load.errors[:5], *load.lost[:5])))
    return 1 if load.errors or load.lost or len(load.ids) != len(set(load.ids)) else 0


def _memory(process_id: int) -> int:
    """The resident memory of a process in MB; 0 where it is not known."""
    status = Path(f"/proc/{process_id}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--prism", metavar="COMMAND")
    parser.add_argument("--load", type=float, metavar="SECONDS")
    parser.add_argument("--clients", type=int, default=32)
    options = parser.parse_args()
    if options.load:
        sys.exit(under_load(options.clients, options.load))
    calls: dict[str, Callable[[httpx.Client], httpx.Response]] = {
        "listing": lambda client: client.get(USERS, params={"per_page": 20}),
        "read": lambda client: client.get(READ),
        "filtered": lambda client: client.get(SESSIONS, params={"per_page": 20, "filter[status]": "finished"}),
        "create": lambda client: client.post(TAXES, json={"name": "VAT", "percentage": 7}),
    }
    with emulator() as (client, seconds, process_id):
        print(f"ready after {seconds:.2f} s")
        [pairs] = rates(options.seconds, (lambda: start_and_stop(client), process_id))
        print(f"start/stop {pairs:8.0f} pairs/CPU s")
    with ExitStack() as servers:
        client, _, process_id = servers.enter_context(emulator())
        served = [(client, process_id)]
        if options.prism:
            served.append(servers.enter_context(prism(options.prism)))
        for name, call in calls.items():
            own, *others = rates(options.seconds, *((partial(call, client), number) for client, number in served))
            beside = "".join(f"  Prism {other:8.0f}/CPU s  x {own / other:.1f}" for other in others)
            print(f"{name:10} {own:8.0f} requests/CPU s{beside}")
    with emulator() as (client, _, _):
        large_listings(client)
    many_running()
    while_saving()


if __name__ == "__main__":
    main()
