"""The list of all defects, class by class."""

from typing import Any

from ampeco_emulator.faults import responses as to
from ampeco_emulator.faults.listings import LISTINGS
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.faults.subtle import SUBTLE

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


SCHEMA = (
    Defect("drop-id", "schema", "single reads lack their id", to.reading(to.without("id"))),
    Defect("wrong-type", "schema", "a read gives text where an object belongs", to.reading(lambda _: "text")),
    Defect("number-as-text", "schema", "numbers of a read are text", to.reading(to.everywhere(_text))),
    Defect("boolean-as-number", "schema", "flags of a read are 0 and 1", to.reading(to.everywhere(_number))),
    Defect("null-id", "schema", "the id of a read is null", to.reading(lambda data: {**data, "id": None})),
    Defect(
        "unknown-status",
        "schema",
        "a status has a value that is not documented",
        to.body(to.field("status", lambda _: "bogus")),
    ),
    Defect(
        "no-envelope",
        "schema",
        "a read lacks the data wrapper",
        to.body(lambda body: body.get("data", body) if isinstance(body, dict) else body),
    ),
    Defect("double-envelope", "schema", "a read has the data wrapper twice", to.reading(lambda data: {"data": data})),
    Defect("object-as-list", "schema", "a read gives a list of one", to.reading(lambda data: [data])),
    Defect(
        "list-as-object",
        "schema",
        "a listing gives an object",
        to.listing(lambda data: {str(number): item for number, item in enumerate(data)}),
    ),
    Defect("timestamp-as-number", "schema", "timestamps are numbers", to.body(to.moments(lambda _: 1_700_000_000))),
    Defect(
        "timestamp-in-words",
        "schema",
        "timestamps are no ISO 8601",
        to.body(to.moments(lambda text: text.replace("-", "/").replace("T", " ").removesuffix("Z"))),
    ),
    Defect("timestamp-without-zone", "schema", "timestamps lack their zone", to.body(to.moments(_shorter))),
    Defect("snake-case", "schema", "field names are in snake_case", to.body(to.everywhere(to.snake_case))),
)
STATUS = (
    Defect(
        "server-error", "status", "every read fails with 500", to.status("GET", 200, 500, {"message": "Server Error"})
    ),
    Defect(
        "undocumented-status",
        "status",
        "a removal answers 418",
        to.status("DELETE", 204, 418, {"message": "I am a teapot."}),
    ),
    Defect("created-as-ok", "status", "a creation answers 200", to.status("POST", 201, 200)),
    Defect(
        "removed-as-ok",
        "status",
        "a removal answers 200 with a body",
        to.status("DELETE", 204, 200, {"message": "deleted"}),
    ),
    Defect("action-as-ok", "status", "an action answers 200", to.status("POST", 202, 200)),
    Defect(
        "missing-as-error",
        "status",
        "what does not exist answers 500",
        to.status("GET", 404, 500, {"message": "Server Error"}),
    ),
    Defect(
        "unknown-is-changed",
        "status",
        "a change of what does not exist answers 200",
        to.status("PATCH", 404, 200, {"data": {}}),
    ),
    Defect("missing-as-empty", "status", "what does not exist answers 200", to.status("GET", 404, 200, {"data": {}})),
    Defect(
        "invalid-as-error",
        "status",
        "an invalid body answers 500",
        to.status("POST", 422, 500, {"message": "Server Error"}),
    ),
    Defect("update-as-accepted", "status", "an update answers 202", to.status("PATCH", 200, 202)),
)
HEADERS = (
    Defect("html-content-type", "headers", "answers say they are HTML", to.media_type("text/html")),
    Defect("text-content-type", "headers", "answers say they are plain text", to.media_type("text/plain")),
    Defect("no-allow", "headers", "a wrong method is answered without the Allow header"),
    Defect("no-retry-after", "headers", "too many requests are answered without Retry-After"),
    Defect("no-limit-headers", "headers", "the headers of the rate limit are missing"),
    Defect("sunset-in-words", "headers", "Sunset is no HTTP date"),
    Defect("sunset-first", "headers", "Sunset comes before Deprecation"),
)
ERRORS = (
    Defect(
        "error-without-message",
        "errors",
        "errors lack their message",
        to.body(to.without("message"), given=_ERRORS, method=None),
    ),
    Defect(
        "error-as-text",
        "errors",
        "the body of an error is text",
        to.body(lambda body: body.get("message"), given=_ERRORS, method=None),
    ),
    Defect(
        "no-field-errors",
        "errors",
        "an invalid body is refused without naming fields",
        to.body(to.without("errors"), given=_INVALID, method=None),
    ),
    Defect(
        "field-errors-as-text",
        "errors",
        "the errors of a field are no list",
        to.body(to.field("errors", str), given=_INVALID, method=None),
    ),
    Defect(
        "other-field-named",
        "errors",
        "an invalid body is refused naming another field",
        to.body(
            to.field("errors", lambda errors: {f"other{name}": said for name, said in errors.items()}),
            given=_INVALID,
            method=None,
        ),
    ),
    Defect(
        "unknown-unauthenticated",
        "errors",
        "an unauthenticated call is answered in other words",
        to.body(lambda _: {"message": "Who are you?"}, given=range(401, 402), method=None),
    ),
)
AUTHENTICATION = (
    Defect("no-authentication", "authentication", "nobody needs a token"),
    Defect("any-token", "authentication", "any bearer token is taken"),
    Defect("any-scheme", "authentication", "the token is taken with any scheme"),
    Defect("half-a-token", "authentication", "the beginning of a token is enough"),
    Defect("children-of-others", "state", "a listing below a parent has the children of all parents"),
    Defect("any-parent", "state", "a child is read below any parent"),
    Defect("forbidden-for-unauthenticated", "authentication", "a missing token is answered 403"),
    Defect("reader-may-write", "authentication", "a read-only token may write"),
    Defect("ignore-scope", "authentication", "a token limited to a partner or operator sees everything"),
)
VALIDATION = (
    Defect("accept-invalid-body", "validation", "a body that breaks its schema is taken"),
    Defect("accept-missing-fields", "validation", "required fields may be missing"),
    Defect("accept-invalid-query", "validation", "query parameters that break their schema are taken"),
    Defect("accept-broken-json", "validation", "a body that is no JSON is taken as empty"),
    Defect("refuse-valid-body", "validation", "every body is refused"),
    Defect("accept-unknown-reference", "validation", "ids of records that do not exist are taken"),
    Defect("accept-known-email", "validation", "two users may have one address"),
)
PAGINATION = (
    Defect(
        "repeated-item",
        "pagination",
        "listings give their first item twice",
        to.listing(lambda data: [data[0], *data[:-1]] if len(data) > 1 else data),
    ),
    Defect("skipped-item", "pagination", "listings leave their last item out", to.listing(lambda data: data[:-1])),
    Defect("ignore-per-page", "pagination", "per_page does nothing"),
    Defect("first-page-only", "pagination", "every page is the first"),
    Defect(
        "no-next",
        "pagination",
        "the way to the next page is missing",
        to.body(lambda body: to.meta(next_cursor=None)(to.links(lambda _: None)(body))),
    ),
    Defect("wrong-total", "pagination", "the total is one too many", to.body(to.meta(total=lambda total: total + 1))),
    Defect(
        "wrong-last-page",
        "pagination",
        "the number of pages is wrong",
        to.body(to.meta(last_page=lambda last: last + 1)),
    ),
    Defect(
        "foreign-links",
        "pagination",
        "links lead to another host",
        to.body(to.links(lambda link: "https://example.com/" if link else link)),
    ),
    Defect("no-meta", "pagination", "listings lack meta", to.body(to.without("meta"))),
    Defect("endless-cursor", "pagination", "the last page has a next one"),
)
FILTERS = (
    Defect("ignore-filters", "filters", "filters do nothing"),
    Defect("inverted-filters", "filters", "filters keep what they should leave out"),
    Defect("empty-filters", "filters", "a filtered listing is empty"),
    Defect("ignore-include", "filters", "what is asked for with include is missing"),
    Defect("always-include", "filters", "what must be asked for is always shown"),
)
STATE = (
    Defect("forget-created", "state", "a created record is not kept"),
    Defect("forget-changes", "state", "changes are answered and not kept"),
    Defect("keep-removed", "state", "a removed record stays"),
    Defect("patch-replaces", "state", "a partial update clears the other fields"),
    Defect("stale-update-time", "state", "lastUpdatedAt stays as it was"),
    Defect("change-id", "state", "an update gives the record another id"),
    Defect("moving-creation", "state", "an update moves createdAt as well"),
    Defect("reuse-id", "state", "the id of the newest record is given again when it was removed"),
    Defect("stale-answer", "state", "an update is answered with what was there before"),
    Defect(
        "other-name-answered",
        "state",
        "a creation is answered with another name than is kept",
        to.body(to.field("name", _renamed), given=range(201, 202), method="POST"),
    ),
    Defect("listed-otherwise", "state", "listings show another name", to.listing(to.field("name", _renamed))),
    Defect("take-read-only", "state", "an update writes what only the server sets"),
    Defect("cut-text", "state", "texts are kept up to their 60th character"),
    Defect("ascii-only", "state", "letters beyond ASCII are kept as question marks"),
    Defect("ignore-null", "state", "an update to null changes nothing"),
    Defect("touch-siblings", "state", "an update writes the field to every record of the collection"),
)
DOMAIN = (
    Defect("start-reserved", "domain", "anybody can start at a reserved EVSE"),
    Defect("start-occupied", "domain", "a second session starts at an EVSE in use"),
    Defect("start-disabled-user", "domain", "a disabled user can start"),
    Defect("start-unavailable", "domain", "a session starts at an EVSE out of service"),
    Defect("both-win", "domain", "two who start an EVSE at the same time both charge"),
    Defect("refused-start-runs", "domain", "a refused start makes a session all the same"),
    Defect("wrong-refusal-code", "domain", "every refused start is told as an internal issue"),
    Defect("rejected-stop-stops", "domain", "a stop that the charge point rejects ends the session"),
    Defect("start-forgets-tag", "domain", "a session forgets the id tag it was started with"),
    Defect("authorization-unlinked", "domain", "an authorization does not name its session"),
    Defect("energy-falls", "domain", "the energy of a session falls"),
    Defect("price-off", "domain", "the price breakdown does not add up"),
    Defect("tax-off", "domain", "the total without tax is wrong"),
    Defect("tax-snapshot-lost", "domain", "a changed tax changes the sessions before it"),
    Defect("pay-twice", "domain", "a session is paid twice"),
    Defect("balance-not-reduced", "domain", "a paid session takes nothing from the balance"),
    Defect("no-receipt", "domain", "a paid session has no receipt"),
    Defect("receipt-number-repeats", "domain", "receipts share one number"),
    Defect("retry-ignored", "domain", "an accepted retry of a payment pays nothing"),
    Defect("refund-ignored", "domain", "a refund is noted as a finalized payment"),
    Defect("finalized-changes", "domain", "a finalized transaction can be changed"),
    Defect("assign-twice", "domain", "a session that has a user can be given to another"),
    Defect("share-off", "domain", "the shares of a partner's session are less than its total"),
    Defect("expense-off", "domain", "the discount of an expense is wrong"),
    Defect("fee-on-credit", "domain", "a fee is taken that the balance cannot pay"),
    Defect("double-booking", "domain", "one time of an EVSE is booked twice"),
    Defect("no-show-ignored", "domain", "a booking that nobody uses stays as it is"),
    Defect("circuit-priority-ignored", "domain", "a priority in a circuit stays as it was"),
    Defect("never-expires", "domain", "a reservation never expires"),
    Defect("cancel-ignored", "domain", "an accepted cancellation does not end a reservation"),
    Defect("stop-ignored", "domain", "an accepted stop does not end the session"),
    Defect("voucher-twice", "domain", "a voucher can be redeemed again"),
    Defect("invoice-twice", "domain", "an invoice can be issued again"),
)
WEBHOOKS = (
    Defect("unsigned-webhook", "webhooks", "deliveries lack their signature"),
    Defect("wrong-signature", "webhooks", "deliveries are signed with another key"),
    Defect("lost-webhook", "webhooks", "nothing is delivered"),
    Defect("webhook-without-name", "webhooks", "payloads lack the name of the event"),
    Defect("unasked-webhook", "webhooks", "events are delivered that nobody asked for"),
)
SPIRII = (
    Defect("vat-off", "spirii", "the amount of a charge record is not the sum of its parts"),
    Defect("separator-ignored", "spirii", "amounts are written with a point, whatever was asked for"),
)
ROBUSTNESS = (
    Defect(
        "truncated-json",
        "robustness",
        "the body of a read ends in the middle",
        to.raw(lambda body: body[: len(body) // 2]),
    ),
    Defect("empty-body", "robustness", "a read has no body", to.raw(lambda _: b"")),
    Defect(
        "html-body", "robustness", "a read gives an HTML page", to.raw(lambda _: b"<html><body>Error</body></html>")
    ),
    Defect("slow", "robustness", "every answer takes three seconds"),
    Defect("nan-number", "robustness", "a number of a read is NaN", to.raw(to.not_a_number)),
    Defect("cut-connection", "robustness", "the connection is closed in the middle of a single read", to.cut_off),
    Defect("crash-on-unicode", "robustness", "a body with letters beyond ASCII is answered 500"),
)
DEFECTS = (
    *SCHEMA,
    *STATUS,
    *HEADERS,
    *ERRORS,
    *AUTHENTICATION,
    *VALIDATION,
    *PAGINATION,
    *FILTERS,
    *STATE,
    *DOMAIN,
    *WEBHOOKS,
    *SPIRII,
    *ROBUSTNESS,
    *SUBTLE,
    *LISTINGS,
)
