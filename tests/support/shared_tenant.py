"""An emulator that looks like a tenant: behind a recording proxy that hides its control plane and may be hostile."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.loopback import NO_TLS, Received, Sent, serving

#: What a tenant makes of the n-th request (from 0) to its API; the last argument passes it on.
Hostility = Callable[[int, Received, Callable[[], Sent]], Sent]
#: The records of a tenant, by family and id.
Records = dict[tuple[str, str], Any]

_NOT_PASSED = frozenset({"content-length", "connection", "transfer-encoding", "date", "server"})
_NOT_FORWARDED = frozenset({"host", "content-length", "connection", "accept-encoding"})
_HOST = re.compile(r"(?:https?://|[\w.+-]+@)([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
_RESERVED = re.compile(r"(.*\.)?(example(\.(com|net|org))?|test|invalid|localhost)|127\.0\.0\.1", re.IGNORECASE)


def healthy(_number: int, _received: Received, forward: Callable[[], Sent]) -> Sent:
    """Pass everything on."""
    return forward()


@dataclass
class SharedTenant:
    """A tenant at `base_url`: what it was sent (method, path, status), and which hosts of others it was told."""

    base_url: str = ""
    hostility: Hostility = healthy
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    upstream: str = ""
    _living: frozenset[tuple[str, str]] = frozenset()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def state(self) -> str:
        """The whole state of the emulator as JSON, read past the proxy."""
        return httpx.get(f"{self.upstream}/_emulator/state", trust_env=False, verify=NO_TLS).text

    def records(self) -> Records:
        """All records but those that change by themselves."""
        families = json.loads(self.state())["families"]
        return {
            (name, str(record["id"])): record["fields"]
            for name, family in families.items()
            for record in family["records"]
            if (name, str(record["id"])) not in self._living
        }

    def restart(self, hostility: Hostility = healthy) -> None:
        """Return to the seeded data, forget what was sent, and behave in another way."""
        httpx.post(f"{self.upstream}/_emulator/reset", trust_env=False, verify=NO_TLS).raise_for_status()
        # What was about to start has started by then; sessions that charge go on by themselves.
        httpx.post(
            f"{self.upstream}/_emulator/clock", json={"advance": 1800}, trust_env=False, verify=NO_TLS
        ).raise_for_status()
        self._living = frozenset()
        active = (key for key, fields in self.records().items() if fields.get("status") == "active")
        self._living = frozenset(key for key in active if key[0] == "sessions")
        self.hostility = hostility
        self.requests.clear()
        self.hosts.clear()

    def answer(self, received: Received, client: httpx.Client) -> Sent:
        """Answer one request."""
        if received.path.startswith("/_emulator"):
            return Sent(404, b"<html>Not found</html>", {"Content-Type": "text/html"})

        def forward() -> Sent:
            headers = {name: value for name, value in received.headers.items() if name.lower() not in _NOT_FORWARDED}
            headers |= {"X-Forwarded-Host": received.headers["Host"], "X-Forwarded-Proto": "http"}
            response = client.request(received.method, received.path, content=received.body, headers=headers)
            kept = {name: value for name, value in response.headers.items() if name not in _NOT_PASSED}
            return Sent(response.status_code, response.content, kept)

        with self._lock:
            number = len(self.requests)
            self.requests.append((received.method, received.path, 0))
            if received.method != "GET":
                self.hosts |= hosts_of_others(received.body.decode(errors="replace"))
        sent = self.hostility(number, received, forward)
        with self._lock:
            if number < len(self.requests):
                self.requests[number] = (received.method, received.path, 0 if sent.is_lost else sent.status)
        return sent


@contextmanager
def shared_tenant(token: str, api: str = "ampeco", api_version: str = "3.90.0") -> Iterator[SharedTenant]:
    """A tenant on a free port of loopback."""
    tenant = SharedTenant()
    command = [sys.executable, "-m", "ampeco_emulator", "--api", api, "--api-version", api_version, "--port", "0"]
    process = subprocess.Popen(
        [*command, "--until-stdin-ends"],
        env={**os.environ, "AMPECO_EMULATOR_TOKEN": token},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # ctrl-C at a terminal ends the run that is examined, not the tenant.
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        tenant.upstream = process.stdout.readline().split()[-1].rstrip("/")
        with (
            httpx.Client(base_url=tenant.upstream, timeout=60, trust_env=False, verify=NO_TLS) as client,
            serving(lambda received: tenant.answer(received, client)) as tenant.base_url,
        ):
            yield tenant
    finally:
        process.terminate()
        process.wait(10)


def hosts_of_others(text: str) -> set[str]:
    """The hosts of URLs and e-mail addresses in a text that are not reserved for documentation or this machine."""
    return {host for host in _HOST.findall(text) if not _RESERVED.fullmatch(host)}


def changed(before: Records, after: Records) -> list[str]:
    """The records that existed before and are gone or different."""
    return [
        f"{family}/{identifier}"
        for (family, identifier), kept in before.items()
        if after.get((family, identifier)) != kept
    ]


def left(before: Records, after: Records) -> list[str]:
    """The records that did not exist before."""
    return [f"{family}/{identifier}" for family, identifier in after if (family, identifier) not in before]
