"""Many clients at once, mixing reads and writes: nothing may fail, get lost or be given twice."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

import httpx

USERS = "/public-api/resources/users/v1.0"
SESSIONS = "/public-api/resources/sessions/v1.0"
ADD_BALANCE = "/public-api/actions/users/v1.0"
SHARED = 1


@dataclass
class Load:
    """What the clients of a load saw: how many requests, what failed, the ids they were given, what was lost."""

    requests: int = 0
    errors: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    paid_in: int = 0


def run_load(address: str, headers: dict[str, str], *, clients: int, seconds: float) -> Load:
    """Let clients work for some seconds: each creates, changes and reads users, lists, and pays into one balance."""
    with httpx.Client(base_url=address, headers=headers, trust_env=False) as client:
        before = client.get(f"{USERS}/{SHARED}").json()["data"]["balance"]
        with ThreadPoolExecutor(clients) as pool:
            parts = list(pool.map(lambda number: _work(address, headers, number, seconds), range(clients)))
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


def _work(address: str, headers: dict[str, str], client_number: int, seconds: float) -> Load:
    load = Load()
    until = time.monotonic() + seconds
    with httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False) as client:

        def ask(method: str, path: str, body: object = None) -> httpx.Response:
            answer = client.request(method, path, json=body)
            load.requests += 1
            if not answer.is_success:
                load.errors.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return answer

        turns = count()
        while time.monotonic() < until and not load.errors:
            turn = next(turns)
            email = f"client-{client_number}-{turn}@example.com"
            answer = ask("POST", USERS, {"email": email, "password": "Secret-1-word"})
            if not answer.is_success:
                continue
            number = answer.json()["data"]["id"]
            load.ids.append(number)
            ask("PATCH", f"{USERS}/{number}", {"first_name": f"turn {turn}"})
            ask("GET", f"{SESSIONS}?per_page=10&page=1")
            if ask("POST", f"{ADD_BALANCE}/{SHARED}/add-balance", {"amount": 1, "reason": "load"}).is_success:
                load.paid_in += 1
            kept = ask("GET", f"{USERS}/{number}").json()["data"]
            if (kept["email"], kept["firstName"]) != (email, f"turn {turn}"):
                load.lost.append(f"user {number}: {kept}")
    return load
