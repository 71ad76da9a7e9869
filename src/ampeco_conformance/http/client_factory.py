"""Creates the clients of a target, with its address, token, timeout and rate limit."""

from collections.abc import Iterator
from contextlib import contextmanager

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.http.access_tokens import access_tokens
from ampeco_conformance.http.cleanup import remove, restored
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.rate_limiter import RateLimiter
from ampeco_conformance.http.request_budget import RequestBudget
from ampeco_conformance.http.request_gate import ControlPlaneGate, Gate
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.target.configuration import EMBEDDED_EMULATOR, Target


def connect(target: Target, gate: Gate | None = None, budget: RequestBudget | None = None) -> ApiClient:
    """A client that shares its rate limit with all clients on this machine with the same token and address.

    Without a gate it only reads.
    """
    assert target.base_url is not None
    # An embedded emulator has no other clients.
    key = None if target.name == EMBEDDED_EMULATOR else target.quota
    rate_limiter = RateLimiter(target.requests_per_minute, key, target.keep_free)
    timeout = target.timeout
    return ApiClient(
        target.base_url,
        access_tokens(target),
        timeout=timeout,
        rate_limiter=rate_limiter,
        gate=gate,
        budget=budget,
        connection=target.connection,
    )


@contextmanager
def guarded(
    target: Target, contract: ApiContract, guard: Guard, budget: RequestBudget | None = None
) -> Iterator[ApiClient]:
    """A client that writes what the guard permits; deletes at its end what it created on a shared target."""
    with connect(target, guard, budget) as client:
        guard.read = lambda path: client.send("GET", path).response
        yield client
        client.is_limited = False
        if guard.journal is not None:
            changed = restored(guard.shared.open, client)
            left = changed | remove(guard.created, client, contract, guard.forget)
            guard.journal.close(keep=bool(left or guard.unidentified or guard.unanswered))


def impatient_client(target: Target, gate: Gate | None = None) -> ApiClient:
    """A client that has no pace and returns a 429."""
    assert target.base_url is not None
    return ApiClient(
        target.base_url,
        access_tokens(target),
        timeout=target.timeout,
        gate=gate,
        patient=False,
        connection=target.connection,
    )


def control_client(target: Target) -> ApiClient:
    """A client for the control plane of an emulator, which also reads from the API."""
    assert target.base_url is not None
    return ApiClient(
        target.base_url,
        access_tokens(target),
        timeout=target.timeout,
        gate=ControlPlaneGate(),
        connection=target.connection,
    )
