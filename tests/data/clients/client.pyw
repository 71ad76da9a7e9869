import os
import requests
from urllib.parse import urlencode

BASE = os.environ.get("AMPECO_URL", "https://tenant.test/public-api")
USERS = "/resources/users/v1.0"
QUERY = "?per_page=10&filter[status]=active"


class Ampeco:
    """GET /public-api/resources/userz/v1.0 is only mentioned here."""

    def __init__(self, base_url: str = BASE):
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()

    def _get(self, path, params=None):
        return self._session.get(f"{self.base_url}{path}", params=params)

    def users(self):
        return requests.get(BASE + USERS, params={"per_page": 10, "filter[email]": "a@example.com"})

    def user(self, user_id):
        return self._get(f"{USERS}/{user_id}")

    def sessions(self, cursor=""):
        return requests.get(f"{BASE}/resources/sessions/v1.0{QUERY}&cursor={cursor}")

    def named(self, name):
        return self._session.get(f"{self.base_url}/resources/{name}/v1.0")

    def several(self):
        params = {"per_page": 100, "include[]": ["externalAppData"]}
        params["filter[startedAfter]"] = "2026-01-01T00:00:00"
        return self._session.get("{}/resources/sessions/v1.0".format(self.base_url), params=params)

    def start(self, evse):
        return requests.post("%s/actions/evse/v1.0/%d/start" % (BASE, evse), json={"userId": 5})

    def create(self, values):
        return requests.post(BASE + USERS, json={"email": "a@example.com", **values})

    def joined(self):
        return requests.request("GET", "/".join([BASE, "resources", "taxes", "v2.0"]), timeout=5)

    def other(self):
        return requests.get("https://other.test/resources/things/v1.0?limit=5")


def limit():
    return requests.get(BASE + USERS, params={"limit": 10})  # !unknown-parameter


def limit_of_variable():
    query = {"filter[state]": "active"}
    query["offset"] = 20
    return requests.get(BASE + "/resources/sessions/v1.0", params=query)  # !unknown-filter, unknown-parameter


def version(user):
    return requests.get(f"{BASE}/resources/users/v2.0/{user.id}")  # !unknown-version


def path():
    return requests.get(BASE + "/resources/session/v1.0")  # !unknown-operation


def method(user):
    return requests.put("{}/resources/users/v1.0/{}".format(BASE, user), json={})  # !unknown-method


def encoded():
    return requests.get(BASE + "/resources/sessions/v1.0?" + urlencode({"perPage": 5}))  # !unknown-parameter


def body():
    return requests.post(f"{BASE}{USERS}", json={"email": "a@example.com", "pass": "x"})  # !unknown-field, missing-field


def kind(tag):
    return requests.patch(f"{BASE}/resources/id-tags/v2.0/{tag}", json={"userId": "5"})  # !invalid-field


def wrapped(client):
    return client._get("/resources/charge-point/v2.0")  # !unknown-operation


def paged():
    return requests.get(f"{BASE}/resources/sessions/v1.0", params=dict(page=2))  # !page-style-ended


def form():
    return requests.post(f"{BASE}/resources/taxes/v2.0", data={"name": "VAT", "percentage": 20})  # !media-type


def old():
    return requests.get(BASE + "/resources/charge-points/v1.0")  # !deprecated-operation


def joined_url():
    return URL(BASE) / "resources" / "users" / "v9.0"  # !unknown-version
