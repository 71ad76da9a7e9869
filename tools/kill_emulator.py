"""Kill an emulator under load, again and again: its state file must always load, and keep what it was told in time.

    python tools/kill_emulator.py [--times 20] [--seed 0]

Clients create taxes all the time; kill -9 comes after a random while. The next emulator must start from the file, and
have every tax that was created longer than three seconds before the kill. Exits with 1 if it does not.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

TAXES = "/public-api/resources/taxes/v2.0"
HEADERS = {"Authorization": "Bearer emulator-token"}
# Seconds after which a change must have been saved.
SAVED_AFTER = 3.0
CLIENTS = 4


def started(state: Path) -> tuple["subprocess.Popen[str]", str]:
    """An emulator that keeps its state in a file, and its address; empty when it does not start."""
    command = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--state", str(state)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, (process.stdout.readline().split() or [""])[-1]


def create_taxes(address: str, created: list[tuple[float, int]]) -> None:
    """Create taxes until the emulator is gone, and note when each was created."""
    with httpx.Client(base_url=address, headers=HEADERS, timeout=10, trust_env=False) as client:
        while True:
            try:
                answer = client.post(TAXES, json={"name": "VAT", "percentage": 7})
            except httpx.HTTPError:
                return
            created.append((time.monotonic(), int(answer.json()["data"]["id"])))


def missing(address: str, wanted: list[int]) -> list[int]:
    """The taxes that an emulator does not have."""
    with httpx.Client(base_url=address, headers=HEADERS, timeout=10, trust_env=False) as client:
        known = client.get("/_emulator/state").json()["families"]["taxes"]["records"]
    return sorted(set(wanted) - {record["id"] for record in known})


def main() -> int:
    """Run the campaign; 1 when a file did not load or a change was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder, "state.json")
        process, address = started(state)
        for number in range(1, options.times + 1):
            created: list[tuple[float, int]] = []
            clients = [threading.Thread(target=create_taxes, args=(address, created)) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.5, 6))
            killed = time.monotonic()
            process.kill()
            process.wait()
            for client in clients:
                client.join()
            process, address = started(state)
            if not address:
                print(f"kill {number}: the state file does not load", flush=True)
                return 1
            lost = missing(address, [tax for moment, tax in created if moment < killed - SAVED_AFTER])
            print(f"kill {number}: loaded, {len(created)} created, {len(lost)} lost that should be saved", flush=True)
            if lost:
                process.kill()
                return 1
        process.kill()
        process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
