"""The access tokens of a target: one that does not change, or those that it gives for client credentials.

Source: RFC 6749, 4.4; the token is a bearer token, and expires. All processes of a user on this machine share it, in a
file that only this user can read, so that the workers and shards of a run fetch one token. Nobody but who holds a
token may see it: whoever masks secrets is told every token that the run has ever held.
"""

import hashlib
import json
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import httpx

from ampeco_conformance.apis import describe
from ampeco_conformance.core.errors import TargetError, TargetGone
from ampeco_conformance.core.json_values import read_json
from ampeco_conformance.core.private_files import private
from ampeco_conformance.http.connecting import client_settings
from ampeco_conformance.http.deadline import Deadline, enforce
from ampeco_conformance.http.receiving import ACCEPTED_CODING, UnreadableAnswer, receive
from ampeco_conformance.http.transient_failures import LOST, PAUSE
from ampeco_conformance.target.configuration import ClientCredentials, Target
from ampeco_conformance.target.connection import DIRECT, Connection

Learn = Callable[[str], object]

#: A token is renewed so many seconds before it expires, or when so much of its life is left.
_EARLY, _SHARE = 60.0, 0.25
#: Seconds. A token that is refused at this age is not refused for its age.
_YOUNG = 5.0
#: Seconds for which expired tokens are remembered, to be masked.
_REMEMBERED = 86_400.0
#: Seconds between the attempts to get a token; none after the last one.
_PAUSES = (PAUSE, 10 * PAUSE, None)
#: A token that is not given for these reasons may be given a moment later.
_TRANSIENT = frozenset({429, *range(500, 600)})
_HINTS = {3: "it redirects: is `base_url` right?", 5: "try again later"}
#: Seconds of a life that has an end.
_LONGEST = 1e10
#: What may be shown of the error that a target tells.
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")


class AccessTokens(Protocol):
    """What gives the token of a request."""

    def current(self) -> str:
        """The token for the next request. Raises TargetError."""

    def after(self, refused: str, /) -> str | None:
        """Another token than one that was refused, None when there is none. Raises TargetError."""

    def has_expired(self, token: str, /) -> bool:
        """Whether the token is refused because its time is over."""

    def tell(self, learn: Learn) -> None:
        """Tell every token that was ever held, now and in future."""


class FixedToken:
    """A token that does not change."""

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        """The token."""
        return self._token

    def after(self, _refused: str, /) -> str | None:
        """There is no other."""
        return None

    def has_expired(self, _token: str, /) -> bool:
        """Nothing is known of its end."""
        return False

    def tell(self, learn: Learn) -> None:
        """Tell the token."""
        learn(self._token)


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token, with the times (seconds since 1970) at which it was given and at which it is to be renewed and ends."""

    token: str
    given_at: float
    renewed_at: float
    ends_at: float

    @property
    def refused_at(self) -> float:
        """From when on its age may be why it is refused."""
        return min(self.given_at + _YOUNG, self.ends_at)

    @classmethod
    def given(cls, token: str, lifetime: float | None) -> "HeldToken":
        """A token that was given now, for so many seconds; None for no end."""
        now = time.time()
        if lifetime is None:
            return cls(token, now, float("inf"), float("inf"))
        return cls(token, now, now + lifetime - min(_EARLY, _SHARE * lifetime), now + lifetime)


class RenewedTokens:
    """The tokens that a target gives for client credentials; safe to share between threads and processes."""

    def __init__(
        self, base_url: str, path: str, client: ClientCredentials, timeout: float, connection: Connection = DIRECT
    ) -> None:
        self._address = f"{base_url}{path}"
        self._base_url = base_url
        self._client = client
        self._timeout = timeout
        self._connection = connection
        self._lock = threading.Lock()
        self._held: list[HeldToken] = []
        self._learners: list[Learn] = []
        key = hashlib.sha256(f"{self._address} {client.id} {client.secret}".encode()).hexdigest()[:24]
        self._file = Path(tempfile.gettempdir()) / f"ampeco-conformance-{os.getuid()}" / f"tokens-{key}.json"

    def current(self) -> str:
        """The token for the next request; fetched, or renewed before it expires. Raises TargetError or TargetGone."""
        with self._lock:
            if not self._held or time.time() >= self._held[-1].renewed_at:
                self._renew(lambda newest: time.time() >= newest.renewed_at)
            return self._held[-1].token

    def after(self, refused: str, /) -> str | None:
        """The token that another process has already fetched, or a new one; None for one that was given just now."""
        with self._lock:
            if self._held and self._held[-1].token != refused:
                return self._held[-1].token
            self._renew(lambda newest: newest.token == refused and time.time() >= newest.refused_at)
            return None if self._held[-1].token == refused else self._held[-1].token

    def has_expired(self, token: str, /) -> bool:
        """Whether the time for which the token was given is over."""
        return any(held.token == token and time.time() >= held.ends_at for held in self._held)

    def tell(self, learn: Learn) -> None:
        """Tell every token that any process has held, now and in future."""
        with self._lock, self._shared() as file:
            self._hold(_read(file))
            self._learners.append(learn)
            for held in self._held:
                learn(held.token)

    def _renew(self, is_old: Callable[[HeldToken], bool]) -> None:
        """Hold the newest token of all processes, or a new one when that is old."""
        with self._shared() as file:
            held = _read(file)
            if not held or is_old(held[-1]):
                try:
                    fetched = self._fetched()
                except TargetError as error:
                    raise TargetGone(str(error)) if self._held else error from None
                held = [*(item for item in held if time.time() < item.ends_at + _REMEMBERED), fetched]
                content = json.dumps([[item.token, item.given_at, item.renewed_at, item.ends_at] for item in held])
                os.ftruncate(file, 0)
                os.pwrite(file, content.encode(), 0)
            self._hold(held)

    def _hold(self, tokens: list[HeldToken]) -> None:
        known = {held.token for held in self._held}
        # A target may give the same token again, with another life.
        newest = {held.token: held for held in tokens}
        self._held = [*(held for held in self._held if held.token not in newest), *newest.values()]
        for token in newest.keys() - known:
            for learn in self._learners:
                learn(token)

    @contextmanager
    def _shared(self) -> Iterator[int]:
        """The file of all processes, for this one alone. Raises TargetError when it cannot be kept."""
        try:
            self._file.parent.mkdir(mode=0o700, exist_ok=True)
            file = private(str(self._file), os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise TargetError(
                f"{self._file}, the token shared with other runs, cannot be kept: {error.strerror}; "
                "make it writable, or give another folder in TMPDIR"
            ) from None
        try:
            flock(file, LOCK_EX)
            yield file
        finally:
            os.close(file)

    def _fetched(self) -> HeldToken:
        """A new token. Raises TargetError, which shows nothing that is secret."""
        response, body = self._asked()
        try:
            answer = read_json(body)
        except ValueError:
            answer = None
        answer = answer if isinstance(answer, dict) else {}
        if response.status_code == 404:
            raise TargetError(
                f"{self._address} gives no tokens (404): OAuth is not enabled; use `token_env`, or have it enabled"
            )
        if response.status_code != 200:
            said = str(answer.get("error"))
            code = f" {said}" if _ERROR_CODE.fullmatch(said) else ""
            hint = _HINTS.get(response.status_code // 100, "are the variables of `oauth` right?")
            raise TargetError(
                f"{self._address} gives no token for the client credentials ({response.status_code}{code}); {hint}"
            )
        token, kind = answer.get("access_token"), answer.get("token_type", "bearer")
        if not isinstance(kind, str) or kind.casefold() != "bearer":
            raise TargetError(f"{self._address} gives a token that is no bearer token; use `token_env`")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token.strip():
            raise TargetError(f"{self._address} answers 200 without an access_token that a header can carry")
        return HeldToken.given(token, _lifetime(answer.get("expires_in")))

    def _asked(self) -> tuple[httpx.Response, bytes]:
        """The response of the target and its body. Raises TargetError when there is none within the time-out."""
        body = {
            "grant_type": "client_credentials",
            "client_id": self._client.id,
            "client_secret": self._client.secret,
        }
        failure: Exception | None = None
        for pause in _PAUSES:
            try:
                response, content = self._posted(body)
                if pause is None or response.status_code not in _TRANSIENT:
                    return response, content
            except LOST as error:
                failure = error
            except (httpx.HTTPError, httpx.InvalidURL, UnreadableAnswer, OSError) as error:
                failure = error
                break
            time.sleep(pause or 0.0)
        raise TargetError(f"{self._address} cannot be reached for a token: {failure or type(failure).__name__}")

    def _posted(self, body: dict[str, str]) -> tuple[httpx.Response, bytes]:
        headers = {"accept-encoding": ACCEPTED_CODING, **dict(self._connection.headers)}
        deadline = Deadline()
        with httpx.Client(timeout=self._timeout, **client_settings(self._base_url, self._connection)) as http:
            enforce(deadline, http)
            request = http.build_request("POST", self._address, json=body, headers=headers)
            return receive(http, request, deadline, time.monotonic() + self._timeout)


def access_tokens(target: Target) -> AccessTokens:
    """What gives the tokens of a target; the same for all its clients in this process."""
    if target.oauth is None:
        return FixedToken(target.token)
    assert target.base_url is not None
    path = describe(target.api).token_path
    assert path is not None
    return _renewed_tokens(target.base_url, path, target.oauth, target.timeout, target.connection)


_renewed_tokens = cache(RenewedTokens)


def _lifetime(told: Any) -> float | None:
    """Seconds, also when they are told as text; None for no end, or none that can be reckoned with."""
    try:
        seconds = None if isinstance(told, bool) else float(told)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if seconds is not None and 0 < seconds < _LONGEST else None


def _read(file: int) -> list[HeldToken]:
    """The tokens in a file, oldest first; none when another program wrote it."""
    try:
        rows: Any = json.loads(os.pread(file, os.fstat(file).st_size, 0) or b"[]")
        return [HeldToken(str(token), *map(float, times)) for token, *times in rows]
    except (ValueError, TypeError):
        return []
