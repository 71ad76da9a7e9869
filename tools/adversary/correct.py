"""Correct servers: each differs from the emulator in something that the contract leaves open."""

import gzip
import itertools
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.support.loopback import Received, Sent
from tests.support.reverse_proxy import PassOn
from tools.adversary.server import Behaviour, BodyChange, ServerRow, is_on, rewrite, rewriting, with_body

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SOME = ["*/taxes/*", "*/user-groups/*", "*/id-tags/v2.0*", "GET */sessions/v1.0"]
#: A tenant, on which the run may change what it created itself.
_TENANT = ("--safety", "own-data")
_WEST = timezone(-timedelta(hours=3, minutes=30))
_OTHERS = "/public-api/resources/user-groups/v1.0"


def deep(change: Callable[[str, Any], Any], value: Any, name: str = "") -> Any:
    """A value with every part of it changed, each by the name of its field."""
    if isinstance(value, dict):
        value = {key: deep(change, item, key) for key, item in value.items()}
    elif isinstance(value, list):
        value = [deep(change, item, name) for item in value]
    return change(name, value)


def everywhere(change: Callable[[str, Any], Any]) -> BodyChange:
    """Changes every value in a body, by the name of its field."""
    return lambda _received, body: deep(change, body)


def _moments(write: Callable[[str], str]) -> Callable[[], Behaviour]:
    def change(_name: str, value: Any) -> Any:
        return write(value) if isinstance(value, str) and _MOMENT.fullmatch(value) else value

    return rewriting(".*", ".*", everywhere(change))


def _in_the_west(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(_WEST).isoformat()


def _with_fractions_in_v2() -> Behaviour:
    """Newer versions of a resource show microseconds, older ones whole seconds."""
    exact = everywhere(lambda _, value: f"{value[:-1]}.417283Z" if _is_moment(value) else value)

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if "/v2." in received.path and sent.status < 300 and sent.content:
            rewrite(received, sent, exact)
        return sent

    return behave


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and _MOMENT.fullmatch(value) is not None


def _items_reversed(_received: Received, body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("data"), list) and "meta" in body:
        body["data"].reverse()


def _slow() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        time.sleep(0.4)
        return forward(received)

    return behave


def _compressed() -> Behaviour:
    """Answers are compressed and come in small pieces, without a length."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if sent.content and "gzip" in (received.headers.get("Accept-Encoding") or ""):
            packed = gzip.compress(sent.content)
            sent.headers["content-encoding"] = "gzip"
            sent.pieces = [packed[at : at + 50] for at in range(0, len(packed), 50)]
            sent.headers["connection"] = "close"
        return sent

    return behave


def _closing() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        sent.pieces = [sent.content]
        sent.headers = {name.lower(): value for name, value in sent.headers.items()} | {"connection": "close"}
        if sent.status not in (204, 304):
            sent.headers["content-length"] = str(len(sent.content))
        return sent

    return behave


def _more_headers() -> Behaviour:
    count = itertools.count()

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        more = {"SET-COOKIE": f"session={next(count)}; HttpOnly", "ETAG": f'W/"{next(count)}"', "AGE": "0"}
        sent.headers = {name.upper(): value for name, value in sent.headers.items()} | more
        if "CONTENT-TYPE" in sent.headers:
            sent.headers["CONTENT-TYPE"] = "Application/JSON; Charset=UTF-8"
        return sent

    return behave


def _other_words(_received: Received, body: Any) -> None:
    if isinstance(body, dict) and body.get("message") != "Unauthenticated.":
        body["message"] = "Die Anfrage ist nicht möglich (Nr. 17)."
        if isinstance(body.get("errors"), dict):
            body["errors"] = {name: ["Ungültig.", "Siehe Handbuch."] for name in body["errors"]}
        body["status"] = "error"


def _more_fields(_name: str, value: Any) -> Any:
    return value | {"zzNew": {"deep": [1, None]}, "_rev": 4} if isinstance(value, dict) and "id" in value else value


def _numbers(_name: str, value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _escaped() -> Behaviour:
    """JSON with blanks, every character beyond ASCII escaped, the keys sorted backwards."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if sent.content:
            body = json.loads(sent.content)
            ordered = everywhere(lambda _, value: _backwards(value))(received, body)
            sent.content = (
                b"\n " + json.dumps(ordered, indent=3, ensure_ascii=True).replace("/", "\\/").encode() + b"\r\n"
            )
        return sent

    return behave


def _backwards(value: Any) -> Any:
    return dict(sorted(value.items(), reverse=True)) if isinstance(value, dict) else value


def _others_come_and_go() -> Behaviour:
    """Others create, rename and remove user groups between the requests of the run."""
    count = itertools.count()
    theirs: list[Any] = []

    def act(received: Received, forward: PassOn, method: str, path: str, name: str = "") -> Sent:
        body = json.dumps({"name": name}).encode() if name else b""
        return forward(_as_json(replace(received, method=method, path=path, body=body)))

    def behave(received: Received, forward: PassOn) -> Sent:
        turn = next(count)
        if turn % 3 == 0:
            made = act(received, forward, "POST", _OTHERS, f"Theirs {turn}")
            theirs.extend([json.loads(made.content)["data"]["id"]] if made.status == 201 else [])
        if turn % 4 == 1 and len(theirs) > 2:
            act(received, forward, "DELETE", f"{_OTHERS}/{theirs.pop(0)}")
        elif turn % 4 == 3 and theirs:
            act(received, forward, "PATCH", f"{_OTHERS}/{theirs[-1]}", f"Renamed {turn}")
        return forward(received)

    return behave


def _as_json(received: Received) -> Received:
    if "Content-Type" not in received.headers:
        received.headers["Content-Type"] = "application/json"
    return received


def _hidden_as_missing() -> Behaviour:
    """What a limited token may not see is answered 404 in place of 403."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        one = is_on(received, ".*", r"resources/sessions/v1.0/\d+|resources/partner-[\w-]+/v[\d.]+/\d+")
        if one and sent.status == 403:
            return Sent(404, b'{"message":"No query results for model."}', sent.headers)
        return sent

    return behave


class _LargeIds:
    """All ids are above 2^53, in answers, paths, queries and bodies."""

    OFFSET = 9_007_199_254_741_000

    def __call__(self) -> Behaviour:
        shift = everywhere(lambda name, value: self._moved(name, value, self.OFFSET))
        unshift = everywhere(lambda name, value: self._moved(name, value, -self.OFFSET))

        def behave(received: Received, forward: PassOn) -> Sent:
            path, _, query = received.path.partition("?")
            path = re.sub(r"/(\d{10,})(?=/|$)", lambda found: f"/{self._back(found[1])}", path)
            query = re.sub(r"(?<==)(\d{16,})", lambda found: str(self._back(found[1])), query)
            moved = with_body(received, lambda body: unshift(received, body))
            sent = forward(replace(moved, path=f"{path}?{query}" if query else path))
            if sent.content:
                rewrite(received, sent, shift)
            return sent

        return behave

    def _back(self, number: str) -> int:
        return int(number) - self.OFFSET if int(number) > self.OFFSET else int(number)

    def _moved(self, name: str, value: Any, by: int) -> Any:
        is_id = re.fullmatch(r"id|\w+Ids?", name) and name not in ("personalId", "networkId", "externalId")
        if is_id and isinstance(value, int) and not isinstance(value, bool) and (by > 0 or value > self.OFFSET):
            return value + by
        if is_id and by > 0 and isinstance(value, str) and value.isdigit():
            return str(int(value) + by)
        if is_id and by < 0 and isinstance(value, str) and value.isdigit() and int(value) > self.OFFSET:
            return str(int(value) + by)
        return value


def _with_zeros() -> Behaviour:
    """Decimals have zeros at their end, which mean nothing."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        sent.content = re.sub(rb"(?<=[:\[, ])(-?\d+\.\d+)(?=[,}\]])", rb"\g<1>00", sent.content)
        return sent

    return behave


def _links_rewritten(_name: str, value: Any) -> Any:
    """Links have their parameters in another order, and one more."""
    if not isinstance(value, str) or not re.match(r"https?://.*/public-api/.*\?", value):
        return value
    path, _, query = value.partition("?")
    return f"{path}?{'&'.join(sorted(query.split('&'), reverse=True))}&_=1"


def _in_brackets(_received: Received, body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("errors"), dict):
        body["errors"] = {re.sub(r"\.(\d+)", r"[\1]", name): texts for name, texts in body["errors"].items()}


def _listed_later() -> Behaviour:
    """What was created is listed two seconds later."""
    listed_from: dict[Any, float] = {}

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "POST", "resources/user-groups/v1.0") and sent.status == 201:
            listed_from[json.loads(sent.content)["data"]["id"]] = time.monotonic() + 2
        if is_on(received, "GET", "resources/user-groups/v1.0") and sent.status == 200:
            rewrite(received, sent, lambda _, body: body | {"data": _listed(body["data"], listed_from)})
        return sent

    return behave


def _listed(items: list[Any], since: dict[Any, float]) -> list[Any]:
    return [item for item in items if since.get(item["id"], 0) < time.monotonic()]


def _gateway() -> Behaviour:
    """A gateway answers 502 now and then."""
    count = itertools.count()

    def behave(received: Received, forward: PassOn) -> Sent:
        if next(count) % 97 == 96:
            return Sent(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"})
        return forward(received)

    return behave


CORRECT = (
    ServerRow("ids are above 2^53", _LargeIds(), ["*/taxes/*", "*/user-groups/*", "*/tax-identification-numbers/*"]),
    ServerRow(
        "items of a page come in the opposite order",
        rewriting("GET", r"resources/[\w-]+/v[\d.]+", _items_reversed),
        ["*/utilities/*", "*/electricity-meters/*", "*/partner-contracts/*", "GET */locations/v*"],
    ),
    ServerRow("answers take 0.4 s", _slow, ["*/currencies/*"]),
    ServerRow(
        "newer versions show microseconds, older ones whole seconds",
        _with_fractions_in_v2,
        ["GET */locations/v*", "*/partners/v*", "*/electricity-rates/v*"],
    ),
    ServerRow("times end in +00:00", _moments(lambda text: f"{text[:-1]}+00:00"), _SOME),
    ServerRow("times have the zone -03:30", _moments(_in_the_west), _SOME),
    ServerRow("answers are compressed and come in pieces of 50 bytes", _compressed, ["*/taxes/*", "*/user-groups/*"]),
    ServerRow("each answer closes its connection, and headers are in lower case", _closing, ["*/taxes/*", "*/faqs/*"]),
    ServerRow("headers are in capitals, with cookies and weak ETags", _more_headers, ["*/taxes/*", "*/faqs/*"]),
    ServerRow(
        "refusals have other words, in another language", rewriting(".*", ".*", _other_words, failed=True), _SOME
    ),
    ServerRow("objects have fields that are not documented", rewriting(".*", ".*", everywhere(_more_fields)), _SOME),
    ServerRow("JSON is escaped, indented and sorted backwards", _escaped, _SOME),
    ServerRow(
        "user groups of others come, go and change",
        _others_come_and_go,
        ["*/user-groups/*"],
        _TENANT,
        hides_control=True,
    ),
    ServerRow(
        "what a limited token may not see is answered 404",
        _hidden_as_missing,
        ["*/sessions/v1.0/{session}", "*/partner-settlement-reports/*", "*/partner-contracts/*"],
    ),
    ServerRow(
        "numbers without decimals are whole",
        rewriting(".*", ".*", everywhere(_numbers)),
        ["*/top-up-packages/*", "*/taxes/*", "*/tariffs/v1.0*"],
    ),
    ServerRow(
        "decimals have zeros at their end",
        _with_zeros,
        ["*/top-up-packages/*", "*/taxes/v2.0*", "*/currency-rates/*", "GET */sessions/v1.0*"],
    ),
    ServerRow("moments are in small letters", _moments(str.lower), [*_SOME, "*/charge-point-downtime-periods/*"]),
    ServerRow(
        "links have their parameters in another order, and one more",
        rewriting("GET", ".*", everywhere(_links_rewritten)),
        ["GET */locations/v2.0", "GET */partners/v2.0", "GET */resources/users/v1.0", "GET */transactions/v1.0"],
    ),
    ServerRow(
        "refusals name nested fields as a[0].b",
        rewriting(".*", ".*", _in_brackets, failed=True),
        ["*/faqs/v2.0*", "*/tariff-groups/*", "*/taxes/v2.0*"],
    ),
    ServerRow(
        "new user groups are listed two seconds later", _listed_later, ["*/user-groups/*"], _TENANT, hides_control=True
    ),
    ServerRow(
        "a gateway answers 502 once in 97 requests",
        _gateway,
        ["*/user-groups/*", "GET */id-tags/v2.0*"],
        _TENANT,
        hides_control=True,
    ),
)
