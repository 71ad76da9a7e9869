"""Defects of responses: their status, headers and body, whatever the request was."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.corruption import RESOURCES
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.api import EmulatedApi, Respond, RoutedRequest, latency, respond, response_headers
from ampeco_emulator.http.body_changes import everywhere, timestamps

_SLOW = 3.0
_ERRORS = range(400, 500)
_INVALID = range(422, 423)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _shorter(value: str) -> str:
    return value.removesuffix("Z")


def _renamed(value: Any) -> Any:
    return f"{value} 2" if isinstance(value, str) else value


def _headers(change: Callable[[dict[str, str]], dict[str, str]]) -> Override:
    return override(response_headers, lambda decide, *arguments: change(decide(*arguments)))


def _without_header(*names: str) -> Override:
    return _headers(lambda headers: {name: value for name, value in headers.items() if name not in names})


def _sunset(wrong: str) -> Override:
    return _headers(lambda headers: headers | {"Sunset": wrong} if "Sunset" in headers else headers)


def _crash_on_unicode(decide: Respond, api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
    return decide(api, routed) if routed.raw.isascii() else api.refused(500, "Server Error")


def _without_nulls(value: Any) -> Any:
    return {name: item for name, item in value.items() if item is not None} if isinstance(value, dict) else value


def _refused_as_page(_method: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
    return replace(response, media_type="text/html; charset=UTF-8") if 400 <= response.status < 500 else response


def _renamed_errors(body: Any) -> Any:
    return {**body, "errors": {"field": [text for texts in body["errors"].values() for text in texts]}}


def _bodyless(method: str, status: int) -> Override:
    def corrupt(called: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
        is_meant = (called, response.status) == (method, status)
        return replace(response, rewrite=lambda _: b"") if is_meant else response

    return corruption.corrupting(corrupt)


SCHEMA = (
    Defect("drop-id", "schema", "single reads lack their id", corruption.reading(corruption.without("id"))),
    Defect("wrong-type", "schema", "a read gives text where an object belongs", corruption.reading(lambda _: "text")),
    Defect("number-as-text", "schema", "numbers of a read are text", corruption.reading(everywhere(_text))),
    Defect("boolean-as-number", "schema", "flags of a read are 0 and 1", corruption.reading(everywhere(_number))),
    Defect("null-id", "schema", "the id of a read is null", corruption.reading(lambda data: {**data, "id": None})),
    Defect(
        "unknown-status",
        "schema",
        "a status has a value that is not documented",
        corruption.body(corruption.field("status", lambda _: "bogus")),
    ),
    Defect(
        "no-envelope",
        "schema",
        "a read lacks the data wrapper",
        corruption.body(lambda body: body.get("data", body) if isinstance(body, dict) else body),
    ),
    Defect(
        "double-envelope",
        "schema",
        "a read has the data wrapper twice",
        corruption.reading(lambda data: {"data": data}),
    ),
    Defect("object-as-list", "schema", "a read gives a list of one", corruption.reading(lambda data: [data])),
    Defect(
        "list-as-object",
        "schema",
        "a listing gives an object",
        corruption.listing(lambda data: {str(number): item for number, item in enumerate(data)}),
    ),
    Defect(
        "timestamp-as-number",
        "schema",
        "timestamps are numbers",
        corruption.body(timestamps(lambda _: 1_700_000_000)),
    ),
    Defect(
        "timestamp-in-words",
        "schema",
        "timestamps are not in ISO 8601 format",
        corruption.body(timestamps(lambda text: text.replace("-", "/").replace("T", " ").removesuffix("Z"))),
    ),
    Defect(
        "timestamp-without-zone",
        "schema",
        "timestamps lack their zone",
        corruption.body(timestamps(_shorter)),
    ),
    Defect(
        "snake-case",
        "schema",
        "field names are in snake_case",
        corruption.body(everywhere(corruption.snake_case)),
    ),
    Defect(
        "shouted-status",
        "schema",
        "the values of a status are in capitals",
        corruption.body(corruption.field("status", str.upper)),
    ),
    Defect(
        "date-only",
        "schema",
        "timestamps are cut to their day",
        corruption.body(timestamps(lambda text: text[:10])),
    ),
    Defect(
        "omitted-null",
        "schema",
        "fields without a value are left out",
        corruption.body(everywhere(_without_nulls)),
    ),
    Defect(
        "missing-nested-field",
        "schema",
        "the downtime of a charge point lacks one of its statuses",
        corruption.dropping(
            f"GET {RESOURCES}/charge-point-downtime-periods/v1.0/{{chargePointDowntimePeriod}}", "statuses.network"
        ),
    ),
    Defect(
        "nested-list",
        "schema",
        "one listing gives a list in a list",
        corruption.only(f"GET {RESOURCES}/taxes/v2.0", corruption.listing(lambda data: [data])),
    ),
    Defect(
        "wrapped-listing",
        "schema",
        "one listing has one more wrapper",
        corruption.only(f"GET {RESOURCES}/partners/v2.0", corruption.listing(lambda data: {"items": data})),
    ),
    Defect(
        "listed-id-as-text",
        "schema",
        "ids are text in listings",
        corruption.listing(corruption.field("id", str)),
    ),
    Defect(
        "bare-creation",
        "schema",
        "a creation is answered without the data wrapper",
        corruption.body(lambda body: body.get("data", body), given=range(201, 202), method="POST"),
    ),
)
STATUS = (
    Defect(
        "server-error",
        "status",
        "every read fails with 500",
        corruption.status("GET", 200, 500, {"message": "Server Error"}),
    ),
    Defect(
        "undocumented-status",
        "status",
        "a removal answers 418",
        corruption.status("DELETE", 204, 418, {"message": "I am a teapot."}),
    ),
    Defect("created-as-ok", "status", "a creation answers 200", corruption.status("POST", 201, 200)),
    Defect(
        "removed-as-ok",
        "status",
        "a removal answers 200 with a body",
        corruption.status("DELETE", 204, 200, {"message": "deleted"}),
    ),
    Defect("action-as-ok", "status", "an action answers 200", corruption.status("POST", 202, 200)),
    Defect(
        "missing-as-error",
        "status",
        "what does not exist answers 500",
        corruption.status("GET", 404, 500, {"message": "Server Error"}),
    ),
    Defect(
        "unknown-is-changed",
        "status",
        "a change of what does not exist answers 200",
        corruption.status("PATCH", 404, 200, {"data": {}}),
    ),
    Defect(
        "missing-as-empty",
        "status",
        "what does not exist answers 200",
        corruption.status("GET", 404, 200, {"data": {}}),
    ),
    Defect(
        "invalid-as-error",
        "status",
        "an invalid body answers 500",
        corruption.status("POST", 422, 500, {"message": "Server Error"}),
    ),
    Defect("update-as-accepted", "status", "an update answers 202", corruption.status("PATCH", 200, 202)),
    Defect("invalid-as-ok", "status", "an invalid body is refused with 200", corruption.status("POST", 422, 200)),
    Defect("invalid-as-missing", "status", "an invalid body answers 404", corruption.status("POST", 422, 404)),
    Defect("missing-as-forbidden", "status", "what does not exist answers 403", corruption.status("GET", 404, 403)),
    Defect(
        "removed-twice",
        "status",
        "the removal of what does not exist answers 204",
        corruption.status("DELETE", 404, 204),
    ),
)
HEADERS = (
    Defect("html-content-type", "headers", "responses declare HTML", corruption.media_type("text/html")),
    Defect("text-content-type", "headers", "responses declare plain text", corruption.media_type("text/plain")),
    Defect("no-allow", "headers", "a wrong method is answered without the Allow header", _without_header("Allow")),
    Defect(
        "no-retry-after",
        "headers",
        "too many requests are answered without Retry-After",
        _without_header("Retry-After"),
    ),
    Defect(
        "no-limit-headers",
        "headers",
        "the rate limit headers are missing",
        _without_header("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
    ),
    Defect("sunset-in-words", "headers", "Sunset is not an HTTP date", _sunset("next summer")),
    Defect("sunset-first", "headers", "Sunset comes before Deprecation", _sunset("Thu, 01 Jan 2026 00:00:00 GMT")),
    Defect(
        "sunset-too-soon",
        "headers",
        "Sunset is a day after Deprecation",
        _sunset("Mon, 02 Mar 2026 00:00:00 GMT"),
    ),
    Defect("refused-as-page", "headers", "refusals declare HTML", corruption.corrupting(_refused_as_page)),
)
ERRORS = (
    Defect(
        "error-without-message",
        "errors",
        "errors lack their message",
        corruption.body(corruption.without("message"), given=_ERRORS, method=None),
    ),
    Defect(
        "error-as-text",
        "errors",
        "the body of an error is text",
        corruption.body(lambda body: body.get("message"), given=_ERRORS, method=None),
    ),
    Defect(
        "no-field-errors",
        "errors",
        "an invalid body is refused without naming fields",
        corruption.body(corruption.without("errors"), given=_INVALID, method=None),
    ),
    Defect(
        "field-errors-as-text",
        "errors",
        "the errors of a field are not a list",
        corruption.body(corruption.field("errors", str), given=_INVALID, method=None),
    ),
    Defect(
        "other-field-named",
        "errors",
        "an invalid body is refused naming another field",
        corruption.body(
            corruption.field("errors", lambda errors: {f"other{name}": said for name, said in errors.items()}),
            given=_INVALID,
            method=None,
        ),
    ),
    Defect(
        "unknown-unauthenticated",
        "errors",
        "the message of a 401 is not the documented one",
        corruption.body(lambda _: {"message": "Who are you?"}, given=range(401, 402), method=None),
    ),
    Defect(
        "wrong-field-errors",
        "errors",
        "an invalid body is refused with another field's name",
        corruption.body(_renamed_errors, given=_INVALID, method=None),
    ),
)
ROBUSTNESS = (
    Defect(
        "truncated-json",
        "robustness",
        "the body of a read ends in the middle",
        corruption.raw(lambda body: body[: len(body) // 2]),
    ),
    Defect("empty-body", "robustness", "a read has no body", corruption.raw(lambda _: b"")),
    Defect(
        "html-body",
        "robustness",
        "a read gives an HTML page",
        corruption.raw(lambda _: b"<html><body>Error</body></html>"),
    ),
    Defect("slow", "robustness", "every response takes three seconds", always(latency, _SLOW)),
    Defect("nan-number", "robustness", "a number of a read is NaN", corruption.raw(corruption.not_a_number)),
    Defect(
        "cut-connection",
        "robustness",
        "the connection is closed in the middle of a single read",
        corruption.corrupting(corruption.cut_off),
    ),
    Defect(
        "crash-on-unicode",
        "robustness",
        "a body with letters beyond ASCII is answered 500",
        override(respond, _crash_on_unicode),
    ),
    Defect("created-without-body", "robustness", "a creation has no body", _bodyless("POST", 201)),
    Defect(
        "byte-order-mark",
        "robustness",
        "a read begins with a byte order mark",
        corruption.raw(lambda body: b"\xef\xbb\xbf" + body),
    ),
    Defect(
        "repeated-key",
        "robustness",
        "the data of a read is given twice",
        corruption.raw(lambda body: body.replace(b'{"data":', b'{"data":null,"data":', 1)),
    ),
    Defect(
        "trailing-text",
        "robustness",
        "text follows the JSON of a read",
        corruption.raw(lambda body: body + b"<!-- 0.1 s -->"),
    ),
    Defect(
        "wide-characters",
        "robustness",
        "a read is in UTF-16",
        corruption.raw(lambda body: body.decode().encode("utf-16")),
    ),
)
