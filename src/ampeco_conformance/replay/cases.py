"""Failing cases on disk: what was sent when something was found, so that it can be sent again.

`reports/cases/ID.json` holds the request, the requests that made what it is about, and how to run the item again. The
token is not in it; what else had to be masked makes a case that can be replayed as an item only.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange, Request
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.fingerprints import is_old_form, without_indexes
from ampeco_conformance.core.item_results import FindingResult
from ampeco_conformance.core.json_values import read_json, write_json
from ampeco_conformance.core.private_files import write_private
from ampeco_conformance.core.project import COMMAND, conform_command
from ampeco_conformance.core.redaction import MASK, Redactor

CASES = "cases"
_STEPS = 30


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request relative to a base URL; `created` is the path of what it made, `masked` when a secret was removed.

    `body` is text, or base64 when it is not text.
    """

    method: str
    path: str
    headers: Sequence[Sequence[str]]
    body: str | None
    is_base64: bool = False
    masked: bool = False
    created: str | None = None

    def request(self, base_url: str, moved: Mapping[str, str]) -> Request:
        """The request to a base URL; `moved` are paths of things that are elsewhere now, old to new."""
        path = self.path
        for old, new in moved.items():
            if path == old or path.startswith((f"{old}/", f"{old}?")):
                path = new + path.removeprefix(old)
        body = None if self.body is None else self.body.encode()
        headers = tuple((name, value) for name, value in self.headers)
        return Request(
            self.method, base_url + path, headers, base64.b64decode(body) if body and self.is_base64 else body
        )


@dataclass(frozen=True, slots=True)
class StoredCase:
    """One failing case. `options` are those that decide what an item does: seed, defect, settings.

    `place` is that of the finding, masked; `evidence` are its request and response as texts. Earlier releases wrote
    neither.
    """

    id: str
    check: str
    operation: str
    api: str
    api_version: str
    target: str
    fingerprint: str
    message: str
    status: int | None
    node_id: str
    options: Sequence[str]
    sent: SentRequest | None
    steps: Sequence[SentRequest]
    place: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)

    def is_shown_by(self, finding: Finding | FindingResult) -> bool:
        """Whether a finding on its operation is the stored one; a case of an earlier release is known by its check."""
        if is_old_form(self.fingerprint):
            return finding.check == self.check
        if finding.fingerprint == self.fingerprint:
            return True
        place = finding.place if isinstance(finding, Finding) else without_indexes(finding.location)
        return (finding.check, place, finding.status) == (self.check, self.place, self.status)


def case_id(finding: Finding, target: str) -> str:
    """The same for the same fault at the same version of the same target."""
    identity = "\0".join((finding.fingerprint, finding.api_version, target))
    return hashlib.sha256(identity.encode()).hexdigest()[:8]


def case_of(
    finding: Finding,
    *,
    api: str,
    target: str,
    node_id: str,
    options: Sequence[str],
    base_url: str,
    writes: Iterable[Exchange],
    redact: Redactor,
    evidence: Mapping[str, str],
) -> StoredCase:
    """The case of a finding; `writes` are what the item had changed before, oldest first."""
    exchange = finding.exchange
    earlier = [write for write in writes if exchange and write.started_at < exchange.started_at]
    return StoredCase(
        id=case_id(finding, target),
        check=finding.check,
        operation=finding.operation,
        api=api,
        api_version=finding.api_version,
        target=target,
        fingerprint=finding.fingerprint,
        message=redact.text(finding.message),
        status=exchange.response.status_code if exchange and exchange.response else None,
        node_id=node_id,
        options=tuple(options),
        sent=_sent(exchange, base_url, redact) if exchange else None,
        steps=tuple(_steps(exchange, earlier, base_url, redact)) if exchange else (),
        place=redact.location(finding.place),
        evidence=evidence,
    )


def replay_command(id: str, reports: Path, target: Sequence[str]) -> str:
    """The shell command, for any folder, that sends a case again; `target` are the arguments that name its target."""
    return conform_command("replay", id, "--reports", str(reports.resolve()), *target)


def write_case(case: StoredCase, reports: Path) -> None:
    """Write a case atomically, unless the one of its id that is there shows the same with less. Raises OSError."""
    with suppress(ConfigurationError):
        if _complexity(read_case(case.id, reports)) <= _complexity(case):
            return
    folder = reports / CASES
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{case.id}.tmp"
    write_private(unfinished, write_json(asdict(case), indent=True))
    unfinished.replace(folder / f"{case.id}.json")


def _complexity(case: StoredCase) -> tuple[bool, int, int]:
    """What makes a case hard to understand: that it cannot be sent again, what it builds on, and its length."""
    sent = case.sent
    if sent is None:
        return True, 0, 0
    return sent.masked, len(case.steps), len(sent.path) + len(sent.body or "")


def read_case(id: str, reports: Path) -> StoredCase:
    """The case of that id. Raises ConfigurationError when there is none, naming those there are."""
    file = reports / CASES / f"{id}.json"
    try:
        content: dict[str, Any] = orjson.loads(file.read_bytes())
        steps = [SentRequest(**step) for step in content["steps"]]
        return StoredCase(**{**content, "sent": content["sent"] and SentRequest(**content["sent"]), "steps": steps})
    except OSError:
        known = sorted(stored.stem for stored in (reports / CASES).glob("*.json"))
        there = f"there are {', '.join(known[:10])}" if known else "the last run there stored none"
        raise ConfigurationError(f"{reports} has no case {id}; {there}") from None
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{file} was not written by {COMMAND} run: {error}") from None


def created_path(exchange: Exchange, base_url: str) -> str | None:
    """The path of what a creation made; None when it made nothing that has an id."""
    response = exchange.response
    if exchange.request.method != "POST" or response is None or not 200 <= response.status_code < 300:
        return None
    try:
        identifier = response.json()["data"]["id"]
    except (ValueError, KeyError, TypeError):
        return None
    return f"{urlsplit(_path(exchange.request.url, base_url)).path.rstrip('/')}/{identifier}"


def _steps(exchange: Exchange, earlier: Sequence[Exchange], base_url: str, redact: Redactor) -> list[SentRequest]:
    """The writes that the request builds on: those that made, or changed, what its path names."""
    needed: list[Exchange] = []
    wanted = [_path(exchange.request.url, base_url)]
    for write in reversed(earlier):
        made = created_path(write, base_url)
        path = _path(write.request.url, base_url)
        # A creation is needed by what is below it, a change by everything about the same thing.
        thing = made or path
        if any(f"{other}/".startswith(f"{thing}/") for other in wanted):
            needed.insert(0, write)
            wanted.append(path)
    return [_sent(write, base_url, redact) for write in needed[-_STEPS:]]


def _sent(exchange: Exchange, base_url: str, redact: Redactor) -> SentRequest:
    request = exchange.request
    path = _path(request.url, base_url)
    headers = [(name, _header(name, value, redact)) for name, value in request.headers if name.lower() != "host"]
    shown = redact.url(path)
    masked = shown != path or any(
        MASK in value and MASK not in original for (_, value), original in zip(headers, _values(request), strict=True)
    )
    text, is_base64, body_masked = _body(request.body, redact)
    return SentRequest(
        request.method, shown, headers, text, is_base64, masked or body_masked, created_path(exchange, base_url)
    )


def _values(request: Request) -> list[str]:
    return [value for name, value in request.headers if name.lower() != "host"]


def _header(name: str, value: str, redact: Redactor) -> str:
    """The client has masked the token already; what else it sends as credentials was made up to be refused."""
    if name.lower() == "authorization":
        return redact.known(value)
    ((_, shown),) = redact.headers(((name, value),))
    return shown


def _body(body: bytes | None, redact: Redactor) -> tuple[str | None, bool, bool]:
    """A body as it is kept: the text, whether that is base64, and whether something in it is masked."""
    if body is None:
        return None, False, False
    shown = redact.body(body)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True, False
    try:
        masked = read_json(shown) != read_json(text)
    except ValueError:
        masked = shown != text
    return (shown if masked else text), False, masked


def _path(url: str, base_url: str) -> str:
    return url.removeprefix(base_url)
