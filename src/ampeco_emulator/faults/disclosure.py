"""Defects of responses that show what must stay secret: the token, a password, the inside of the server."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import Override, override
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.api import EmulatedApi, Respond, RoutedRequest, respond, token_of

_ERRORS = range(400, 500)


def _disclosing(change: Callable[[str, EmulatorResponse], EmulatorResponse]) -> Override:
    """Change every response, knowing the token of the caller."""
    return override(respond, lambda decide, api, routed: change(token_of(routed.request), decide(api, routed)))


def _with(response: EmulatorResponse, **fields: Any) -> EmulatorResponse:
    return replace(response, body={**response.body, **fields}) if isinstance(response.body, dict) else response


def _echo(decide: Respond, api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
    response = decide(api, routed)
    if response.status != 201 or b'"password"' not in routed.raw or not isinstance(response.body, dict):
        return response
    password = orjson.loads(routed.raw)["password"]
    return _with(response, data={**response.body["data"], "secretWord": password})


DISCLOSURE = (
    Defect(
        "token-in-body",
        "disclosure",
        "a read shows the token of the caller",
        _disclosing(lambda token, response: _with(response, debug={"authorization": token})),
    ),
    Defect(
        "token-in-header",
        "disclosure",
        "a header of every response has half of the caller's token",
        _disclosing(
            lambda token, response: replace(response, headers={**response.headers, "X-Debug": token[len(token) // 2 :]})
        ),
    ),
    Defect("password-in-answer", "disclosure", "a creation shows the password that was sent", override(respond, _echo)),
    Defect(
        "hash-in-answer",
        "disclosure",
        "a read of a user shows the hash of the password",
        corruption.below("/users/", corruption.reading(lambda data: {**data, "passwordHash": "$2y$10$abcdefghijkl"})),
    ),
    Defect(
        "trace-in-error",
        "disclosure",
        "a refusal has a stack trace",
        corruption.body(
            lambda body: {**body, "file": "/var/www/html/vendor/app/Handler.php", "trace": ["#0 index.php(3)"]},
            given=_ERRORS,
            method=None,
        ),
    ),
    Defect(
        "sql-in-error",
        "disclosure",
        "what does not exist is answered with the statement that looked for it",
        corruption.body(
            lambda body: {**body, "message": "SQLSTATE[42S02]: select * from `items` where id = 7"},
            given=range(404, 405),
            method=None,
        ),
    ),
)
