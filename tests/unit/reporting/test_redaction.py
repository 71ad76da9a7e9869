"""Secrets are masked by name, by form and by known value, and nothing else is."""

import base64
import json

import pytest

from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.redaction import MASK, Redactor
from ampeco_conformance.core.tenant_data import AllowList, TenantData

TOKEN = "tok/en+0123456789"
REDACT = Redactor([TOKEN])


def test_the_token_is_masked_in_every_form_it_is_written_in() -> None:
    text = f"{TOKEN} tok%2Fen%2B0123456789 {json.dumps(TOKEN)}"
    assert REDACT.text(text) == f'{MASK} {MASK} "{MASK}"'


def test_a_part_of_one_secret_that_is_another_secret_leaves_nothing_of_it() -> None:
    assert Redactor(["abcdef-1", "abcdef-1gh"]).text("abcdef-1gh abcdef-1") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    "word", ["status", "passed", "limited", "GET", "200", "a", "1234", "exit_code", "read-only", "v1.0", "cafe"]
)
def test_a_token_that_is_an_ordinary_word_leaves_the_words_of_the_reports(word: str) -> None:
    redact = Redactor([word], disguised=True)
    sentence = f"GET /{word}/v1.0: the field '{word}' is {word}, not {word}s"
    assert redact.text(sentence) == sentence
    assert redact.url(f"https://x.test/{word}?{word}={word}") == f"https://x.test/{word}?{word}={word}"
    assert json.loads(redact.sent_body(json.dumps({word: word}).encode())) == {word: word}
    assert not redact.reveals_secret(json.dumps({word: word}))
    assert redact.value({word: 1}, received=True) == {word: 1}


@pytest.mark.parametrize("secret", ["abc123", "CanaryOfATest", "12345678", "0deadbeef", "emulator-token"])
def test_a_token_that_no_text_has_by_chance_is_masked_everywhere(secret: str) -> None:
    redact = Redactor([secret])
    assert redact.text(f"the field {secret}") == f"the field {MASK}"
    assert redact.reveals_secret(secret)


@pytest.mark.parametrize("word", ["status", "1234"])
def test_a_token_that_is_an_ordinary_word_is_masked_where_the_target_shows_it(word: str) -> None:
    redact = Redactor([word])
    answered = {word: f"{word}s", "message": f"The token {word} has no access", "values": [word]}
    shown = {word: f"{word}s", "message": f"The token {MASK} has no access", "values": [MASK]}
    assert json.loads(redact.body(json.dumps(answered).encode(), received=True)) == shown
    assert redact.body(f"no access for {word}".encode(), received=True) == f"no access for {MASK}"
    assert redact.headers((("X-Caller", word),), received=True) == (("X-Caller", MASK),)
    assert redact.reason(f"{word} refused", 403) == f"{MASK} refused"


@pytest.mark.parametrize("word", ["status", "GET", "a"])
def test_a_token_that_is_an_ordinary_word_is_masked_as_credentials(word: str) -> None:
    redact = Redactor([word])
    assert redact.headers((("Authorization", f"Bearer {word}"),)) == (("Authorization", f"Bearer {MASK}"),)
    assert redact.known(f"Bearer {word}") == f"Bearer {MASK}"
    assert redact.holds_secret(f"Bearer {word}")


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


def test_a_switch_with_the_name_of_a_secret_hides_neither_itself_nor_other_switches() -> None:
    url = "https://x.test/a?withAuthorization=true&withPriceBreakdown=true&withToken=abc"
    exchange = Exchange(Request("GET", url, (), None), None, 0.0, 0.0)
    assert REDACT.knowing(exchange).url(url) == url.replace("abc", MASK)


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


ALLOW = AllowList(
    forms={"data": frozenset(), "id": frozenset({"number"}), "status": frozenset({"enum"}), "at": frozenset({"date"})},
    enums={"status": frozenset({"enabled"})},
    words=frozenset({"the", "name", "is", "taken", "status"}),
    segments=frozenset({"users", "v1.0"}),
)


def exchange_with(answer: object, sent: object = None) -> Exchange:
    """A request, with a response that has this JSON body."""
    request = Request("POST", "https://x.test/users", (), json.dumps(sent).encode())
    return Exchange(request, Response(200, body=json.dumps(answer).encode()), 0.0, 0.0)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"id": 17, "status": "enabled", "at": "2026-11-28"}, {"id": 17, "status": "enabled", "at": "2026-11-28"}),
        ({"status": "newState", "at": "Main 5"}, {"status": "newState", "at": "Xxxx 9"}),
        ({"status": "Ada L", "id": 4929123456789014}, {"status": "Xxx X", "id": 9999999999999999}),
        ({"note": {"id": 12, "ok": True}}, {"note": {"id": 99, "ok": True}}),
        ({"latitude": 55.7, "birthYear": 1999, "token": "a"}, {"latitude": 9.9, "birthYear": 9999, "token": MASK}),
        ({"Ada Lovelace": None, "addedIn2026By": ""}, {"Xxx Xxxxxxxx": None, "xxxxxXx9999Xx": ""}),
        ({"message": "The name Ada is taken"}, {"message": "The name Xxx is taken"}),
        ({"data": "https://ada.dk/users/v1.0/7?page=2&q=ada"}, {"data": "https://xxx.xx/users/v1.0/7?page=2&q=xxx"}),
    ],
)
def test_an_answer_is_shown_by_what_the_specification_types(value: object, shown: object) -> None:
    body = json.dumps(value).encode()
    assert json.loads(Redactor([], tenant=TenantData(ALLOW)).body(body, received=True)) == shown
    assert json.loads(Redactor([]).body(body, received=True)) == json.loads(REDACT.body(body))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'Bo' is not Ada Lovelace", "'Xx' is not Xxx Xxxxxxxx"),
        ("cut to Lovela ... velace", "cut to Xxxxxx ... xxxxxx"),
        ("plates AB 12 345", "plates XX 99 999"),
        ("ADA, conform-1 and status", "XXX, conform-1 and status"),
        ("a list: QX 77 421", "a list: XX 99 999"),
        ("+45 20 98 76 54, DK5000400440116243", "+99 99 99 99 99, XX9999999999999999"),
        ("password='x1y2', Authorization: Bearer abcd1", f"password='{MASK}', Authorization: Bearer {MASK}"),
    ],
)
def test_what_a_tenant_has_answered_is_masked_in_messages(text: str, shown: str) -> None:
    exchange = exchange_with(
        {"a": "Bo", "b": "Ada Lovelace", "c": "AB 12 345", "d": "conform-1", "e": "here is a text with QX 77 421"},
        ["conform-1"],
    )
    tenant = TenantData(ALLOW)
    tenant.observe(exchange)
    assert Redactor([TOKEN], tenant=tenant).knowing(exchange).text(text) == shown


def test_the_address_of_a_target_is_shown_though_its_answers_have_it() -> None:
    tenant = TenantData(own=("staging", "http://127.0.0.1:36253"))
    tenant.learn("http://127.0.0.1:36253/public-api/resources/users/v1.0?page=2")
    tenant.learn("127.0.0.1 45 678")
    assert tenant.words("http://127.0.0.1:36253 is gone, 45 678 too") == "http://127.0.0.1:36253 is gone, 99 999 too"


def test_what_the_suite_sent_is_shown_until_the_tenant_has_answered_it() -> None:
    tenant = TenantData(ALLOW, known=["card-7"])
    tenant.observe(exchange_with({"name": "Ada"}, {"name": "conform-1", "filter": "card-7"}))
    redact = Redactor([], tenant=tenant)
    assert json.loads(redact.sent_body(b'["conform-1", "Ada", "card-7"]')) == ["conform-1", "Xxx", "xxxx-9"]
    assert redact.url("https://x.test/users/Ada?q=conform-1") == "https://x.test/users/Xxx?q=conform-1"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Content-Type", "application/json; charset=utf-8", "application/json; charset=utf-8"),
        ("Content-Type", "text/plain; name=Ada", "xxxx/xxxxx; xxxx=Xxx"),
        ("X-Trace", "123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
        ("X-User", "Ada", "Xxx"),
        ("X-RateLimit-Remaining", "59", "59"),
    ],
)
def test_headers_of_an_answer(name: str, value: str, shown: str) -> None:
    assert Redactor([], tenant=TenantData()).headers(((name, value),), received=True) == ((name, shown),)


@pytest.mark.parametrize(
    "disguise",
    [
        TOKEN[:8],
        TOKEN[8:],
        TOKEN[::-1],
        TOKEN.encode().hex(),
        TOKEN[:9].encode().hex().upper(),
        base64.b64encode(TOKEN.encode()).decode(),
        base64.b64encode(b"user:" + TOKEN.encode()).decode()[8:],
        base64.urlsafe_b64encode(TOKEN[:9].encode()).decode(),
    ],
)
def test_parts_and_encodings_of_a_secret_are_masked(disguise: str) -> None:
    redact = Redactor([TOKEN], disguised=True)
    assert redact.reveals_secret(f"x {disguise} y")
    shown = redact.text(f"x {disguise} y")
    assert MASK in shown
    assert len(shown) < len(f"x {disguise} y") / 2 + 6
    assert disguise not in redact.known(f"{'y ' * 100}{disguise}")
    assert redact.text("tok/en is no secret") == "tok/en is no secret"


def test_a_word_that_a_secret_begins_with_is_no_part_of_it() -> None:
    redact = Redactor(["emulator-token"], disguised=True)
    assert redact.text("version emulator") == "version emulator"
    assert not redact.reveals_secret("version emulator")
    assert redact.text("emulator-to") == f"em{MASK}"


def test_secrets_are_in_no_repr() -> None:
    exchange = Exchange(
        Request("GET", "https://x.test", (("Authorization", f"Bearer {TOKEN}"),), TOKEN.encode()),
        Response(200, "", (("Set-Cookie", TOKEN),), TOKEN.encode()),
        0.0,
        0.0,
    )
    assert TOKEN not in repr(exchange)


def test_the_id_of_a_check_stays_readable_though_the_tenant_uses_its_words() -> None:
    tenant = TenantData(known=["Expense", "Hidden"])
    tenant.show("expense-discount")
    assert tenant.words("[expense-discount] Hidden") == "[expense-discount] Xxxxxx"


def test_a_key_is_masked_from_the_moment_the_tenant_answers_it() -> None:
    tenant = TenantData(ALLOW)
    redact = Redactor([], tenant=tenant)
    assert redact.keys([{"lovelace": 1}]) == [{"lovelace": 1}]
    tenant.observe(exchange_with({"name": "Ada Lovelace"}))
    assert redact.keys([{"lovelace": 1}]) == [{"xxxxxxxx": 1}]
    tenant.show("lovelace")
    assert redact.keys([{"lovelace": 1}]) == [{"lovelace": 1}]


@pytest.mark.parametrize(
    ("key", "is_shown"),
    [
        ("filter[status]", True),
        ("users.0.status", True),
        ("filter[status][]", False),
        ("filter[ann.miller]", False),
        ("ann.miller", False),
        ("status.Ann Miller", False),
        ("[]", False),
        ("", False),
    ],
)
def test_the_key_of_an_error_may_be_a_path_of_documented_names(key: str, is_shown: bool) -> None:
    allow = AllowList(dict.fromkeys(("filter", "status", "users"), frozenset[str]()), {}, frozenset(), frozenset())
    assert allow.allows_key(key) is is_shown
