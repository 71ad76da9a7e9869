"""A charge record has the same amounts in every format.

Business rule: amount is amountExVat plus amountVat, amountVat is vatRate of amountExVat; the format and the
decimal separator change the notation, never the value; the listing agrees with the record.
Documented: Spirii charge records v1 (format standard/finance, decimalSeparator `.` or `,`, prices as texts; 404 for
an unknown id, 400 or 422 for a bad parameter).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from allure import step

from ampeco_conformance.target.configuration import Target
from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.bill import moment
from scenarios.vocabulary.money import Rounding

pytestmark = [CRITICAL, pytest.mark.reads]

RECORDS = "/v1/charge-records"
RECORD = "/v1/charge-records/{id}"
AMOUNTS = ("amount", "amountExVat", "amountVat", "vatRate")
SEPARATORS = (".", ",")


@pytest.fixture
def record_id(api: ScenarioApi, target: Target) -> int:
    """A charge record of the target, with a price."""
    if configured := target.ids.get("id"):
        return int(configured[0])
    with step("A charge record with a price is found"):
        for entry in api.get(RECORDS).items:
            if entry.get("endedAt") is not None and entry["price"].get("amount") is not None:
                return int(entry["id"])
    pytest.skip("the target has no finished charge record with a price; name one under ids: id")


def read(api: ScenarioApi, number: int, **query: str) -> ScenarioResponse:
    """One record, in a format."""
    return api.get(RECORD, query=query, id=number)


def amounts(price: Mapping[str, Any], separator: str) -> dict[str, Decimal]:
    """The amounts of a price, parsed with the expected separator."""
    return {name: Decimal(price[name].replace(separator, ".")) for name in AMOUNTS if price.get(name) is not None}


@pytest.mark.parametrize("form", ["standard", "finance"])
@pytest.mark.parametrize("separator", SEPARATORS, ids=["point", "comma"])
def test_a_record_adds_up_in_every_form(api: ScenarioApi, record_id: int, form: str, separator: str) -> None:
    """The price adds up, in the requested format and decimal separator."""
    with step(f"The record is read as {form}, decimals with '{separator}'"):
        record = read(api, record_id, format=form, decimalSeparator=separator)
        record.require_equal(record["id"], record_id, "record-by-id", "id")
    other = next(candidate for candidate in SEPARATORS if candidate != separator)
    with step("The amounts have the separator"):
        wrong = {name: record["price"][name] for name in AMOUNTS if other in str(record["price"].get(name, ""))}
        record.require_equal(wrong, {}, "decimal-separator", f"amounts written with '{other}'")
    with step("They add up"):
        price = amounts(record["price"], separator)
        record.require(
            Rounding().equal(price["amount"], price["amountExVat"] + price["amountVat"]),
            "amount-is-sum",
            f"{price['amount']} is not {price['amountExVat']} plus {price['amountVat']}",
        )
        record.require(
            Rounding().equal(price["amountVat"], price["amountExVat"] * price["vatRate"]),
            "vat-of-amount",
            f"{price['amountVat']} is not {price['vatRate']} of {price['amountExVat']}",
        )
    with step("It ended after it began"):
        record.require(moment(record["endedAt"]) >= moment(record["startedAt"]), "ends-after-start", "it ended before")


def same(one: Decimal, other: Decimal) -> bool:
    """Whether two amounts are one, where a form may show more decimals than another."""
    exponents = [int(amount.as_tuple().exponent) for amount in (one, other)]
    return abs(one - other) <= Decimal(1).scaleb(max(exponents)) / 2


def test_every_form_tells_the_same(api: ScenarioApi, record_id: int) -> None:
    """Format and separator change the notation only; the defaults are standard and a point."""
    with step("The record is read in every form"):
        plain = read(api, record_id)
        expected = amounts(plain["price"], ".")
        for form in ("standard", "finance"):
            for separator in SEPARATORS:
                other = read(api, record_id, format=form, decimalSeparator=separator)
                for name, value in amounts(other["price"], separator).items():
                    other.require(
                        same(value, expected[name]),
                        "forms-agree",
                        f"{name} is {value} as {form}, {expected[name]} else",
                    )
                other.require_equal(other["consumed"], plain["consumed"], "forms-agree", "consumed")


def test_the_listing_tells_the_same_as_the_record(api: ScenarioApi, record_id: int) -> None:
    """The EVSE, times and currency in the listing agree with the record."""
    with step("The record is found in the listing"):
        listing = api.get(RECORDS)
        listed = next((entry for entry in listing.items if entry["id"] == record_id), None)
        if listed is None:
            pytest.skip("the listing holds at most 5000 records, and not this one")
    with step("It agrees"):
        record = read(api, record_id)
        for name in ("evseId", "startedAt", "endedAt", "consumed"):
            record.require_equal(record[name], listed[name], "listing-agrees", name)
        currency = record["price"].get("currency")
        record.require_equal(currency, listed["price"].get("currency"), "listing-agrees", "the currency")


def test_an_unknown_record_is_not_found(api: ScenarioApi) -> None:
    """An unknown id is answered with 404."""
    api.call("GET", RECORD, expected=(404,), id=999_999_999)


@pytest.mark.parametrize("query", [{"format": "xml"}, {"decimalSeparator": ";"}], ids=["format", "separator"])
def test_a_bad_parameter_is_refused(api: ScenarioApi, record_id: int, query: dict[str, str]) -> None:
    """An unknown format or separator is refused."""
    api.call("GET", RECORD, query=query, expected=(400, 422), id=record_id)
