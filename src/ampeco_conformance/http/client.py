"""The HTTP client that sends every request of the suite and records it.

A response of any status and a network failure are both results, returned as an `Exchange`. The token is masked in what
is recorded, so that it cannot appear in reports, logs or tracebacks.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import httpx

from ampeco_conformance.contract.path_templates import sendable
from ampeco_conformance.core.errors import ConfigurationError, TargetError, TargetGone
from ampeco_conformance.core.exchanges import Exchange, Headers, Request, Response
from ampeco_conformance.core.secret_forms import MASK, is_ordinary
from ampeco_conformance.http import transient_failures
from ampeco_conformance.http.access_tokens import AccessTokens, FixedToken
from ampeco_conformance.http.connecting import client_settings
from ampeco_conformance.http.deadline import Deadline, enforce
from ampeco_conformance.http.limit_headers import MAXIMUM_PAUSE, asks_for_another_attempt, pause_asked_for
from ampeco_conformance.http.rate_limiter import RateLimiter
from ampeco_conformance.http.receiving import ACCEPTED_CODING, UnreadableAnswer, receive
from ampeco_conformance.http.request_budget import RequestBudget
from ampeco_conformance.http.request_gate import Gate, ReadOnlyGate
from ampeco_conformance.target.connection import DIRECT, Connection

USER_AGENT = "ampeco-conformance"

#: How many times a request is sent in total while the server responds with 429.
MAXIMUM_ATTEMPTS = 6

#: Seconds. Idle connections are closed before the server does (uvicorn: 5 s), or requests are lost in the race.
KEEP_ALIVE_EXPIRY = 2.0

Observer = Callable[[Exchange], None]

_SET_BY_THE_CONNECTION = frozenset({"host", "content-length", "transfer-encoding", "connection"})


class ApiClient:
    """Sends requests to one base URL; safe to share between threads.

    `timeout` (seconds) bounds a whole request, from connecting to the last byte. `rate_limiter` decides when requests
    leave. A `patient` client waits after a 429 for as long as the server asks, counts it in `rate_limited` and sends
    the request again, and likewise a read after a 503 that asks for a pause; after MAXIMUM_ATTEMPTS it raises
    TargetError. Another one returns the 429. The `gate` refuses requests by raising; without one the client only
    reads. A read whose connection is lost is sent once more (see `transient_failures`). When a read that succeeded
    before tells that the target serves nobody any more, TargetGone is raised. No cookie is kept. What `budget` counts
    is limited as long as `is_limited`: cleaning up is not. `known_as` is the other host name by which the target calls
    itself in links; nothing is sent to it. `tokens` is the token, or what gives the token of each request: when one is
    refused and there is another, the request is sent again. Raises ConfigurationError for a base URL or a token that
    no HTTP request can carry.
    """

    def __init__(
        self,
        base_url: str,
        tokens: str | AccessTokens,
        *,
        timeout: float,
        rate_limiter: RateLimiter | None = None,
        gate: Gate | None = None,
        patient: bool = True,
        budget: RequestBudget | None = None,
        connection: Connection = DIRECT,
    ) -> None:
        self.base_url = _checked_base_url(base_url)
        self.connection = connection
        self._own_headers = frozenset(name.lower() for name, _ in self.connection.headers)
        self.rate_limited = 0
        self.known_as: str | None = None
        self.is_limited = True
        self._budget = budget
        self._tokens = FixedToken(_checked_token(tokens)) if isinstance(tokens, str) else tokens
        self._held: list[str] = []
        self._tokens.tell(self._held.append)
        self._timeout = timeout
        self._rate_limiter = rate_limiter or RateLimiter()
        self._gate = gate or ReadOnlyGate()
        self._patient = patient
        self._observers: list[Observer] = [self._gate.observe]
        self._lock = threading.Lock()
        self._deadline = Deadline()
        self._http = self._connecting(httpx.Limits(keepalive_expiry=KEEP_ALIVE_EXPIRY))
        #: Used for writes once the target has closed a connection without notice: a new one for each.
        self._http_of_writes = self._http
        self._availability = transient_failures.AvailabilityCheck()

    def _connecting(self, limits: httpx.Limits) -> httpx.Client:
        http = httpx.Client(
            timeout=self._timeout,
            limits=limits,
            headers={
                "accept": "application/json",
                "accept-encoding": ACCEPTED_CODING,
                "user-agent": USER_AGENT,
                **dict(self.connection.headers),
            },
            # A cookie would let a request in that says it carries no token.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            **client_settings(self.base_url, self.connection),
        )
        enforce(self._deadline, http)
        return http

    def __repr__(self) -> str:
        return f"ApiClient({self.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        self._http.close()
        self._http_of_writes.close()

    @property
    def token(self) -> str:
        """The token for the next request."""
        return self._tokens.current()

    def observe(self, callback: Observer) -> None:
        """Call back with every exchange from now on, including the 429 responses that lead to a retry."""
        self._observers.append(callback)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        authenticated: bool = True,
    ) -> Exchange:
        """Send one request and return the exchange; without a response, `Exchange.error` says what failed.

        `path` starts at the base URL, or is an absolute URL below it (a link of a listing). `query` may nest,
        see `encode_query`. `json` is the body; None sends none. Raises ConfigurationError for another host.
        """
        return self._deliver(self._build(method, path, query, json, headers, authenticated))

    def forward(self, request: Request) -> Exchange:
        """Send a request unchanged except for the token: method, absolute URL, headers and body.

        Raises ConfigurationError for a URL of another host, or one that cannot be sent.
        """
        headers = dict(request.headers)
        return self._deliver(self._build(request.method, request.url, None, request.body, headers, authenticated=True))

    def repeat(self, request: Request) -> Exchange:
        """Send a recorded request again, byte for byte: with the token where it was masked, without one elsewhere.

        Raises ConfigurationError for a URL of another host.
        """
        headers = {
            name: value.replace(MASK, self.token)
            for name, value in request.headers
            if name.lower() not in _SET_BY_THE_CONNECTION | self._own_headers
        }
        return self._deliver(self._build(request.method, request.url, None, request.body, headers, authenticated=False))

    def _deliver(self, request: httpx.Request) -> Exchange:
        self._gate.admit(request.method, str(request.url), request.content)
        exchange = self._attempt(request, may_repeat=request.method in transient_failures.REPEATABLE)
        if exchange.is_repeated:
            time.sleep(transient_failures.PAUSE)
            exchange = self._attempt(request)
        exchange = self._with_another_token(request, exchange)
        self._expect_service(request, exchange)
        return exchange

    def _with_another_token(self, request: httpx.Request, exchange: Exchange) -> Exchange:
        """The exchange, or that of the same request with another token when the token was refused and there is one.

        A refused request has had no effect, if the target does what a 401 says.
        """
        return exchange if self._refused_token(request, exchange) is None else self._attempt(request)

    def _refused_token(self, request: httpx.Request, exchange: Exchange) -> str | None:
        """The token of the run that was refused, when there is another one."""
        token = self._own_token(request)
        is_refused = exchange.response is not None and exchange.response.status_code == 401
        return token if token is not None and is_refused and self._tokens.after(token) is not None else None

    def _unless_unexplained(self, request: httpx.Request, exchange: Exchange) -> Exchange:
        """The exchange; lost, when the token of a write was refused that had not expired, which would explain it."""
        if request.method in transient_failures.REPEATABLE:
            return exchange
        token = self._refused_token(request, exchange)
        if token is None or self._tokens.has_expired(token):
            return exchange
        error = "the token was refused in the middle of the run, and has been renewed; a write is not repeated"
        return replace(exchange, response=None, error=error, is_lost=True)

    def _with_current_token(self, request: httpx.Request) -> httpx.Request:
        """The request; a token of the run that it was built with may have expired meanwhile."""
        if self._own_token(request) is not None:
            request.headers["authorization"] = f"Bearer {self.token}"
        return request

    def _own_token(self, request: httpx.Request) -> str | None:
        """The token of the run that a request carries, None when it carries none or another one."""
        sent = request.headers.get("authorization", "")
        return next((token for token in self._held if sent == f"Bearer {token}"), None)

    def _attempt(self, request: httpx.Request, *, may_repeat: bool = False) -> Exchange:
        """Send a request until the target no longer asks for another attempt; the observers see every exchange."""
        status = 0
        for attempt in range(MAXIMUM_ATTEMPTS):
            self._count()
            self._rate_limiter.wait()
            exchange = self._exchange(self._with_current_token(request))
            # Taken first: a gateway too says when the target is available again.
            response = exchange.response
            exchange = transient_failures.without_gateway(exchange, self._gate.documents)
            exchange = self._unless_unexplained(request, exchange)
            if may_repeat and exchange.is_lost:
                exchange = replace(exchange, is_repeated=True)
            for observer in self._observers:
                observer(exchange)
            until = None if response is None else pause_asked_for(response)
            if response is not None and until is not None and (asked := until - time.time()) > MAXIMUM_PAUSE:
                raise TargetGone(
                    f"{self.base_url} asks for a pause of {asked:.0f} s ({response.status_code}, Retry-After); "
                    f"more than {MAXIMUM_PAUSE:.0f} s are not waited for: run again later"
                )
            if until is not None:
                self._rate_limiter.pause_until(until)
            if response is not None and not self._rate_limiter.leaves_enough(response) and self._budget is not None:
                # What this request showed counts; the next one is not sent.
                self._budget.end()
            is_read = request.method in transient_failures.REPEATABLE
            if response is None or not self._patient or not asks_for_another_attempt(response, is_read=is_read):
                return exchange
            status = response.status_code
            with self._lock:
                self.rate_limited += status == 429
            # A pause that did not help, such as none at all, gets longer too.
            self._rate_limiter.pause_until(time.time() + 2**attempt - (until is not None))
        message = f"{self.base_url} keeps responding with {status} after {MAXIMUM_ATTEMPTS} attempts; "
        if status == 503:
            raise TargetGone(message + "run again later")
        raise TargetError(message + "`requests_per_minute` in tenants.yaml slows the run down")

    def _count(self) -> None:
        """Count a request that is about to be sent. Raises BudgetSpent."""
        if self._budget is not None:
            self._budget.spend() if self.is_limited else self._budget.note()

    def _expect_service(self, request: httpx.Request, exchange: Exchange) -> None:
        """Raise TargetGone when the target refuses what it has served before."""
        if exchange.response is None:
            return
        status = exchange.response.status_code
        is_authenticated = self._own_token(request) is not None
        if is_authenticated:
            self._availability.note(request, status)
        if not self._availability.suspects(status, is_authenticated=is_authenticated):
            return
        if (read := self._availability.request) is not None:
            self._count()
            self._rate_limiter.wait()
            repeated = self._exchange(self._with_current_token(read))
            again = transient_failures.without_gateway(repeated, self._gate.documents).response
            if again is None or again.status_code != status:
                self._availability.note(read, again.status_code if again else 0)
                return
        raise TargetGone(f"{self.base_url} {self._availability.description(status)}")

    def _build(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        headers: Mapping[str, str] | None,
        authenticated: bool,
    ) -> httpx.Request:
        sent = dict(headers or {})
        names = {name.lower() for name in sent}
        if authenticated and "authorization" not in names:
            sent["authorization"] = f"Bearer {self.token}"
        content = None
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            if "content-type" not in names and not isinstance(body, bytes):
                sent["content-type"] = "application/json"
        url = sendable(self._url(path))
        pairs = encode_query(query or {})
        if pairs:
            url += ("&" if "?" in url else "?") + urlencode(pairs)
        try:
            return self._http.build_request(method.upper(), url, headers=sent, content=content)
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise ConfigurationError(f"{method.upper()} {path} cannot be sent: {self._masked(error)}") from None

    def _url(self, path: str) -> str:
        if path.startswith(("http://", "https://")):
            if not (path + "/").startswith((self.base_url + "/", self.base_url + "?")):
                raise ConfigurationError(f"{path} is not below {self.base_url}; the token is not sent to it")
            return path
        return f"{self.base_url}/{path.removeprefix('/')}"

    def _exchange(self, request: httpx.Request) -> Exchange:
        recorded = Request(
            request.method,
            str(request.url),
            tuple((name, self._recorded(name, value)) for name, value in request.headers.items()),
            request.content or None,
        )
        started_at, start = time.time(), time.monotonic()
        try:
            response = self._receive(request, deadline=start + self._timeout)
        except (httpx.HTTPError, httpx.StreamError, OSError, UnreadableAnswer) as failure:
            error = self._masked(transient_failures.described(failure, self._timeout))
            is_lost = isinstance(failure, transient_failures.LOST)
            if is_lost:
                self._write_on_new_connections()
            return Exchange(recorded, None, started_at, time.monotonic() - start, error, is_lost)
        return Exchange(recorded, response, started_at, time.monotonic() - start)

    def _receive(self, request: httpx.Request, deadline: float) -> Response:
        is_read = request.method in transient_failures.REPEATABLE
        http = self._http if is_read else self._http_of_writes
        received, body = receive(http, request, self._deadline, deadline)
        headers: Headers = tuple(received.headers.multi_items())
        return Response(received.status_code, received.reason_phrase, headers, body)

    def _write_on_new_connections(self) -> None:
        """From now on: a write that is lost on a connection that the target has closed cannot be sent again."""
        with self._lock:
            if self._http_of_writes is self._http:
                self._http_of_writes = self._connecting(httpx.Limits(max_keepalive_connections=0))

    def _recorded(self, name: str, value: str) -> str:
        if name.lower() in self._own_headers:
            return MASK
        if name.lower() == "authorization":
            scheme, blank, credentials = value.partition(" ")
            return scheme + blank + _without(self._held, credentials)
        return self._masked(value)

    def _masked(self, message: object) -> str:
        return _without((token for token in self._held if not is_ordinary(token)), str(message))


def _without(secrets: Iterable[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def encode_query(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The query as pairs, nested in the API's notation.

    `{"filter": {"userId": 7}}` becomes `filter[userId]=7`, `{"include": ["evses"]}` `include[]=evses`.
    True and False are written as in JSON; None is the empty value (`cursor=` asks for the first cursor page).
    """
    return list(_pairs(query.items()))


def _pairs(items: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, str]]:
    for name, value in items:
        if isinstance(value, Mapping):
            yield from _pairs((f"{name}[{key}]", inner) for key, inner in value.items())
        elif isinstance(value, list | tuple):
            yield from _pairs((f"{name}[]", inner) for inner in value)
        elif isinstance(value, bool):
            yield name, "true" if value else "false"
        else:
            yield name, "" if value is None else str(value)


def _checked_base_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.username or parts.password:
        raise ConfigurationError("a base URL must not contain a user name or password; use the token")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"base URL {base_url!r} must look like https://tenant.example.com")
    return base_url.rstrip("/")


def _checked_token(token: str) -> str:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError("the API token is empty or has characters that a header cannot carry")
    return token
