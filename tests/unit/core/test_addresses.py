"""Addresses of somebody else in request data."""

from typing import Any

import pytest

from ampeco_conformance.core.addresses import foreign_addresses, with_reserved_addresses


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("callbackUrl", "http://tenant.dk/x"),
        ("callbackUrl", "tenant.dk"),
        ("callbackUrl", "//tenant.dk"),
        ("callbackUrl", "http:tenant.dk"),
        ("callbackUrl", "http://2130706433/"),
        ("brokers", "tenant.dk:9092"),
        ("note", "HTTP:\\\\tenant.dk"),
        ("note", "see http://tenant.dk."),
        ("note", "http://example.com@tenant.dk"),
        ("note", "http://tenant.dk#example.com"),
        ("note", "http://notexample.com"),
        ("note", "http://example.com.tenant.dk"),
        ("note", "http://例え.jp/"),
        ("note", "http://tenant。dk"),
        ("note", "http://tenant%2edk/"),
        ("note", "h\tttp://tenant.dk"),
        ("note", "http://[::ffff:1.2.3.4]/"),
        ("note", "http://intranet/"),
        ("note", "wss://8.8.8.8"),
        ("name", "Ann <ann@tenant.dk>"),
        ("email", "a@example.com,b@tenant.dk"),
        ("email", "a@[1.2.3.4]"),
        ("phone", "+4512345678"),
        ("mobilePhoneNumber", "12345678"),
        ("phone", 4512345678),
        ("name", "+45 12 34 56 78"),
        ("http://tenant.dk/", "as a key"),
        ("learnMoreUrl", {"en": "tenant.dk"}),
        ("phone", 4512345678.0),
        ("note", "tel:+4512345678"),
        ("note", "sms:4512345678?body=x"),
        ("note", "<img src=//tenant.dk/x>"),
        ("note", "\\\\tenant.dk\\share"),
        ("redirectTo", "tenant.dk"),
        ("list", [{"deep": ["x@tenant.dk"]}]),
    ],
)
def test_a_foreign_address_is_seen_and_replaced_by_a_reserved_one(field: str, value: Any) -> None:
    body = {field: value}
    assert list(foreign_addresses(body))
    assert not list(foreign_addresses(with_reserved_addresses(body)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("callbackUrl", "https://example.com/1"),
        ("callbackUrl", "http://sub.test"),
        ("callbackUrl", "not a url"),
        ("email", "driver@example.org"),
        ("phone", "+12025550100"),
        ("phone", "07700900123"),
        ("phone", "conform-3"),
        ("networkIp", "192.0.2.1"),
        ("emailVerified", "2026-06-01T12:00:00.000Z"),
        ("name", "a@foo 1.5 a//b //c 07:00"),
        ("price", 1234567.5),
        ("code", "4512345678"),
    ],
)
def test_what_addresses_nobody_is_left_as_it_is(field: str, value: Any) -> None:
    body = {field: value}
    assert not list(foreign_addresses(body))
    assert with_reserved_addresses(body) == body


def test_a_replacement_keeps_the_length_so_that_boundaries_stay_boundaries() -> None:
    for text in (f"https://tenant.dk/{'x' * 483}", f"{'x' * 40}@tenant.dk"):
        assert len(with_reserved_addresses({"a": text})["a"]) == len(text)


def test_fields_and_hosts_can_be_named() -> None:
    assert list(foreign_addresses({"photo": "tenant.dk"}, fields={"photo"}))
    assert not list(foreign_addresses({"photo": "tenant.dk"}))
    assert not list(foreign_addresses({"url": "http://127.0.0.1:8899/first"}, own_hosts={"127.0.0.1"}))
