"""Checks before a run that its target is usable, so that a wrong address or token is one line of error."""

import re
import threading
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.apis import describe
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange, Response, header
from ampeco_conformance.core.moments import clock_ahead
from ampeco_conformance.core.tenant_data import shown_version, version_number
from ampeco_conformance.core.urls import parts_of
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import impatient_client
from ampeco_conformance.http.connecting import proxy_of
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.catalog import version_key
from ampeco_conformance.target.configuration import Target

#: How many listings are requested before a tenant that serves none of them is refused.
_LISTINGS_ASKED = 3

#: Patterns of network errors, and their meaning.
_NETWORK_CAUSES = (
    (r"Name or service not known|nodename nor servname|name resolution|getaddrinfo|No address", "its host is unknown"),
    (r"refused", "nothing listens there (connection refused)"),
    (r"certificate has expired", "its TLS certificate has expired; renew it, or set the clock of this machine"),
    (r"certificate is not yet valid", "its TLS certificate is not valid yet; set the clock of this machine"),
    (r"certificate is not valid for", "its TLS certificate is for another host; give the host that it names"),
    (r"CERTIFICATE_VERIFY_FAILED", "its TLS certificate is not trusted; name its authority with --ca-bundle FILE"),
    (r"ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|HANDSHAKE_FAILURE", "it does not speak TLS 1.2 or newer; update it"),
    (r"ALERT_CERTIFICATE_REQUIRED", "it asks for a certificate of the client, which is not supported"),
    (r"UNEXPECTED_EOF", "it ended the connection before TLS was agreed on; is this the address of the API?"),
    (r"\[SSL: (WRONG_VERSION|HTTP)", "it does not speak TLS; should the URL start with http://?"),
)
#: Where a proxy is in between, these are its errors: nobody else looks the host up or connects to it.
_PROXY_FAILED = re.compile(r"cannot connect|\b(40[37]|50[0234])\b|Proxy", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a usable target says about itself; None is what it does not say.

    `app_version` is the version of the application, such as `3.225.1 (0f3a)`. `clock_ahead` is by how many seconds its
    clock (the Date header, whole seconds) is ahead of this machine's.
    """

    is_emulator: bool
    app_version: str | None
    clock_ahead: float | None = None

    def is_older_than(self, version: str) -> bool:
        """Whether the application says that it is older than an API version; a newer one is normal."""
        said = self._said(version)
        return said is not None and version_key(said) < version_key(version)

    def is_newer_than(self, version: str) -> bool:
        """Whether the application says that it is newer than an API version."""
        said = self._said(version)
        return said is not None and version_key(said) > version_key(version)

    def _said(self, version: str) -> str | None:
        """The version that the application says it has; None when it says none, or none that can be compared."""
        return version_number(self.app_version or "") if version_number(version) is not None else None


def probe(target: Target, specification: Specification) -> Probe:
    """Send the target a few harmless requests, within its timeout.

    Raises TargetError, with one line, when the target cannot be reached, is not the API or refuses the token.
    """
    outcome: list[Probe | Exception] = []

    def ask() -> None:
        try:
            outcome.append(_ask(target, specification))
        except Exception as error:
            outcome.append(error)

    # In a thread, since nothing else bounds a hanging name lookup.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(target.timeout)
    if not outcome:
        raise TargetError(f"{target.base_url} did not answer within {target.timeout:g} s")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _ask(target: Target, specification: Specification) -> Probe:
    assert target.base_url is not None
    with impatient_client(target) as client:
        response = _usable_response(client, specification)
        greeting = client.send("GET", "/_emulator/", authenticated=False)
    version = header(response.headers, describe(target.api).version_header)
    return Probe(
        is_emulator=_is_emulator(greeting),
        app_version=None if version is None else shown_version(version),
        clock_ahead=clock_ahead(response),
    )


def _usable_response(client: ApiClient, specification: Specification) -> Response:
    """The first response that proves that the address and the token are right."""
    listings = [
        operation.path
        for operation in specification.operations
        if operation.method == "GET" and "{" not in operation.path and not operation.deprecated
    ]
    error_key = describe(specification.api).error_key
    refusals = []
    for path in listings[:_LISTINGS_ASKED]:
        exchange = client.send("GET", path)
        response = _response(client, exchange, error_key)
        if response.status_code < 300 or response.status_code == 429:
            return response
        # A server error of the API is for the tests to find.
        if response.status_code >= 500 and _refuses_as_the_api(client, exchange, error_key):
            return response
        refusals.append(f"{path}: {response.status_code}")
    if refusals and all(refusal.endswith("403") for refusal in refusals):
        raise TargetError(
            f"{client.base_url}: the token is valid but may not read anything (GET {', '.join(refusals)})"
        )
    raise TargetError(f"{client.base_url} serves no listing of the API (GET {', '.join(refusals)})")


def _response(client: ApiClient, exchange: Exchange, error_key: str) -> Response:
    """The response, if it is one of the API. Raises TargetError."""
    base_url, response = client.base_url, exchange.response
    if response is None:
        said = exchange.error or "the connection failed"
        cause = next((cause for pattern, cause in _NETWORK_CAUSES if re.search(pattern, said)), said)
        proxy = proxy_of(base_url, client.connection)
        if proxy is not None and _PROXY_FAILED.search(said):
            raise TargetError(
                f"{base_url} cannot be reached: the proxy {proxy[1]} ({proxy[0]}) does not connect: {cause}; start it, "
                "name another with --proxy, or add the host to NO_PROXY"
            )
        raise TargetError(f"{base_url} cannot be reached: {cause}")
    if response.status_code == 401:
        raise TargetError(f"{base_url} refuses the token (401)")
    if 300 <= response.status_code < 400:
        # Without the path, which may hold a secret.
        location = parts_of(header(response.headers, "Location") or "", base_url)
        host = location.netloc.rpartition("@")[2]
        raise TargetError(f"{base_url} redirects to {location.scheme}://{host}; is this the address of the API?")
    kind = header(response.headers, "Content-Type") or "no content type"
    # Broken JSON of the API is for the tests to find.
    is_page = "json" not in kind or response.body.lstrip().startswith(b"<")
    if _json(response) is None and is_page and not _refuses_as_the_api(client, exchange, error_key):
        raise TargetError(
            f"{base_url} does not answer with JSON ({response.status_code}, {kind}); is this the address of the API?"
        )
    return response


def _refuses_as_the_api(client: ApiClient, exchange: Exchange, error_key: str) -> bool:
    """Whether the same call without a token gets an error of the API: then the address is right."""
    refused = client.send("GET", exchange.request.url, authenticated=False).response
    answer = None if refused is None or refused.status_code != 401 else _json(refused)
    return isinstance(answer, dict) and error_key in answer


def _is_emulator(greeting: Exchange) -> bool:
    answer = None if greeting.response is None else _json(greeting.response)
    return isinstance(answer, dict) and "emulator" in answer


def _json(response: Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
