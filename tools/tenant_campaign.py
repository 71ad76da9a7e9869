"""Runs of a live tenant's kind against an emulator in its place, compared with what should come of them.

    .venv/bin/python -m tools.tenant_campaign newer|limits|features|nights [--only NAME ...] [conform run's arguments]

- `newer`: the emulator at 3.110.0 tested as older versions: growth is drift, an operation that has gone a violation.
- `limits`: a whole run within 1,000 requests a minute and 100,000 a day, of which 20 % stay free, and its estimate.
- `features`: each feature switched off, the operations and scenarios concerned: nothing is violated.
- `nights`: rolling nights of 5,000 requests, read-only, over all operations, until the second cycle has begun.

Prints a row of a Markdown table for each run, and exits with 1 when one is not as expected.
"""

import argparse
import json
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ampeco_conformance.checks.availability import ROUTE_EXISTS
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.item_results import FIELDS_NOT_ENABLED, ItemResult
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.reporting.tested import TESTED
from tests.support.loopback import NO_TLS
from tests.support.runs import TOKEN, conform_run

VERSION, NEWER = "3.90.0", "3.110.0"
#: Every run may send so many, when it is not the budget that is tried.
_MANY = ("--max-requests", "60000")
#: Features that are no resource: the operations that have their fields, which are not always sent.
_OF_FIELDS = {
    "auto-renewal": ("*/activate-subscription", "POST */partner-contracts/*"),
    "idle-thresholds": ("POST */tariffs/*",),
    "integrations": ("*/electricity-meters/*", "*/flexibility-assets/*", "*/payment-terminals/*"),
    "languages": ("POST */users/v1.0",),
    "subsidies": ("POST */tariffs/*",),
    "tax-ids": ("POST */tariffs/*",),
}
_PER_MINUTE, _DAILY, _LEAST_FREE, _MOST_REFUSED, _ESTIMATE_WITHIN = 1000, 100_000, 0.2, 5, 0.15
_NIGHTLY = 5000
#: The second at which a minute is looked at.
_END_OF_MINUTE = 59.5


@dataclass(frozen=True)
class CampaignRow:
    """What came of one run: its cells by their heading, and what is not as expected, with what the run said."""

    cells: Mapping[str, object]
    faults: Sequence[str]
    said: str


@dataclass(frozen=True)
class StandIn:
    """An emulator in the place of a tenant."""

    base_url: str

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Call the control plane."""
        answer = httpx.request(method, f"{self.base_url}/_emulator{path}", json=body, trust_env=False, verify=NO_TLS)
        return answer.raise_for_status().json()

    def free(self) -> int:
        """How many requests are left of this minute; takes one of them."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.get(
            f"{self.base_url}/public-api/resources/taxes/v2.0", headers=headers, trust_env=False, verify=NO_TLS
        )
        return int(answer.headers["X-RateLimit-Remaining"])


@contextmanager
def emulator(version: str = VERSION, defect: str | None = None) -> Iterator[StandIn]:
    """A running emulator."""
    with running_emulator("ampeco", version, TOKEN, defect) as base_url:
        yield StandIn(base_url)


@dataclass(frozen=True)
class CampaignRun:
    """A run: its exit code, what it said, and the pages that it wrote."""

    code: int
    said: str
    seconds: float
    summary: Mapping[str, Any]
    verdict: Mapping[str, Any]

    def cells(self) -> dict[str, object]:
        """What every row has."""
        items = self.summary.get("items", {})
        return {
            "exit": self.code,
            "requests": self.summary.get("requests", 0),
            "passed": items.get("passed", 0),
            "failed": items.get("failed", 0),
            "broken": items.get("broken", 0),
            "seconds": round(self.seconds),
        }

    def not_enabled(self) -> int:
        """How many operations and scenarios are listed as not enabled."""
        return sum(gap["count"] for gap in self.verdict.get("not_tested", ()) if gap["kind"] == "not enabled")


def run(target: StandIn, folder: Path, *arguments: str, safety: str = "full") -> CampaignRun:
    """Run the suite at an emulator."""
    started = time.perf_counter()
    where = ("--base-url", target.base_url, "--token-env", "SUITE_TOKEN", "--safety", safety)
    ended = conform_run(folder, *where, *arguments)
    read = (
        json.loads(file.read_text()) if file.is_file() else {}
        for file in (folder / "run.json", folder / "verdict.json")
    )
    return CampaignRun(ended.code, ended.said, time.perf_counter() - started, *read)


def newer(only: Sequence[str], arguments: Sequence[str], folder: Path) -> Iterator[CampaignRow]:
    """The emulator at a newer version than the tested one."""
    for version, defect in (("3.90.0", None), ("3.99.0", None), ("3.90.0", "route-missing")):
        name = f"{version} {defect or ''}".strip()
        if only and name not in only:
            continue
        with emulator(NEWER, defect) as target:
            of_defect = ("--operation", "*/shares/*") if defect else ()
            ended = run(target, folder / name, "--api-version", version, *_MANY, *of_defect, *arguments)
        drift = ended.summary.get("drift", 0)
        checks = {failure["check"] for failure in ended.summary.get("failures", ())}
        has_gone = defect is not None
        faults = [
            *([] if ended.code == int(has_gone) else [f"exit {ended.code}"]),
            *([] if (ROUTE_EXISTS.id in checks) is has_gone else [f"found {sorted(checks)}"]),
            *([] if drift or has_gone else ["no growth is listed"]),
        ]
        yield CampaignRow({"tested as": name, **ended.cells(), "drift": drift}, faults, ended.said)


def limits(_: Sequence[str], arguments: Sequence[str], folder: Path) -> Iterator[CampaignRow]:
    """A whole run within the limits of the vendor."""
    given = ("--api-version", VERSION, *_MANY, *arguments)
    with emulator() as target:
        said = conform_run(
            folder, "--base-url", target.base_url, "--token-env", "SUITE_TOKEN", "--safety", "full", "--dry-run", *given
        ).said
        estimate = int(re.findall(r"about (\d+) in total", said)[0])
        target.control("PATCH", "/settings", {"rateLimit": _PER_MINUTE, "dailyLimit": _DAILY})
        with _watched(target) as free:
            ended = run(target, folder, *given)
    sent, refused = ended.summary.get("requests", 0), ended.summary.get("rate_limited", 0)
    least = min(free, default=_PER_MINUTE)
    off = abs(estimate - sent) / max(1, sent)
    faults = [
        *([] if ended.code == 0 else [f"exit {ended.code}"]),
        *([] if refused <= _MOST_REFUSED else [f"{refused} answers 429"]),
        *([] if least >= _LEAST_FREE * _PER_MINUTE - _MOST_REFUSED else [f"{least} of {_PER_MINUTE} were left free"]),
        *([] if off <= _ESTIMATE_WITHIN else [f"the estimate is off by {off:.0%}"]),
    ]
    told = {"estimate": estimate, "429": refused, "least free in a minute": least, "minutes watched": len(free)}
    yield CampaignRow({**ended.cells(), **told}, faults, ended.said)


@contextmanager
def _watched(target: StandIn) -> Iterator[list[int]]:
    """What is left of each minute at its end."""
    free: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait((_END_OF_MINUTE - time.time()) % 60):
            free.append(target.free())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield free
    finally:
        ended.set()
        thread.join()


def features(only: Sequence[str], arguments: Sequence[str], folder: Path) -> Iterator[CampaignRow]:
    """Each feature of the emulator switched off."""
    with emulator() as target:
        for name in _features():
            if only and name not in only:
                continue
            target.control("POST", "/reset", {})
            target.control("PATCH", "/settings", {"featuresOff": [name]})
            chosen = (argument for pattern in _concerned(name) for argument in ("--operation", pattern))
            ended = run(target, folder / name, "--api-version", VERSION, *_MANY, *chosen, *arguments)
            off = ended.not_enabled()
            items = ended.summary.get("items", {})
            # Without an item: no scenario needs the feature, and contract tests were left out.
            noted = [result for result in read_results(folder / name) if _has_fields_off(result)] if items else []
            allowed = {ExitCode.CONFORM} if items.get("passed") else {ExitCode.CONFORM, ExitCode.TOO_LITTLE_TESTED}
            faults = [
                *([] if ended.code in allowed else [f"exit {ended.code}"]),
                *([] if off or noted or not items or name in _OF_FIELDS else ["nothing is listed as not enabled"]),
            ]
            told = {"not enabled": off, "fields not enabled in": len(noted)}
            yield CampaignRow({"feature": name, **ended.cells(), **told}, faults, ended.said)


def _has_fields_off(result: ItemResult) -> bool:
    return any(note.startswith(FIELDS_NOT_ENABLED) for note in result.notes)


def _features() -> list[str]:
    """The switches that the emulator has."""
    with emulator() as target:
        schema = target.control("GET", "/openapi.json")
    return [*_named(schema, "featuresOff")["items"]["enum"]]


def _concerned(feature: str) -> Sequence[str]:
    """Patterns of the operations that a feature is about."""
    return _OF_FIELDS.get(feature, (f"*/{feature}/v*",))


def nights(_: Sequence[str], arguments: Sequence[str], folder: Path) -> Iterator[CampaignRow]:
    """Rolling nights until everything was tested, and two more: no evidence is older than as many nights as told."""
    history, told, begun = folder / "history", 0, list[float]()
    with emulator() as target:
        while len(begun) < told + 2 or not begun:
            begun.append(time.time())
            reports = folder / f"night-{len(begun)}"
            budget = ("--rolling", "--max-requests", str(_NIGHTLY), "--history", str(history))
            ended = run(target, reports, "--api-version", VERSION, *budget, *arguments, safety="read-only")
            told = told or int(next(iter(re.findall(r"everything is covered in (\d+) night", ended.said)), 1))
            left_out = set(json.loads((reports / "selection.json").read_text())["left_out"])
            tested = _tested(history)
            cycle = begun[max(0, len(begun) - told)]
            late = [name for name in left_out | tested.keys() if tested.get(name, 0.0) < cycle]
            faults = [
                *([] if ended.code == 0 else [f"exit {ended.code}"]),
                *([] if ended.summary.get("requests", 0) <= _NIGHTLY else ["more requests than its budget"]),
                *([] if len(begun) < told or not late else [f"not tested within {told} nights: {late[:3]}"]),
            ]
            counts = {"left out": len(left_out), "never tested": len(left_out - tested.keys()), "late": len(late)}
            yield CampaignRow({"night": len(begun), **ended.cells(), "told": told, **counts}, faults, ended.said)


def _tested(history: Path) -> dict[str, float]:
    """When each part was tested, by its name."""
    (known,) = json.loads((history / TESTED).read_text()).values()
    return {name: entry["at"] for name, entry in known.items()}


def _named(tree: Any, name: str) -> Any:
    """The first value with this key anywhere in a JSON value."""
    if isinstance(tree, dict):
        if name in tree:
            return tree[name]
        tree = list(tree.values())
    parts: list[Any] = tree if isinstance(tree, list) else []
    return next((value for part in parts if (value := _named(part, name)) is not None), None)


CAMPAIGNS: Mapping[str, Callable[[Sequence[str], Sequence[str], Path], Iterator[CampaignRow]]] = {
    "newer": newer,
    "limits": limits,
    "features": features,
    "nights": nights,
}


def main() -> int:
    """Run a campaign; 1 when a run is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("campaign", choices=CAMPAIGNS)
    parser.add_argument("--only", action="append", default=[])
    options, arguments = parser.parse_known_args()
    are_as_expected, is_begun = True, False
    with tempfile.TemporaryDirectory() as folder:
        for row in CAMPAIGNS[options.campaign](options.only, arguments, Path(folder)):
            if not is_begun:
                print(f"| {' | '.join(row.cells)} | |\n|{' --- |' * (len(row.cells) + 1)}")
            is_begun = True
            print(
                f"| {' | '.join(map(str, row.cells.values()))} | {'; '.join(row.faults) or 'as expected'} |", flush=True
            )
            if row.faults:
                are_as_expected = False
                sys.stderr.write(f"{row.said}\n")
    return 0 if are_as_expected and is_begun else 1


if __name__ == "__main__":
    sys.exit(main())
