"""Runs the suite against targets that are hostile, broken or odd, and compares what happens with what should.

    .venv/bin/python -m tools.hostile_targets [--only NAME ...]

Every row is one run of `./conform run` against an emulator behind a proxy that hides its control plane, so that the
suite takes it for a tenant. Prints a Markdown table and exits with 1 when a row is not as expected.
"""

import argparse
import gzip
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.loopback import Received, Sent, sent_json
from tests.support.runs import TOKEN, conform_run
from tests.support.shared_tenant import Hostility, SharedTenant, changed, healthy, left, shared_tenant

Forward = Callable[[], Sent]
#: The same answer to everything.
Constant = Callable[[], Sent]

READ = ("--safety", "read-only", "--operation", "*/taxes/*", "--", "--deselect=scenarios")
WRITE = ("--safety", "own-data", *READ[2:])
NOTIFICATIONS = ("--safety", "own-data", "--operation", "*/notifications/*", "--", "--deselect=scenarios")
MOST_SUCCEED = ("--min-reached", "50%")
_UNAUTHENTICATED = {"message": "Unauthenticated."}
_PAGE = Sent(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
_GATEWAY = Sent(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"})


@dataclass(frozen=True)
class HostileTarget:
    """One target and what should come of a run: exit code and decision; what it may leave is 0 unless it is said."""

    name: str
    hostility: Hostility
    arguments: Sequence[str]
    code: int
    decision: str
    api: str = "ampeco"

    def faults(self, result: "TargetResult") -> list[str]:
        """How a result differs from what should have come of the run."""
        decisions = (self.decision,) if self.decision != "unknown" else ("unknown", "none")
        return [
            *([] if result.code == self.code else [f"exit {result.code}"]),
            *([] if result.decision in decisions else [f"decision {result.decision}"]),
            *(["left without a word"] if result.left and not result.is_told else []),
            *(["changed what it did not create"] if result.changed else []),
            *(["named hosts of others"] if result.hosts else []),
        ]


@dataclass(frozen=True)
class TargetResult:
    """What came of a run. `is_told` means that it named what it left behind."""

    code: int
    decision: str
    left: Sequence[str]
    changed: Sequence[str]
    hosts: Sequence[str]
    requests: int
    seconds: float
    is_told: bool
    said: str


def examine(row: HostileTarget, tenant: SharedTenant) -> TargetResult:
    """Run the suite against one target."""
    tenant.restart(row.hostility)
    before = tenant.records()
    started = time.perf_counter()
    options = ("--base-url", tenant.base_url, "--token-env", "SUITE_TOKEN", "--api", row.api)
    with tempfile.TemporaryDirectory() as folder:
        run = conform_run(Path(folder), *options, *row.arguments)
        page = Path(folder, "verdict.json")
        decision = json.loads(page.read_text())["decision"] if page.is_file() else "none"
    after = tenant.records()
    return TargetResult(
        run.code,
        decision,
        left(before, after),
        changed(before, after),
        sorted(tenant.hosts),
        len(tenant.requests),
        time.perf_counter() - started,
        "Left behind" in run.said,
        run.said,
    )


def constant(sent: Sent) -> Hostility:
    """The same answer to everything."""
    return lambda *_: Sent(sent.status, sent.content, dict(sent.headers))


def streaming(pieces: Callable[[], Iterator[bytes]], **headers: str) -> Hostility:
    """An endless or enormous JSON body for every request."""
    return lambda *_: Sent(200, headers={"Content-Type": "application/json", **headers}, pieces=pieces())


def _blanks() -> Iterator[bytes]:
    return itertools.repeat(b" " * 2**20, 3 * 1024)


def _bomb() -> Iterator[bytes]:
    """1.5 GiB in a body of 1.5 MB."""
    return itertools.repeat(gzip.compress(bytes(64 * 2**20)), 24)


def _drip() -> Iterator[bytes]:
    for _ in range(600):
        yield b" "
        time.sleep(0.5)


def _empty(_number: int, received: Received, forward: Forward) -> Sent:
    """No data at all: listings are empty, and what has an id in its path does not exist."""
    sent = forward()
    if received.method != "GET" or sent.status != 200:
        return sent
    body = json.loads(sent.content)
    if isinstance(body.get("data"), list):
        meta = {**body.get("meta", {}), "total": 0, "last_page": 1, "from": None, "to": None}
        links = {**body.get("links", {}), "next": None, "prev": None}
        rest = {name: value for name, value in (("meta", meta), ("links", links)) if name in body}
        return sent_json(body | {"data": []} | rest)
    return sent_json({"message": "Not found."}, 404)


def _cached() -> Hostility:
    """Every read is answered as the first time."""
    cache: dict[str, Sent] = {}

    def answer(_number: int, received: Received, forward: Forward) -> Sent:
        if received.method != "GET" or received.headers["Authorization"] != f"Bearer {TOKEN}":
            return forward()
        if received.path not in cache:
            cache[received.path] = forward()
        return cache[received.path]

    return answer


def _older(_number: int, _received: Received, forward: Forward) -> Sent:
    sent = forward()
    sent.headers["x-app-version"] = "3.66.0 (0f3a)"
    return sent


def _somebody_else(_number: int, received: Received, forward: Forward) -> Sent:
    """Reads by id are answered with the data of another id."""
    sent = forward()
    if received.method == "GET" and sent.status == 200:
        body = json.loads(sent.content)
        if isinstance(body.get("data"), dict) and isinstance(body["data"].get("id"), int):
            body["data"] |= {"id": body["data"]["id"] + 7, "name": "Somebody else"}
            return sent_json(body)
    return sent


def _alternating(number: int, _received: Received, forward: Forward) -> Sent:
    """Every second response is that of another tenant, whose names and ids differ."""
    sent = forward()
    if number % 2 and sent.status == 200:
        body = json.loads(sent.content)
        items = body.get("data")
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, dict) and isinstance(item.get("id"), int):
                item |= {"id": item["id"] + 1000, "name": "Another tenant"}
        return sent_json(body)
    return sent


def _same_id(_number: int, received: Received, forward: Forward) -> Sent:
    """Reads by id are answered with that id, and the data of another one."""
    sent = forward()
    if received.method == "GET" and sent.status == 200:
        body = json.loads(sent.content)
        if isinstance(body.get("data"), dict):
            body["data"] |= {"name": "Somebody else"}
            return sent_json(body)
    return sent


def after(count: int, then: Sent) -> Hostility:
    """Healthy for a while, then always this answer."""
    return lambda number, _received, forward: forward() if number < count else then


def every(count: int, instead: Sent, *, first: int = 0) -> Hostility:
    """Healthy but for every n-th request, which is carried out and then answered in another way."""

    def answer(number: int, _received: Received, forward: Forward) -> Sent:
        sent = forward()
        return instead if number >= first and (number - first) % count == count - 1 else sent

    return answer


def _upsert(_number: int, received: Received, forward: Forward) -> Sent:
    """A creation is answered with what exists already."""
    return sent_json(_existing(), 201) if received.method == "POST" else forward()


def _existing() -> dict[str, Any]:
    moment = "2026-01-05T08:00:00Z"
    name = [{"locale": "en", "translation": "VAT 1"}]
    return {
        "data": {"id": 1, "name": "VAT 1", "displayName": name, "percentage": 25.0, "taxIdentificationNumberId": 1}
        | {"createdAt": moment, "lastUpdatedAt": moment}
    }


def _without_ids(_number: int, received: Received, forward: Forward) -> Sent:
    """A creation is answered without the id of what it made."""
    sent = forward()
    if received.method == "POST" and sent.status in (200, 201):
        body = json.loads(sent.content)
        body.get("data", body).pop("id", None)
        return sent_json(body, sent.status)
    return sent


LOST = Sent(is_lost=True)

TARGETS = (
    HostileTarget("healthy", healthy, WRITE, 0, "partial"),
    HostileTarget("empty", _empty, (*MOST_SUCCEED, *READ), 4, "unknown"),
    HostileTarget("all 401", constant(sent_json(_UNAUTHENTICATED, 401)), READ, 3, "unknown"),
    HostileTarget("all 403", constant(sent_json({"message": "Forbidden."}, 403)), READ, 3, "unknown"),
    HostileTarget("all 404", constant(sent_json({"message": "Not found."}, 404)), READ, 3, "unknown"),
    HostileTarget("all 429", constant(sent_json({}, 429, **{"Retry-After": "86400"})), READ, 3, "unknown"),
    HostileTarget("all 500", constant(sent_json({"message": "Server error."}, 500)), READ, 3, "unknown"),
    HostileTarget("all 501", constant(sent_json({"message": "Not implemented."}, 501)), READ, 3, "unknown"),
    HostileTarget("all HTML", constant(_PAGE), READ, 3, "unknown"),
    HostileTarget("all {}", constant(sent_json({})), READ, 1, "no-go"),
    HostileTarget('all {"data":[]}', constant(sent_json({"data": []})), READ, 1, "no-go"),
    HostileTarget("all 204", constant(Sent(204)), READ, 3, "unknown"),
    HostileTarget("cached", _cached(), WRITE, 1, "no-go"),
    HostileTarget("older version", _older, READ, 4, "unknown"),
    HostileTarget("other person's data", _somebody_else, READ, 1, "no-go"),
    HostileTarget("other person's data under the id", _same_id, READ, 1, "no-go"),
    HostileTarget("two tenants alternating", _alternating, READ, 1, "no-go"),
    HostileTarget("dies at 30 %", after(60, LOST), WRITE, 3, "unknown"),
    HostileTarget("token dies in the middle", after(60, sent_json(_UNAUTHENTICATED, 401)), WRITE, 3, "unknown"),
    HostileTarget("unavailable from the middle", after(60, sent_json({"message": "Down."}, 503)), WRITE, 3, "unknown"),
    HostileTarget("1 lost connection", every(10_000, LOST, first=-9_960), READ, 0, "partial"),
    HostileTarget("5 % lost", every(20, LOST), WRITE, 0, "partial"),
    HostileTarget("2 % 502", every(50, _GATEWAY), WRITE, 0, "partial"),
    HostileTarget("3 GB body", streaming(_blanks), READ, 3, "unknown"),
    HostileTarget("gzip bomb", streaming(_bomb, **{"Content-Encoding": "gzip"}), READ, 3, "unknown"),
    HostileTarget("drip", streaming(_drip), READ, 3, "unknown"),
    HostileTarget("upsert answering an existing id", _upsert, WRITE, 1, "no-go"),
    HostileTarget("no ids in answers", _without_ids, WRITE, 1, "no-go"),
    HostileTarget("webhookId", healthy, NOTIFICATIONS, 0, "partial"),
    HostileTarget("Spirii", healthy, ("--safety", "read-only"), 0, "go", api="spirii"),
)


def main() -> int:
    """Examine the targets; 1 when a row is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=[row.name for row in TARGETS], metavar="NAME")
    options = parser.parse_args()
    rows = [row for row in TARGETS if options.only is None or row.name in options.only]
    print("| target | exit | decision | left | changed | hosts of others | requests | seconds | as expected |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | --- |")
    failing = 0
    versions = {"ampeco": "3.90.0", "spirii": "v1"}
    for api, of_api in itertools.groupby(rows, key=lambda row: row.api):
        with shared_tenant(TOKEN, api, versions[api]) as tenant:
            for row in of_api:
                result = examine(row, tenant)
                faults = row.faults(result)
                failing += bool(faults)
                said = "yes" if not faults else f"**no**: {', '.join(faults)}; should be {row.code} {row.decision}"
                print(
                    f"| {row.name} | {result.code} | {result.decision} | {len(result.left)} | {len(result.changed)} | "
                    f"{len(result.hosts)} | {result.requests} | {result.seconds:.0f} | {said} |",
                    flush=True,
                )
                if faults and options.only:
                    sys.stderr.write(result.said + "\n")
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
