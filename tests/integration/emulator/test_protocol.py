"""Authentication, limits, routing, validation, pagination, filters: what holds for every resource."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count, permutations
from threading import Event
from typing import Any

import httpx
import pytest

from tests.support.emulator import PREFIX, TOKEN, RunningEmulator

USERS = "/resources/users/v1.0"


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
def test_a_token_is_required(emulator: RunningEmulator, value: str | None) -> None:
    headers = {"Authorization": value} if value is not None else {}
    with httpx.Client(base_url=emulator.client.base_url, trust_env=False) as stranger:
        answer = stranger.get(PREFIX + USERS, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthenticated."})
    assert answer.headers["x-app-version"]


def test_a_read_only_token_may_not_write(emulator: RunningEmulator) -> None:
    emulator.control("POST", "/tokens", {"token": "reader", "role": "read-only"})
    with httpx.Client(base_url=emulator.client.base_url, trust_env=False) as client:
        headers = {"Authorization": "Bearer reader"}
        assert client.get(PREFIX + USERS, headers=headers).status_code == 200
        assert client.post(PREFIX + USERS, json={}, headers=headers).status_code == 403


def test_a_refused_write_changes_nothing(emulator: RunningEmulator) -> None:
    address, before = f"{PREFIX}/resources/taxes/v2.0/1", emulator.data("/resources/taxes/v2.0")
    with httpx.Client(base_url=emulator.client.base_url, trust_env=False) as client:
        assert client.patch(address, json={"name": "Changed"}).status_code == 401
        assert client.delete(address).status_code == 401
    assert emulator.client.patch(address, json={"name": "Changed", "percentage": "many"}).status_code == 422
    assert emulator.data("/resources/taxes/v2.0") == before


def test_requests_beyond_the_limit_get_429(start: Callable[..., RunningEmulator]) -> None:
    emulator = start("--rate-limit", "3")
    answers = [emulator.get(USERS) for _ in range(8)]
    left = [answer.headers["x-ratelimit-remaining"] for answer in answers if answer.status_code == 200]
    # A window of a minute may end in between; each counts down by itself.
    window = ["2", "1", "0"]
    assert left in [window[:before] + window[: len(answers) - before] for before in range(len(answers) + 1)]
    held = [answer for answer in answers if answer.status_code == 429]
    assert held
    assert {"x-ratelimit-reset" in answer.headers for answer in answers if answer.status_code == 200} == {False}
    assert int(held[0].headers["x-ratelimit-reset"]) % 60 == 0
    assert int(held[0].headers["retry-after"]) >= 1
    assert held[0].headers["x-ratelimit-limit"] == "3"
    assert "message" in held[0].json()


def test_requests_beyond_the_daily_limit_get_429_until_midnight(start: Callable[..., RunningEmulator]) -> None:
    emulator = start("--rate-limit", "1000", "--daily-limit", "2")
    answers = [emulator.get(USERS) for _ in range(5)]
    # The day may end in between.
    held = [answer for answer in answers if answer.status_code == 429]
    assert held
    assert held[0].headers["x-ratelimit-limit"] == "2"
    assert int(held[0].headers["x-ratelimit-reset"]) % 86_400 == 0
    assert answers[0].headers["x-ratelimit-limit"] == "1000"


def test_a_feature_that_is_off_is_refused(start: Callable[..., RunningEmulator]) -> None:
    emulator = start("--feature-off", "vouchers", "--strict")
    vouchers = "/resources/vouchers/v2.0"
    refused = emulator.get(vouchers)
    assert (refused.status_code, refused.json()) == (404, {"message": "Feature is not enabled"})
    assert emulator.get("/resources/taxes/v2.0").status_code == 200
    emulator.control("PATCH", "/settings", {"featuresOff": ["languages"]})
    assert emulator.get(vouchers).status_code == 200
    invite = {"email": "a@example.com", "locale": "en"}
    named = emulator.client.post(PREFIX + USERS, json=invite).json()["errors"]
    assert named["locale"] == ["Feature is not enabled"]
    emulator.control("PATCH", "/settings", {"featuresOff": ["notifications"]})
    assert emulator.get("/notifications/v1.0").status_code == 404


def test_unknown_paths_and_methods(emulator: RunningEmulator) -> None:
    unrouted = emulator.get("/resources/nothing/v1.0")
    assert unrouted.status_code == 404
    assert unrouted.json()["message"] == "The route public-api/resources/nothing/v1.0 could not be found."
    answer = emulator.client.put(PREFIX + USERS, json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


def test_a_location_is_shown_in_the_form_of_each_version(newest: RunningEmulator) -> None:
    old, new = ("/resources/locations/v1.0", "/resources/locations/v2.0")
    texts = [{"locale": "en", "translation": "Lane 1"}, {"locale": "fr", "translation": "Allée 1"}]
    assert newest.client.patch(f"{PREFIX}{new}/1", json={"address": texts, "postCode": "1000"}).status_code == 200
    shown = newest.data(f"{old}/1")
    assert (shown["address"], shown["post_code"]) == ({"en": "Lane 1", "fr": "Allée 1"}, "1000")
    assert newest.client.patch(f"{PREFIX}{old}/1", json={"name": {"en": "One"}}).status_code == 200
    assert newest.data(f"{new}/1")["name"] == [{"locale": "en", "translation": "One"}]
    here = newest.data("/resources/charge-points/v2.0", **{"filter[locationId]": 1, "per_page": 100})
    public = [item["id"] for item in here if item["type"] == "public"]
    assert (shown["public_charge_points"], shown["public_charge_points_ids"]) == (len(public), public)
    newest.client.patch(f"{PREFIX}/resources/charge-points/v2.0/{public[0]}", json={"status": "disabled"})
    assert newest.data(f"{old}/1")["public_charge_points_ids"] == public[1:]


def test_head_is_answered_as_get_without_a_body(emulator: RunningEmulator) -> None:
    read, asked = (emulator.client.request(method, PREFIX + USERS) for method in ("GET", "HEAD"))
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == read.headers["content-length"]
    assert emulator.client.head(f"{PREFIX}{USERS}/999999").status_code == 404


def test_options_names_the_methods(emulator: RunningEmulator) -> None:
    answer = emulator.client.options(PREFIX + USERS)
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, POST")
    assert emulator.client.options(f"{PREFIX}/resources/nothing/v1.0").status_code == 404


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_is_of_any_case(emulator: RunningEmulator, scheme: str) -> None:
    answer = emulator.client.get(PREFIX + USERS, headers={"Authorization": f"{scheme} {TOKEN}"})
    assert answer.status_code == 200


def test_a_page_of_another_origin_may_call_it(emulator: RunningEmulator) -> None:
    page = {"Origin": "https://app.test"}
    asked = {**page, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    with httpx.Client(base_url=emulator.client.base_url, trust_env=False) as browser:
        allowed = browser.options(PREFIX + USERS, headers=asked)
    assert allowed.status_code == 200
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    read = emulator.client.get(PREFIX + USERS, headers=page).headers
    assert read["access-control-allow-origin"] == read["access-control-expose-headers"] == "*"
    assert "access-control-allow-origin" not in emulator.client.get(PREFIX + USERS).headers


def test_literal_segments_take_precedence(emulator: RunningEmulator) -> None:
    operator = emulator.data("/resources/roaming-operators/v2.0")[0]["id"]
    path = f"/resources/roaming-operators/v2.0/{operator}/custom-tariff-filters"
    order = [{"id": item["id"], "order": number} for number, item in enumerate(emulator.data(path), 1)]
    answer = emulator.client.put(f"{PREFIX}{path}/reorder", json={"filters": order, "data": order})
    assert answer.status_code in (200, 422)


def test_invalid_fields_are_named(emulator: RunningEmulator) -> None:
    answer = emulator.post(USERS, {"email": 7, "password": "x"})
    assert answer.status_code == 422
    assert "email" in answer.json()["errors"]
    assert "password" in emulator.post(USERS, {"email": "ada@example.com"}).json()["errors"]
    broken = emulator.client.post(PREFIX + USERS, content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 422
    assert emulator.get(f"{USERS}/no-number").status_code == 404


def test_references_must_exist_and_addresses_are_unique(emulator: RunningEmulator) -> None:
    answer = emulator.post("/resources/charge-point-models/v1.0", {"name": "M", "vendorId": 99999})
    assert list(answer.json()["errors"]) == ["vendorId"]
    address = emulator.data(USERS)[0]["email"]
    assert "email" in emulator.post(USERS, {"email": address, "password": "Secret-1-word"}).json()["errors"]


def test_a_patch_merges_and_both_versions_show_it(emulator: RunningEmulator) -> None:
    path = "/resources/charge-points/v2.0/1"
    before = emulator.data(path)
    answer = emulator.client.patch(PREFIX + path, json={"name": "Renamed", "status": "disabled"})
    assert answer.json()["data"] | {"lastUpdatedAt": ""} == before | {
        "name": "Renamed",
        "status": "disabled",
        "lastUpdatedAt": "",
    }
    old = emulator.data("/resources/charge-points/v1.0/1")
    assert (old["name"], old["status"]) == ("Renamed", "disabled")
    emulator.client.patch(PREFIX + path, json={"status": "enabled"})
    assert emulator.data("/resources/charge-points/v1.0/1")["status"] == "active"


@pytest.mark.parametrize(
    ("path", "forged"),
    [
        ("/resources/users/v1.0/2", {"balance": 1e6, "status": "disabled"}),
        ("/resources/locations/v2.0/1", {"status": "disabled"}),
        ("/resources/evses/v2.1/1", {"chargePointId": 2}),
        ("/resources/electricity-rates/v2.0/1", {"type": "elspot"}),
        ("/resources/configuration-templates/v1.0/1", {"ocppVersion": "ocpp 2.0.1"}),
        ("/resources/partners/v2.0/1", {"businessName": "Another"}),
    ],
)
def test_an_update_writes_what_it_documents_only(emulator: RunningEmulator, path: str, forged: dict[str, Any]) -> None:
    before = emulator.data(path)
    assert emulator.client.patch(PREFIX + path, json={"name": "n", **forged}).status_code in (200, 422)
    after = emulator.data(path)
    assert {name: after.get(name) for name in forged} == {name: before.get(name) for name in forged}


@pytest.mark.parametrize("first", [{"cursor": ""}, {"cursor": "null"}, {"page": 1}])
def test_pages_stay_stable_while_others_insert(emulator: RunningEmulator, first: dict[str, Any]) -> None:
    expected = [item["id"] for item in emulator.data(USERS, per_page=100)]
    seen: list[Any] = []
    has_begun, is_over = Event(), Event()

    def insert() -> None:
        with httpx.Client(base_url=emulator.client.base_url, headers=emulator.client.headers, trust_env=False) as other:
            for number in count():
                if is_over.is_set() or number > 60:
                    return
                body = {"email": f"inserted-{number}@example.com", "password": "Secret-1-word"}
                assert other.post(PREFIX + USERS, json=body).status_code == 201
                has_begun.set()

    with ThreadPoolExecutor(1) as pool:
        inserting = pool.submit(insert)
        assert has_begun.wait(20)
        url: str | None = str(httpx.URL(PREFIX + USERS, params={"per_page": 2, **first}))
        while url is not None:
            page = emulator.client.get(url).json()
            seen += [item["id"] for item in page["data"]]
            url = page["links"]["next"]
            if len(seen) > len(expected):
                is_over.set()
        inserting.result()
    assert seen[: len(expected)] == expected
    assert len(seen) == len(set(seen)) > len(expected)


def test_numbered_pages_have_correct_meta_and_links(emulator: RunningEmulator) -> None:
    page = emulator.get(USERS, per_page=10, page=2).json()
    total = page["meta"]["total"]
    assert (page["meta"]["from"], page["meta"]["to"], page["meta"]["last_page"]) == (11, 20, -(-total // 10))
    assert page["links"]["prev"] is not None
    assert emulator.get(USERS, per_page=10, page=1).json()["links"]["prev"] is None
    beyond = emulator.get(USERS, per_page=10, page=99).json()
    assert (beyond["data"], beyond["meta"]["from"], beyond["meta"]["to"]) == ([], None, None)


@pytest.mark.parametrize("page", ["9" * 16, "9" * 23, "9" * 400])
@pytest.mark.parametrize("path", ["/notifications/v1.0", "/resources/users/v1.0"])
def test_an_absurd_page_is_answered(emulator: RunningEmulator, path: str, page: str) -> None:
    answer = emulator.get(path, page=page)
    assert answer.status_code == 200
    assert answer.json()["meta"]["current_page"] == 1


def test_links_work_where_no_page_parameter_is_documented(emulator: RunningEmulator) -> None:
    """The listing of downtime periods documents per_page only."""
    path = "/resources/charge-point-downtime-periods/v1.0"
    made = [emulator.post(path).json()["data"]["id"] for _ in range(2)]
    page = emulator.get(path, per_page=1).json()
    ids = [page["data"][0]["id"]]
    while (link := page["links"]["next"]) is not None:
        page = emulator.client.get(link).json()
        ids.append(page["data"][0]["id"])
    assert len(ids) == len(set(ids))
    assert set(made) <= set(ids)


def test_links_keep_filters_of_several_values(emulator: RunningEmulator) -> None:
    first = emulator.get("/resources/transactions/v1.0", per_page=1, **{"filter[purchaseType][]": ["session"]}).json()
    second = emulator.client.get(first["links"]["next"]).json()
    assert second["meta"]["total"] == first["meta"]["total"]
    assert second["data"][0]["purchaseResourceType"] == "session"


def test_links_point_to_the_proxy(emulator: RunningEmulator) -> None:
    headers = {"X-Forwarded-Host": "api.example.com", "X-Forwarded-Proto": "https"}
    page = emulator.client.get(PREFIX + USERS, params={"per_page": 5, "page": 1}, headers=headers).json()
    assert page["links"]["next"].startswith("https://api.example.com/public-api/resources/users/v1.0?")


@pytest.mark.parametrize(
    ("query", "keeps"),
    [
        ({"filter[status]": "pending"}, lambda session: session["status"] == "pending"),
        ({"filter[billingStatus]": "null"}, lambda session: session["billingStatus"] is None),
        ({"filter[evseId]": "3"}, lambda session: session["evseId"] == 3),
        ({"filter[startedAfter]": "2026-05-15T00:00:00Z"}, lambda session: session["startedAt"] > "2026-05-15"),
        ({"filter[endedBefore]": "2026-05-15T00:00:00Z"}, lambda session: (session["stoppedAt"] or "9") < "2026-05-15"),
        ({"filter[taxId]": "1"}, lambda session: session["tax"]["taxId"] == 1),
        *(
            (
                dict(both),
                lambda session: session["startedAt"] > "2026-05-10" and (session["stoppedAt"] or "9") < "2026-05-15",
            )
            for both in permutations(
                {"filter[startedAfter]": "2026-05-10T00:00:00Z", "filter[endedBefore]": "2026-05-15T00:00:00Z"}.items()
            )
        ),
    ],
)
def test_filters_keep_what_matches(
    emulator: RunningEmulator, query: dict[str, str], keeps: Callable[[Any], bool]
) -> None:
    everything = emulator.data("/resources/sessions/v1.0", per_page=100)
    expected = [session["id"] for session in everything if keeps(session)]
    assert len(expected) > 0
    assert [session["id"] for session in emulator.data("/resources/sessions/v1.0", **query)] == expected


@pytest.mark.parametrize("created_as", ["private", "public"])
@pytest.mark.parametrize(("version", "kind"), [("v2.0", "type"), ("v1.0", "accessType")])
def test_a_filter_accepts_the_values_that_each_version_shows(
    emulator: RunningEmulator, version: str, kind: str, created_as: str
) -> None:
    place = {"locationId": 1, "networkId": f"{version}-{created_as}", "communicationMode": "direct_ocpp"}
    body = {"name": "kind", "type": created_as, "status": "enabled", **place}
    created = emulator.post("/resources/charge-points/v2.0", body).json()["data"]["id"]
    path = f"/resources/charge-points/{version}"
    assert emulator.data(f"{path}/{created}")[kind] == created_as
    for value in ("public", "private"):
        found = [item["id"] for item in emulator.data(path, **{f"filter[{kind}]": value, "per_page": 100})]
        assert (created in found) == (value == created_as)


def test_a_filter_finds_a_required_field_that_was_never_set(emulator: RunningEmulator) -> None:
    path = "/resources/electricity-rates/v2.0"
    created = emulator.post(path, {"name": "rate", "defaultPrice": 0.2, "taxPercentage": 0}).json()["data"]
    found = emulator.data(path, **{"filter[type]": created["type"], "per_page": 100})
    assert created["id"] in [item["id"] for item in found]


def test_a_filter_finds_a_required_field_that_only_another_version_spells_so(emulator: RunningEmulator) -> None:
    text = [{"locale": "en", "translation": "Depot"}]
    place = {"geoposition": {"latitude": 1, "longitude": 1}, "country": "BG"}
    emulator.post("/resources/locations/v2.0", {"name": text, "address": text, **place})
    (shown,) = emulator.data("/resources/locations/v1.0", per_page=100)[-1:]
    found = emulator.data("/resources/locations/v1.0", **{"filter[postCode]": shown["post_code"], "per_page": 100})
    assert shown["id"] in [item["id"] for item in found]


def test_required_fields_of_a_creation_without_a_body_are_generated_once(emulator: RunningEmulator) -> None:
    path = "/resources/charge-point-downtime-periods/v1.0"
    created = emulator.post(path).json()["data"]
    emulator.advance(60)
    assert emulator.data(f"{path}/{created['id']}") == created
    found = emulator.data(path, **{"filter[startedAfter]": "2000-01-01T00:00:00Z", "per_page": 100})
    assert created in found


def test_invalid_fields_are_ignored_where_no_refusal_is_documented(newest: RunningEmulator) -> None:
    """No refusal of a subscription's body is documented at v1.0."""
    answer = newest.post("/notifications/v1.0", {"notifications": "AAA", "callbackUrl": "http://127.0.0.1:9/"})
    assert (answer.status_code, answer.json()["notifications"]) == (201, [])
    renamed = newest.client.patch(f"{PREFIX}/resources/charge-points/v2.0/1", json={"name": "Renamed"})
    assert renamed.status_code == 200


def test_a_bulk_action_ignores_unknown_filters(newest: RunningEmulator) -> None:
    before = groups_of_evses(newest)
    asked = {"tariffGroupId": 2, "filters": {"evseIds": [2], "unknown": True}}
    assert newest.post("/actions/evse/v1.0/bulk-assign-tariff-group", asked).is_success
    assert groups_of_evses(newest) == before | {2: 2}
    assert before[2] != 2


def groups_of_evses(emulator: RunningEmulator) -> dict[int, int]:
    return {evse["id"]: evse["tariffGroupId"] for evse in emulator.data("/resources/evses/v2.1", per_page=100)}


def test_an_early_year_is_written_with_four_digits(newest: RunningEmulator) -> None:
    asked = {"startAfter": "0999-01-01T00:00:00Z", "endBefore": "0999-01-01T01:00:00Z"}
    answer = newest.post("/actions/locations/v2.0/1/check-booking-availability", asked)
    assert '"0999-01-01T00:00:00Z"' in answer.text


def test_group_and_user_resolve_to_one_tariff(emulator: RunningEmulator) -> None:
    answer = emulator.get("/resources/tariffs/v1.0", **{"filter[tariffGroupId]": 1, "filter[userId]": ""}).json()
    assert [tariff["id"] for tariff in answer["data"]] == [1]
    assert "meta" not in answer


def test_spirii_refuses_in_its_own_form(start: Callable[..., RunningEmulator]) -> None:
    emulator = start("--api", "spirii")
    error = emulator.client.get("/v1/charge-records/999999").json()["error"]
    assert error["type"] == "not_found"
    assert emulator.client.get("/v1/charge-records").json()["data"]


@pytest.mark.parametrize("key", ["date", "weekDay"])
def test_the_price_periods_of_a_day_are_read_as_they_are_listed(emulator: RunningEmulator, key: str) -> None:
    days = f"/resources/electricity-rates/v2.0/1/price-periods/{key.replace('D', '-d')}"
    for price, day in enumerate((item[key] for item in emulator.data(days)), start=2):
        period = {"startsAt": "00:00", "endsAt": "00:00", "price": price}
        emulator.client.put(f"{PREFIX}{days}/{day}", json={"periods": [period]})
    listed = emulator.data(days)
    assert len(listed) == len({item[key] for item in listed}) > 1
    assert [emulator.data(f"{days}/{item[key]}")["periods"] for item in listed] == [item["periods"] for item in listed]
