"""Lost connections and responses of gateways, which say nothing about the contract of an API.

A read that meets it is sent once more. What stays is counted as infrastructure, never as a violation.
"""

from collections.abc import Callable
from dataclasses import replace

import httpx

from ampeco_conformance.core.exchanges import Exchange, Response
from ampeco_conformance.http.receiving import UnreadableAnswer

#: Methods of requests that may be sent again, because they change nothing.
REPEATABLE = frozenset({"GET", "HEAD"})
#: Seconds between a lost read and its repetition.
PAUSE = 0.2
#: Network failures that may not happen again. A timeout is not among them: it has cost its time already.
LOST = (httpx.NetworkError, httpx.RemoteProtocolError, ConnectionError)

#: 52x and 530 are of content delivery networks (Cloudflare).
_OF_GATEWAYS = frozenset({502, 503, 504, *range(520, 528), 530})
#: Statuses that tell of a target that serves nobody, when a read that succeeded before is answered with them too.
_GONE = {
    401: "no longer accepts the token",
    403: "no longer permits what it has permitted",
    503: "is no longer available",
}
#: How many requests in a row have to tell the same, where no read has succeeded before or single ones are refused too.
_IN_A_ROW = 5
_FORBIDDEN = 403


def described(failure: Exception, timeout: float) -> str:
    """What kept a request, which may take `timeout` seconds, from being answered."""
    if isinstance(failure, httpx.TimeoutException):
        return f"no complete answer within {timeout:g} s"
    if isinstance(failure, httpx.ConnectError):
        return f"cannot connect: {failure}"
    if isinstance(failure, httpx.RemoteProtocolError):
        return f"invalid or incomplete HTTP response: {failure}"
    if isinstance(failure, UnreadableAnswer):
        return str(failure)
    return f"the connection failed: {failure or type(failure).__name__}"


def is_from_a_gateway(response: Response) -> bool:
    """Whether the status is one of a gateway, and the body is not JSON."""
    if response.status_code not in _OF_GATEWAYS:
        return False
    try:
        response.json()
    except ValueError:
        return True
    return False


def without_gateway(exchange: Exchange, documents: Callable[[str, str, int], bool]) -> Exchange:
    """The exchange, as one that got no response from the API, if a gateway responded in its place.

    `documents` tells whether a status is documented for a method and a URL: such a response is one of the API.
    """
    request, response = exchange.request, exchange.response
    if response is None or not is_from_a_gateway(response):
        return exchange
    if documents(request.method, request.url, response.status_code):
        return exchange
    error = f"{response.status_code} {response.reason} from a gateway, without a response of the API"
    return replace(exchange, response=None, error=error, is_lost=True)


class AvailabilityCheck:
    """A read that succeeded: asked again, it tells one refused request from a target that serves nobody."""

    def __init__(self) -> None:
        self.request: httpx.Request | None = None
        self._refusals: list[int] = []

    def note(self, request: httpx.Request, status: int) -> None:
        """Take note of the response to a request that carried the token."""
        if 200 <= status < 300 and request.method in REPEATABLE:
            self.request = request
        self._refusals = [*self._refusals, status][-_IN_A_ROW:]

    def suspects(self, status: int, *, is_authenticated: bool) -> bool:
        """Whether a status may mean that the target serves nobody; 401 and 403 say so only to who carries the token."""
        if status not in _GONE or (status != 503 and not is_authenticated):
            return False
        is_in_a_row = self._refusals == [status] * _IN_A_ROW
        if status == _FORBIDDEN:
            # A token that never could read is no target that has gone.
            return is_in_a_row and self.request is not None
        return is_in_a_row or self.request is not None

    def description(self, status: int) -> str:
        """What has become of the target, when that read is answered with the same status."""
        seen = f"{self.request.method} {self.request.url.path} succeeded before and is" if self.request else "it is"
        return f"{_GONE[status]}; {seen} answered {status} now"
