"""Defects that are easily overlooked: one operation, one value, one page, one moment."""

import re
from dataclasses import replace
from typing import Any

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.crud.resources import filter_predicates, requested_page
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect, Override, override
from ampeco_emulator.faults.query import exclusive_bounds, misread_filters, on_first_page, skip_after_cursor
from ampeco_emulator.faults.request import is_kind, open_operation, overlooking
from ampeco_emulator.http.api import unauthorized

_RESOURCES = "/public-api/resources"
_INVALID = range(422, 423)


def _in_kilo(value: Any) -> Any:
    return value / 1000 if isinstance(value, int | float) and not isinstance(value, bool) else value


def _without_nulls(value: Any) -> Any:
    return {name: item for name, item in value.items() if item is not None} if isinstance(value, dict) else value


def _bodyless(method: str, status: int) -> Override:
    def corrupt(called: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
        is_meant = (called, response.status) == (method, status)
        return replace(response, rewrite=lambda _: b"") if is_meant else response

    return corruption.corrupting(corrupt)


def _refused_as_page(_method: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
    return replace(response, media_type="text/html; charset=UTF-8") if 400 <= response.status < 500 else response


def _renamed_errors(body: Any) -> Any:
    return {**body, "errors": {"field": [text for texts in body["errors"].values() for text in texts]}}


def _shortened_link(link: Any) -> Any:
    return re.sub(r"[?&]per_page=\d+", "", link) if isinstance(link, str) else link


def _first_twice(data: list[Any]) -> list[Any]:
    return [*data[:1], *data]


class _Cache:
    """Answers every read of a record with what the first read showed."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Any], Any] = {}

    def __call__(self, method: str, path: str, response: EmulatorResponse) -> EmulatorResponse:
        data = response.body.get("data") if isinstance(response.body, dict) else None
        if method != "GET" or response.status != 200 or not isinstance(data, dict) or "id" not in data:
            return response
        return replace(response, body=self._kept.setdefault((path, data["id"]), response.body))


SUBTLE = (
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
        corruption.body(corruption.timestamps(lambda text: text[:10])),
    ),
    Defect(
        "omitted-null",
        "schema",
        "fields without a value are left out",
        corruption.body(corruption.everywhere(_without_nulls)),
    ),
    Defect(
        "missing-nested-field",
        "schema",
        "the downtime of a charge point lacks one of its statuses",
        corruption.dropping(
            f"GET {_RESOURCES}/charge-point-downtime-periods/v1.0/{{chargePointDowntimePeriod}}", "statuses.network"
        ),
    ),
    Defect(
        "nested-list",
        "schema",
        "one listing gives a list in a list",
        corruption.only(f"GET {_RESOURCES}/taxes/v2.0", corruption.listing(lambda data: [data])),
    ),
    Defect(
        "wrapped-listing",
        "schema",
        "one listing has one more wrapper",
        corruption.only(f"GET {_RESOURCES}/partners/v2.0", corruption.listing(lambda data: {"items": data})),
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
    Defect("invalid-as-ok", "status", "an invalid body is refused with 200", corruption.status("POST", 422, 200)),
    Defect("invalid-as-missing", "status", "an invalid body answers 404", corruption.status("POST", 422, 404)),
    Defect("missing-as-forbidden", "status", "what does not exist answers 403", corruption.status("GET", 404, 403)),
    Defect(
        "removed-twice",
        "status",
        "the removal of what does not exist answers 204",
        corruption.status("DELETE", 404, 204),
    ),
    Defect("refused-as-page", "headers", "refusals say they are HTML", corruption.corrupting(_refused_as_page)),
    Defect(
        "wrong-field-errors",
        "errors",
        "an invalid body is refused with another field's name",
        corruption.body(_renamed_errors, given=_INVALID, method=None),
    ),
    Defect(
        "leaking-refusal",
        "authentication",
        "an unauthenticated call is refused, and answered all the same",
        corruption.body(lambda body: {**body, "data": {"id": 1}}, given=range(401, 402), method=None),
    ),
    Defect("open-operation", "authentication", "one listing needs no token", override(unauthorized, open_operation)),
    Defect("accept-unknown-words", "validation", "values that no enum has are taken", overlooking(is_kind("enum"))),
    Defect(
        "accept-out-of-bounds",
        "validation",
        "numbers beyond their bounds are taken",
        overlooking(is_kind("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
    ),
    Defect(
        "links-forget-size", "pagination", "links lack per_page", corruption.body(corruption.links(_shortened_link))
    ),
    Defect("one-too-many", "pagination", "a page has one more item than asked for", corruption.listing(_first_twice)),
    Defect(
        "early-last-page",
        "pagination",
        "the last page is one too early",
        corruption.body(corruption.meta(last_page=lambda last: max(1, last - 1))),
    ),
    Defect("cursor-skips", "pagination", "every cursor skips an item", override(requested_page, skip_after_cursor)),
    Defect(
        "first-filter-only",
        "filters",
        "only the first of several filters is applied",
        misread_filters(lambda filters, _query: dict([*filters.items()][:1])),
    ),
    Defect(
        "filter-first-page-only",
        "filters",
        "from the second page on, filters do nothing",
        misread_filters(on_first_page),
    ),
    Defect(
        "exclusive-bounds",
        "filters",
        "what was updated at the very bound of a filter is left out",
        override(filter_predicates, exclusive_bounds),
    ),
    Defect(
        "older-view-differs",
        "filters",
        "v1.0 of a resource shows other times than its later versions",
        corruption.below("/v1.0/", corruption.reading(corruption.timestamps(lambda text: f"2019{text[4:]}"))),
    ),
    Defect("stale-read", "state", "a read is answered as it was the first time", corruption.corrupting(_Cache())),
    Defect(
        "energy-in-kilowatt-hours",
        "domain",
        "energy is told in kWh",
        corruption.body(corruption.field("energy", _in_kilo)),
    ),
    Defect(
        "never-stopped",
        "domain",
        "a finished session has no end",
        corruption.body(corruption.field("stoppedAt", lambda _: None)),
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
        "the data of a read stand there twice",
        corruption.raw(lambda body: body.replace(b'{"data":', b'{"data":null,"data":', 1)),
    ),
    Defect(
        "trailing-text",
        "robustness",
        "something follows the body of a read",
        corruption.raw(lambda body: body + b"<!-- 0.1 s -->"),
    ),
    Defect(
        "wide-characters",
        "robustness",
        "a read is in UTF-16",
        corruption.raw(lambda body: body.decode().encode("utf-16")),
    ),
)
