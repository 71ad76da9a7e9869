"""A target that answers from a script, its contract, and a judge of its findings."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.drift.log import DriftLog
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.judge import Judge
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations
from ampeco_conformance.triage.known_issues import KnownIssue, Ledger
from ampeco_conformance.triage.reproduce import NotRepeated, Reproducer
from ampeco_conformance.triage.strictness import StrictnessSettings
from tests.support.loopback import Received, Sent, sent_json, serving

TOKEN = "token-of-the-judge"
USER = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "status": {"type": "string", "enum": ["enabled", "disabled"]},
        "address": {"allOf": [{"type": "object", "properties": {"city": {"type": "string"}}}]},
        "extra": {"type": "object"},
        "labels": {
            "type": "object",
            "properties": {"main": {"type": "string"}},
            "additionalProperties": {"type": "string"},
        },
    },
}


def _answers(status: str) -> dict[str, Any]:
    schema = {"type": "object", "required": ["data"], "properties": {"data": USER}}
    described = {"description": "A user.", "content": {"application/json": {"schema": schema}}}
    return {"responses": {status: described, "404": {"description": "None."}, "422": {"description": "Invalid."}}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Small", "version": "1"},
    "paths": {
        "/users": {"post": {**_answers("201"), "requestBody": {"content": {"application/json": {"schema": USER}}}}},
        "/users/{user}": {
            "parameters": [{"name": "user", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": _answers("200"),
            "delete": _answers("200"),
        },
    },
}

#: The answer to the n-th request (from 0) of a method and path: status and JSON body, or the text of a page.
Script = Callable[[str, str, int], tuple[int, Any]]


def good(_method: str, _path: str, _number: int) -> tuple[int, Any]:
    return 200, {"data": {"id": 1}}


@dataclass
class Server:
    """A server with a script; it remembers what it was asked."""

    base_url: str = ""
    script: Script = good
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def scripted_server() -> Iterator[Server]:
    """A server on loopback that answers from its script."""
    scripted = Server()

    def answer(received: Received) -> Sent:
        number = sum(asked[:2] == (received.method, received.path) for asked in scripted.asked)
        names = {name.lower(): value for name, value in received.headers.items()}
        scripted.asked.append((received.method, received.path, names, received.body))
        status, content = scripted.script(received.method, received.path, number)
        if isinstance(content, str):
            return Sent(status, content.encode(), {"Content-Type": "text/html"})
        return sent_json(content, status, **scripted.headers)

    with serving(answer) as scripted.base_url:
        yield scripted


def scripted_contract() -> ApiContract:
    """The contract of the document."""
    return ApiContract(Specification("ampeco", "3.90.0", DOCUMENT, "0", tuple(read_operations(DOCUMENT))))


def judge_of(client: ApiClient, contract: ApiContract, *, is_emulator: bool) -> Judge:
    """A judge without settings and known issues."""
    return _judge(contract, Reproducer(client, contract, is_emulator=is_emulator), Ledger(), is_emulator=is_emulator)


def judge_with(contract: ApiContract, *known: Finding) -> Judge:
    """A judge that repeats nothing, to whom these findings are known."""
    entries = (
        KnownIssue(
            check=found.check,
            operation=found.operation,
            versions=found.api_version,
            tenant="staging",
            fingerprint=found.fingerprint,
            reason="vendor",
            owner="Ann",
            ticket="QA-1",
            expires=date(9999, 1, 1),
        )
        for found in known
    )
    return _judge(contract, NotRepeated(), Ledger(entries), is_emulator=True)


def _judge(contract: ApiContract, reproducer: Reproducer | NotRepeated, ledger: Ledger, *, is_emulator: bool) -> Judge:
    settings = StrictnessSettings(is_emulator=is_emulator)
    drift = DriftLog(UndocumentedFinder(contract), settings, contract.specification, "staging")
    return Judge(settings, reproducer, ledger, drift, "staging")
