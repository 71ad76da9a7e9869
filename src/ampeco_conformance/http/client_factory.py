"""Creates the client of a target, with its address, token, timeout and rate limit."""

from ampeco_conformance.http.client import ApiClient, Gate
from ampeco_conformance.http.rate_limiter import RateLimiter
from ampeco_conformance.target.configuration import EMBEDDED_EMULATOR, Target


def connect(target: Target, gate: Gate | None = None) -> ApiClient:
    """A client that shares its rate limit with all clients on this machine with the same token and address."""
    assert target.base_url is not None
    # An embedded emulator has no other clients.
    key = None if target.name == EMBEDDED_EMULATOR else f"{target.base_url} {target.token}"
    rate_limiter = RateLimiter(target.requests_per_minute, key)
    return ApiClient(target.base_url, target.token, timeout=target.timeout, rate_limiter=rate_limiter, gate=gate)
