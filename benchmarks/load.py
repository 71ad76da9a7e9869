"""Many clients at once, mixing reads and writes: nothing may fail, be lost, be assigned twice or be out of order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, pairwise, takewhile

import httpx

USERS = "/public-api/resources/users/v1.0"
SESSIONS = "/public-api/resources/sessions/v1.0"
ADD_BALANCE = "/public-api/actions/users/v1.0"
SHARED = 1


@dataclass
class Load:
    """What the clients of a load saw: the number of requests, failures, the ids they were assigned, and losses."""

    requests: int = 0
    errors: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    paid_in: int = 0


def run_load(address: str, headers: dict[str, str], *, clients: int, goes_on: Callable[[int], bool]) -> Load:
    """Let clients work at once: in every turn each creates, changes and reads a user, lists, and pays into one balance.

    A client stops when `goes_on` denies it a turn, which is counted from 0.
    """
    with httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False) as client:
        before = client.get(f"{USERS}/{SHARED}").json()["data"]["balance"]
        with ThreadPoolExecutor(clients) as pool:
            parts = list(pool.map(lambda number: _work(client, number, goes_on), range(clients)))
        after = client.get(f"{USERS}/{SHARED}").json()["data"]["balance"]
    total = Load(
        sum(part.requests for part in parts),
        [error for part in parts for error in part.errors],
        [number for part in parts for number in part.ids],
        [loss for part in parts for loss in part.lost],
        sum(part.paid_in for part in parts),
    )
    if round(after - before, 2) != total.paid_in:
        total.lost.append(f"{total.paid_in} was paid in, the balance rose by {after - before}")
    return total


def _work(client: httpx.Client, client_number: int, goes_on: Callable[[int], bool]) -> Load:
    load = Load()

    def ask(method: str, path: str, body: object = None) -> httpx.Response:
        response = client.request(method, path, json=body)
        load.requests += 1
        if not response.is_success:
            load.errors.append(f"{method} {path}: {response.status_code} {response.text[:200]}")
        return response

    for turn in takewhile(goes_on, count()):
        email = f"client-{client_number}-{turn}@example.com"
        response = ask("POST", USERS, {"email": email, "password": "Secret-1-word"})
        if not response.is_success:
            break
        number = int(response.json()["data"]["id"])
        load.ids.append(number)
        ask("PATCH", f"{USERS}/{number}", {"first_name": f"turn {turn}"})
        ask("GET", f"{SESSIONS}?per_page=10&page=1")
        if ask("POST", f"{ADD_BALANCE}/{SHARED}/add-balance", {"amount": 1, "reason": "load"}).is_success:
            load.paid_in += 1
        kept = ask("GET", f"{USERS}/{number}").json()["data"]
        if (kept["email"], kept["firstName"]) != (email, f"turn {turn}"):
            load.lost.append(f"user {number}: {kept}")
    if any(earlier >= later for earlier, later in pairwise(load.ids)):
        load.errors.append(f"client {client_number} was assigned ids out of order: {load.ids}")
    return load
