"""A listing and the reads of its items agree; two tenants that take turns do not, whichever answers first."""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.target.safety import Safety
from tests.support.aspect_bench import AspectBench, aspect_bench
from tests.support.emulator import RunningEmulator
from tests.support.tampering import TamperedResponse, Tampering, tampering_proxy

READS = "test_reads::test_reads"
TAX, USER = "GET /public-api/resources/taxes/v2.0/{tax}", "GET /public-api/resources/users/v1.0/{user}"
Change = Callable[[TamperedResponse], None]


def of_other_tenant(answer: TamperedResponse) -> None:
    """Show another tenant's items, with ids of its own."""
    for item in _items(answer):
        item |= {"id": item["id"] + 1000}


def of_same_ids(answer: TamperedResponse) -> None:
    """Show another tenant's items, whose ids are the same."""
    for item in _items(answer):
        item |= {"name": "Another tenant"}


def _items(answer: TamperedResponse) -> list[dict[str, Any]]:
    data = answer.body.get("data")
    return data if isinstance(data, list) else [] if data is None else [data]


def read(change: Change) -> Change:
    """Change the reads of single items only."""
    return lambda answer: change(answer) if isinstance(answer.body.get("data"), dict) else None


def turns(change: Change, pattern: str) -> Change:
    """Change the answers whose turn is 1, over and over."""
    turn = itertools.cycle(pattern)
    return lambda answer: change(answer) if next(turn) == "1" else None


def at_random(change: Change) -> Change:
    chance = random.Random(4)
    return lambda answer: change(answer) if chance.random() < 0.5 else None


def setting(**values: object) -> Change:
    return lambda answer: answer.item.update(values)


def gone(answer: TamperedResponse) -> None:
    answer.status, answer.body = 404, {"message": "No query results for model."}


def moved(answer: TamperedResponse) -> None:
    """What changes by itself: each answer shows another moment."""
    for item in _items(answer):
        item["lastUpdatedAt"] = f"2026-01-05T08:00:{next(_SECONDS):02d}Z"


def written_otherwise(answer: TamperedResponse) -> None:
    """The same values in another notation, and an item that shows more than its listing."""
    answer.item["lastUpdatedAt"] = answer.item["lastUpdatedAt"].replace("Z", ".000000+00:00")
    answer.item["percentage"] = float(answer.item["percentage"])
    answer.item["notDocumented"] = 1


_SECONDS = itertools.cycle(range(60))

# The kind of violation is that of the first answers, where two tenants answer.
FOUND: dict[str, tuple[str, Change, str]] = {
    "another id": (TAX, read(of_other_tenant), "another"),
    "another name": (TAX, read(of_same_ids), "differs"),
    "another address": (USER, read(setting(email="x@example.com")), "differs"),
    "nothing instead of a name": (USER, read(setting(firstName=None)), "differs"),
    "no item": (TAX, read(gone), "missing"),
    "two tenants take turns, the second first": (TAX, turns(of_other_tenant, "10"), ""),
    "two tenants take turns, the first first": (TAX, turns(of_other_tenant, "01"), ""),
    "two tenants with the same ids take turns": (TAX, turns(of_same_ids, "01"), ""),
    "every third answer is another tenant's": (TAX, turns(of_other_tenant, "001"), ""),
    "two tenants answer at random": (TAX, at_random(of_other_tenant), ""),
}
AGREEING: dict[str, tuple[str, Change]] = {
    "as it is": (USER, lambda _: None),
    "changing by itself": (TAX, moved),
    "in another notation": (TAX, read(written_otherwise)),
    "wrong once": (TAX, turns(of_other_tenant, "01" + "0" * 40)),
}


@pytest.fixture
def behind(served: RunningEmulator, contract: ApiContract) -> Iterator[Callable[[Change], AspectBench]]:
    """Gives a bench at a server that changes what the emulator answers."""
    served.control("POST", "/reset")
    with ExitStack() as stack:

        def bench(change: Change) -> AspectBench:
            tampering = Tampering("GET", r"/(taxes/v2\.0|users/v1\.0)(/|$)", change)
            base_url = stack.enter_context(tampering_proxy(str(served.client.base_url), tampering))
            return stack.enter_context(aspect_bench(base_url, contract, Safety.READ_ONLY, is_emulator=False))

        yield bench


@pytest.mark.parametrize("name", FOUND)
def test_a_read_that_does_not_agree_with_its_listing_is_found(
    name: str, behind: Callable[[Change], AspectBench]
) -> None:
    label, change, kind = FOUND[name]
    findings = behind(change).findings(READS, label)
    # Of two tenants one may not know the item.
    checks = {finding.check for finding in findings}
    assert checks == {"listed_is_read" if kind == "missing" else "read_as_listed"} or (
        not kind and checks == {"listed_is_read"}
    )
    assert kind in {finding.violation.kind for finding in findings} | {"", "missing"}


@pytest.mark.parametrize("name", AGREEING)
def test_what_agrees_or_changes_by_itself_is_not(name: str, behind: Callable[[Change], AspectBench]) -> None:
    label, change = AGREEING[name]
    assert behind(change).findings(READS, label) == []
