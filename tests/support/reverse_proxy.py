"""A reverse proxy on loopback that may change requests on their way, and the answers on their way back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from tests.support.loopback import NO_TLS, Received, Sent, serving

ChangeResponse = Callable[[str, str, Sent], None]
"""Changes the answer to a method and path."""
PassOn = Callable[[Received], Sent]
"""Passes a request on to the server behind; another request than the received one may be passed on."""


@contextmanager
def reverse_proxy(upstream: str, change: ChangeResponse) -> Iterator[str]:
    """Forward to `upstream` from a free port of loopback; gives the base URL."""

    def answer(received: Received, pass_on: PassOn) -> Sent:
        sent = pass_on(received)
        change(received.method, received.path, sent)
        return sent

    with answering_for(upstream, answer) as base_url:
        yield base_url


@contextmanager
def answering_for(upstream: str, answer: Callable[[Received, PassOn], Sent]) -> Iterator[str]:
    """Answer in the place of `upstream`, on a free port of loopback; gives the base URL."""

    def pass_on(received: Received) -> Sent:
        headers = {name: value for name, value in received.headers.items() if name.lower() not in _NOT_FORWARDED}
        headers |= {"X-Forwarded-Host": received.headers["Host"], "X-Forwarded-Proto": "http"}
        response = client.request(received.method, received.path, content=received.body, headers=headers)
        kept = {name: value for name, value in response.headers.items() if name not in _NOT_PASSED}
        return Sent(response.status_code, response.content, kept)

    with (
        httpx.Client(base_url=upstream, timeout=60, trust_env=False, verify=NO_TLS) as client,
        serving(lambda received: answer(received, pass_on)) as base_url,
    ):
        yield base_url


_NOT_PASSED = frozenset({"content-length", "connection", "transfer-encoding", "date", "server"})
_NOT_FORWARDED = frozenset({"host", "content-length", "connection", "accept-encoding"})
