"""Ends runs at random moments, as people, CI systems and kernels do, and looks at what they leave behind.

    .venv/bin/python -m tools.kill_campaign [--runs 60] [--seed 0]

Each run has safety level own-data and all permissions, on an emulator behind a proxy that hides its control plane. It
is ended by SIGINT (once or twice) or SIGTERM, or by SIGKILL to the command, a worker or the whole group; then
`./conform sweep` follows. Prints a Markdown table, and exits with 1 when a run that did not do everything was called
kept, when something changed that no run had created, or when something was left after the sweep.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.runs import COMMAND, TOKEN, environment
from tests.support.shared_tenant import SharedTenant, changed, left, shared_tenant

SELECTION = ("--operation", "*/taxes/*", "--", "--deselect=scenarios", "-k", "test_write or test_operation")
KEPT = ("go", "partial")
_SWEEP = [sys.executable, "-m", "ampeco_conformance.cli.main", "sweep"]
_PATIENCE = 120.0


def tree(pid: int) -> Iterator[int]:
    """A process and its descendants, parents first."""
    yield pid
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from tree(int(child))


def _is_worker(pid: int) -> bool:
    with suppress(OSError):
        return b"sys.stdin.readline()" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _send(*signals: signal.Signals) -> Callable[[int], None]:
    def send(pid: int) -> None:
        for number, each in enumerate(signals):
            time.sleep(0.3 if number else 0)
            with suppress(ProcessLookupError):
                os.kill(pid, each)

    return send


def _kill_worker(pid: int) -> None:
    for worker in [child for child in tree(pid) if _is_worker(child)][-1:]:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


ENDINGS: dict[str, Callable[[int], None]] = {
    "SIGINT": _send(signal.SIGINT),
    "SIGINT twice": _send(signal.SIGINT, signal.SIGINT),
    "SIGTERM": _send(signal.SIGTERM),
    "SIGKILL to the command": _send(signal.SIGKILL),
    "SIGKILL to a worker": _kill_worker,
    "SIGKILL to the group": _kill_group,
}


@dataclass(frozen=True)
class Outcome:
    """What one run came to. `is_false` means that it was called kept, and had not done everything."""

    code: int
    is_false: bool
    orphans: int
    left_before_sweep: int
    left: int
    changed: int


class Campaign:
    """Runs against one tenant."""

    def __init__(self, tenant: SharedTenant, folder: Path) -> None:
        self._tenant = tenant
        self._folder = folder
        self._tenants_file = folder / "tenants.yaml"
        entry = {"base_url": tenant.base_url, "token_env": "SUITE_TOKEN", "api_version": "3.90.0", "production": False}
        entry |= {"safety": "own-data", "permissions": ["money", "devices"]}
        self._tenants_file.write_text(json.dumps({"tenants": {"staging": entry}}))
        self._target = ("--tenants-file", str(self._tenants_file), "--tenant", "staging")
        started = time.monotonic()
        process = self._run(folder / "whole")
        self._wait_for_a_creation(process)
        #: How long a run takes until its first creation, and from there to its end.
        self.before_creating = time.monotonic() - started
        process.wait()
        self.creating = time.monotonic() - started - self.before_creating
        self.items = self._items_in(folder / "whole")

    def _run(self, reports: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMAND, "--workers", "2", "--reports", str(reports), *self._target, *SELECTION],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _items_in(self, reports: Path) -> int:
        items = reports / "items.jsonl"
        return items.read_bytes().count(b"\n") if items.is_file() else 0

    def _wait_for_a_creation(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None and not any(method == "POST" for method, _, _ in self._tenant.requests):
            time.sleep(0.02)

    def end(self, name: str, moment: float, number: int) -> Outcome:
        """Start a run, end it at a moment (0 to 1), sweep, and compare the tenant with what it was before.

        One run in six is ended at a moment before its first creation, the others after it.
        """
        self._tenant.restart()
        before = self._tenant.records()
        reports = self._folder / str(number)
        process = self._run(reports)
        if number % 6 == number // 6 % 6:
            time.sleep(moment * self.before_creating)
        else:
            self._wait_for_a_creation(process)
            time.sleep(moment * self.creating)
        processes = list(tree(process.pid))
        ENDINGS[name](process.pid)
        code = process.wait(_PATIENCE)
        orphans = self._wait_for(processes)
        between = self._tenant.records()
        for _ in range(2):
            command = [*_SWEEP, "--reports", str(reports), *self._target]
            subprocess.run(command, env=environment(), capture_output=True, check=False, timeout=_PATIENCE)
        page = reports / "verdict.json"
        decision = json.loads(page.read_text())["decision"] if page.is_file() else "none"
        after_sweep = self._tenant.records()
        return Outcome(
            code,
            (code == 0 or decision in KEPT) and self._items_in(reports) < self.items,
            orphans,
            len(left(before, between)),
            len(left(before, after_sweep)),
            len(changed(before, after_sweep)),
        )

    def _wait_for(self, processes: list[int]) -> int:
        """Wait until the processes of a run have ended; how many are still there ten seconds later."""
        alive = processes
        for _ in range(100):
            alive = [pid for pid in alive if _is_alive(pid)]
            if not alive:
                break
            time.sleep(0.1)
        for pid in alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(alive)


def _is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def main() -> int:
    """Run the campaign; 1 when a run is called kept wrongly, or something is left or changed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    outcomes: dict[str, list[Outcome]] = {name: [] for name in ENDINGS}
    with shared_tenant(TOKEN) as tenant, tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(tenant, Path(folder))
        for number in range(options.runs):
            name = list(ENDINGS)[number % len(ENDINGS)]
            moment = chance.random()
            outcome = campaign.end(name, moment, number)
            outcomes[name].append(outcome)
            sys.stderr.write(f"{number + 1}: {name} at {moment:.2f}: {outcome}\n")
    print("| ended by | runs | exit codes | kept wrongly | orphans | left before sweep | left after sweep | changed |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for name, of_kind in outcomes.items():
        codes = ", ".join(f"{code} x {count}" for code, count in sorted(Counter(o.code for o in of_kind).items()))
        sums = (sum(o.is_false for o in of_kind), sum(o.orphans for o in of_kind))
        kept = (
            sum(o.left_before_sweep for o in of_kind),
            sum(o.left for o in of_kind),
            sum(o.changed for o in of_kind),
        )
        print(f"| {name} | {len(of_kind)} | {codes} | {' | '.join(map(str, (*sums, *kept)))} |")
    everything = [outcome for of_kind in outcomes.values() for outcome in of_kind]
    return 1 if any(outcome.is_false or outcome.left or outcome.changed for outcome in everything) else 0


if __name__ == "__main__":
    sys.exit(main())
