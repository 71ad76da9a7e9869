"""Ends runs at random moments, as people, CI systems and kernels do, and looks at what they leave behind.

    .venv/bin/python -m tools.kill_campaign [--runs 60] [--seed 0] [--only ENDING]

Each run has safety level own-data, all permissions and test equipment, on an emulator behind a recording proxy that
hides its control plane. It creates, changes, charges and reserves, in one or two workers, until SIGINT (once or twice)
or SIGTERM, or SIGKILL to the command, a worker or the whole group ends it: when the proxy has seen so many writes,
between a creation and its answer (half of the runs) or after an answer, or before the first write. `./conform sweep`
follows. Prints a Markdown table, and exits with 1 when a run that did not do everything was called kept, when something
changed that no run had created, when processes of a run stayed, or when something was left.
"""

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.loopback import Received, Sent
from tests.support.runs import COMMAND, TOKEN, environment
from tests.support.shared_tenant import Records, SharedTenant, changed, left, shared_tenant

OPERATIONS = ("*/taxes/*", "*/id-tags/v2.0*", "*/reserve/*", "*/evse/*/start", "*/charge-point/*/start")
ITEMS = "test_write or test_life or reads_back or forced_stop or cancelled_reservation or start_without_evse"
SELECTION = [*(word for operation in OPERATIONS for word in ("--operation", operation)), "--", "-k", ITEMS]
KEPT = ("go", "partial")
#: What charging leaves on a tenant for good, and nothing can remove.
RECORDS_OF_CHARGING = frozenset(
    {"authorizations", "hardware-status-logs", "partner-revenues", "receipts", "tariff-snapshots", "transactions"}
)
#: Of these it is enough that they are over.
OPEN = {"sessions": {"pending", "active"}, "reservations": {"active"}}
#: What changes on an EVSE where somebody has charged.
_TRACES = frozenset({"hardwareStatus", "lastUpdatedAt", "updatedAt"})
_SWEEP = [sys.executable, "-m", "ampeco_conformance.cli.main", "sweep"]
_PATIENCE = 120.0
_SECONDS_TO_END = 10.0


def tree(pid: int) -> Iterator[int]:
    """A process and its descendants, parents first."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def _is_worker(pid: int) -> bool:
    with suppress(OSError):
        return b"sys.stdin.readline()" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _send(*signals: signal.Signals) -> Callable[[int], None]:
    def send(pid: int) -> None:
        for number, sent in enumerate(signals):
            time.sleep(0.3 if number else 0)
            with suppress(ProcessLookupError):
                os.kill(pid, sent)

    return send


def _kill_worker(pid: int) -> None:
    for worker in [child for child in tree(pid) if _is_worker(child)][-1:]:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def _kill_group(pid: int) -> None:
    """What a CI system does that gives up: all processes of the session at once."""
    for process in list(tree(pid)):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


ENDINGS: dict[str, Callable[[int], None]] = {
    "SIGINT": _send(signal.SIGINT),
    "SIGINT twice": _send(signal.SIGINT, signal.SIGINT),
    "SIGTERM": _send(signal.SIGTERM),
    "SIGKILL to the command": _send(signal.SIGKILL),
    "SIGKILL to a worker": _kill_worker,
    "SIGKILL to the group": _kill_group,
}
_OF_WORKERS = frozenset({"SIGKILL to a worker"})


@dataclass
class Trigger:
    """Ends a run with the n-th write that the proxy sees: before its answer leaves, or just after."""

    write: int
    is_under_way: bool
    end: Callable[[], None]
    seen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, _number: int, received: Received, forward: Callable[[], Sent]) -> Sent:
        """Pass a request on."""
        if received.method == "GET":
            return forward()
        with self._lock:
            self.seen += received.method == "POST" or not self.is_under_way
            is_meant = self.seen == self.write
        sent = forward()
        if is_meant and self.is_under_way:
            self.end()
        elif is_meant:
            threading.Timer(0.005, self.end).start()
        return sent


@dataclass(frozen=True)
class Outcome:
    """What one run came to. `is_false` means that it was called kept, and had not done everything."""

    moment: str
    code: int
    decision: str
    is_false: bool
    orphans: int
    left_before_sweep: int
    left: tuple[str, ...]
    changed: tuple[str, ...]
    seconds: float

    @property
    def is_harmful(self) -> bool:
        """Whether the run did what no run may do."""
        return bool(self.is_false or self.orphans or self.left or self.changed)


class Campaign:
    """Runs against one tenant."""

    def __init__(self, tenant: SharedTenant, folder: Path) -> None:
        self._tenant = tenant
        self._folder = folder
        tenants_file = folder / "tenants.yaml"
        entry = {"base_url": tenant.base_url, "token_env": "SUITE_TOKEN", "api_version": "3.90.0", "production": False}
        entry |= {"safety": "own-data", "permissions": ["money", "devices"]}
        entry |= {"test_equipment": {"chargePoint": [1, 2, 3]}}
        tenants_file.write_text(json.dumps({"tenants": {"staging": entry}}))
        self._target = ("--tenants-file", str(tenants_file), "--tenant", "staging")
        tenant.restart()
        started = time.monotonic()
        whole = folder / "whole"
        self._run(whole, 2).wait()
        self.seconds = time.monotonic() - started
        self.items = self._items_in(whole)
        methods = [method for method, _, _ in tenant.requests if method != "GET"]
        self.writes, self.creations = len(methods), methods.count("POST")

    def _run(self, reports: Path, workers: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMAND, "--workers", str(workers), "--reports", str(reports), *self._target, *SELECTION],
            env=environment(),
            stdout=(self._folder / f"{reports.name}.txt").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _items_in(self, reports: Path) -> int:
        items = reports / "items.jsonl"
        return items.read_bytes().count(b"\n") if items.is_file() else 0

    def end(self, name: str, number: int, chance: random.Random) -> Outcome:
        """Start a run, end it, sweep, and compare the tenant with what it was before."""
        self._tenant.restart()
        before = self._tenant.records()
        reports = self._folder / str(number)
        cpu = _cpu_seconds()
        process: subprocess.Popen[bytes] | None = None
        processes: list[int] = []

        def end_run() -> None:
            assert process is not None
            processes.extend(tree(process.pid))
            ENDINGS[name](process.pid)

        # Of six rounds of all endings, one is before the first write, three are under way, two are after an answer.
        round_of_six = number // len(ENDINGS) % 6
        is_under_way = round_of_six in (1, 3, 5)
        last = self.creations if is_under_way else self.writes
        trigger = Trigger(chance.randint(1, max(1, int(last * 0.95))), is_under_way, end_run)
        if round_of_six:
            self._tenant.hostility = trigger
        moment = f"write {trigger.write} {'under way' if is_under_way else 'answered'}" if round_of_six else "early"
        process = self._run(reports, 2 if name in _OF_WORKERS else chance.choice((1, 2)))
        if not round_of_six:
            time.sleep(chance.uniform(0.05, 0.4) * self.seconds)
            end_run()
        code = process.wait(_PATIENCE)
        orphans = _wait_for(processes)
        between = self._tenant.records()
        command = [*_SWEEP, "--reports", str(reports), *self._target]
        subprocess.run(command, env=environment(), capture_output=True, check=False, timeout=_PATIENCE)
        page = reports / "verdict.json"
        decision = json.loads(page.read_text())["decision"] if page.is_file() else "none"
        after = self._tenant.records()
        return Outcome(
            moment if processes else "ended by itself",
            code,
            decision,
            (code == 0 or decision in KEPT) and self._items_in(reports) < self.items,
            orphans,
            len(left_behind(before, between)),
            tuple(left_behind(before, after)),
            tuple(harmed(before, after)),
            _cpu_seconds() - cpu,
        )


def left_behind(before: Records, after: Records) -> list[str]:
    """What did not exist before, without what charging leaves for good once it is over."""
    keys = [(family, identifier) for family, identifier in (name.split("/", 1) for name in left(before, after))]
    return [
        f"{family}/{identifier}"
        for family, identifier in keys
        if family not in RECORDS_OF_CHARGING
        and (family not in OPEN or after[family, identifier].get("status") in OPEN[family])
    ]


def harmed(before: Records, after: Records) -> list[str]:
    """What existed before and is changed in another way than by charging at it."""

    def untraced(records: Records) -> Records:
        return {
            key: {name: value for name, value in fields.items() if name not in _TRACES} if key[0] == "evses" else fields
            for key, fields in records.items()
        }

    return changed(untraced(before), untraced(after))


def _wait_for(processes: list[int]) -> int:
    """Wait until the processes of a run have ended; how many are still there ten seconds later."""
    deadline = time.monotonic() + _SECONDS_TO_END
    alive = processes
    while alive and time.monotonic() < deadline:
        alive = [pid for pid in alive if _is_alive(pid)]
        time.sleep(0.05)
    for pid in alive:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(alive)


def _is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _cpu_seconds() -> float:
    """The CPU seconds of all processes that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _row(name: str, outcomes: list[Outcome]) -> str:
    codes = ", ".join(f"{code} x {count}" for code, count in sorted(Counter(o.code for o in outcomes).items()))
    moments = Counter(outcome.moment.rpartition(" ")[2] for outcome in outcomes)
    cells: list[Any] = [name, len(outcomes), moments["early"], moments["way"], moments["answered"], codes]
    cells += [sum(outcome.is_false for outcome in outcomes), sum(outcome.orphans for outcome in outcomes)]
    cells += [sum(outcome.left_before_sweep for outcome in outcomes)]
    cells += [sum(len(outcome.left) for outcome in outcomes), sum(len(outcome.changed) for outcome in outcomes)]
    return f"| {' | '.join(map(str, cells))} |"


def main() -> int:
    """Run the campaign; 1 when a run did harm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=ENDINGS)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    outcomes: dict[str, list[Outcome]] = {name: [] for name in ENDINGS if options.only in (None, name)}
    with shared_tenant(TOKEN) as tenant, tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(tenant, Path(folder))
        print(f"A whole run: {campaign.items} items, {campaign.writes} writes ({campaign.creations} creations)\n")
        for number in range(options.runs):
            name = list(ENDINGS)[number % len(ENDINGS)]
            if name in outcomes:
                outcome = campaign.end(name, number, chance)
                outcomes[name].append(outcome)
                sys.stderr.write(f"{number + 1}: {name}: {outcome}\n")
                if outcome.is_harmful:
                    sys.stderr.write((Path(folder) / f"{number}.txt").read_text(errors="replace"))
    print(
        "| ended by | runs | early | under way | answered | exit codes | kept wrongly | orphans | left before sweep ",
        end="",
    )
    print("| left after sweep | changed |")
    print("| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for name, of_kind in outcomes.items():
        print(_row(name, of_kind))
    return 1 if any(outcome.is_harmful for of_kind in outcomes.values() for outcome in of_kind) else 0


if __name__ == "__main__":
    sys.exit(main())
