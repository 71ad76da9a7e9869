"""Secrets are masked by name, by form and by known value, and nothing else is."""

import json

import pytest

from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.redaction import MASK, Redactor

TOKEN = "tok/en+0123456789"
REDACT = Redactor([TOKEN])


def test_the_token_is_masked_in_every_form_it_is_written_in() -> None:
    text = f"{TOKEN} tok%2Fen%2B0123456789 {json.dumps(TOKEN)}"
    assert REDACT.text(text) == f'{MASK} {MASK} "{MASK}"'


def test_a_part_of_one_secret_that_is_another_secret_leaves_nothing_of_it() -> None:
    assert Redactor(["abcdef", "abcdefgh"]).text("abcdefgh abcdef") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("sent Authorization: Bearer abc.def-123", f"sent Authorization: Bearer {MASK}"),
        ('{"saslPassword": "hunter2", "na', f'{{"saslPassword": "{MASK}", "na'),
        ("{'client_secret': 'hunter2'}", f"{{'client_secret': '{MASK}'}}"),
        ("(('X-Signature', 'hunter2'),)", f"(('X-Signature', '{MASK}'),)"),
        ('"password": "cut of', f'"password": "{MASK}"'),
        ('{"iban": "DE89370400440532013000"}', f'{{"iban": "{MASK}"}}'),
        ("'sharingCode': 'hunter2'", f"'sharingCode': '{MASK}'"),
        ("'token', 'name' are required", "'token', 'name' are required"),
        ('{"name": "Ann", "tokenType": "card"}', '{"name": "Ann", "tokenType": "card"}'),
        ("The bearer of this ticket", "The bearer of this ticket"),
    ],
)
def test_secrets_in_messages_and_tracebacks(text: str, masked: str) -> None:
    assert REDACT.text(text) == masked


def test_headers() -> None:
    headers = (("authorization", "Bearer x1234"), ("Cookie", "a=b"), ("X-Signature", "s1"), ("Accept", "*/*"))
    assert [value for _, value in REDACT.headers(headers)] == [f"Bearer {MASK}", MASK, MASK, "*/*"]


def test_query_values() -> None:
    url = f"https://x.test/a?access_token=abc&filter%5Bpassword%5D=abc&cursor=abc&q={TOKEN}&empty_token="
    masked = f"https://x.test/a?access_token={MASK}&filter%5Bpassword%5D={MASK}&cursor=abc&q={MASK}&empty_token="
    assert REDACT.url(url) == masked


def test_json_bodies_at_every_depth() -> None:
    body = {
        "data": [{"secret": "a", "idTagUid": "b"}, {"apiKeys": ["a", {"value": "b"}], "pin": 1234}],
        "token": None,
        "passwordSet": True,
        "authorizationId": "17",
    }
    shown = json.loads(REDACT.body(json.dumps(body).encode()))
    assert shown == {
        "data": [{"secret": MASK, "idTagUid": "b"}, {"apiKeys": [MASK, {"value": MASK}], "pin": MASK}],
        "token": None,
        "passwordSet": True,
        "authorizationId": "17",
    }


def test_bodies_that_are_no_json() -> None:
    assert REDACT.body(b"grant=code&client_secret=abc") == f"grant=code&client_secret={MASK}"
    assert REDACT.body(b"\xff\x00 plain") == "\ufffd\x00 plain"


def test_secrets_of_an_exchange_are_masked_in_messages_about_it() -> None:
    exchange = Exchange(
        Request("POST", "https://x.test/a?token=query-canary", (), b'{"user": {"password": "request-canary"}}'),
        Response(422, "", (("Set-Cookie", "cookie-canary"),), b'{"data": [{"secret": ["response-canary"]}]}'),
        0.0,
        0.0,
    )
    told = "query-canary, request-canary, cookie-canary and response-canary are taken"
    assert REDACT.knowing(exchange).text(told) == f"{MASK}, {MASK}, {MASK} and {MASK} are taken"
    assert REDACT.text(told) == told


def test_the_data_of_people_is_masked_where_people_are_real() -> None:
    user = {"firstName": "Annika", "phone": 4915112345, "emailVerified": True, "name": "Depot", "address": "Main 1"}
    exchange = Exchange(
        Request("GET", "https://x.test/users?filter%5Bemail%5D=annika%40example.org"),
        Response(200, body=json.dumps({"data": [user], "message": "annika@example.org is taken"}).encode()),
        0.0,
        0.0,
    )
    assert exchange.response is not None
    told = "no receipt for Annika (annika@example.org)"
    private, public = (Redactor([TOKEN], personal=personal) for personal in (True, False))
    assert private.knowing(exchange).text(told) == f"no receipt for {MASK} ({MASK})"
    assert json.loads(private.body(exchange.response.body)) == {
        "data": [user | {"firstName": MASK, "phone": MASK}],
        "message": f"{MASK} is taken",
    }
    assert private.url(exchange.request.url) == f"https://x.test/users?filter%5Bemail%5D={MASK}"
    assert public.knowing(exchange).text(told) == told


def test_secrets_are_in_no_repr() -> None:
    exchange = Exchange(
        Request("GET", "https://x.test", (("Authorization", f"Bearer {TOKEN}"),), TOKEN.encode()),
        Response(200, "", (("Set-Cookie", TOKEN),), TOKEN.encode()),
        0.0,
        0.0,
    )
    assert TOKEN not in repr(exchange)
