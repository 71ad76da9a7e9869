"""What a partner's contract gives of a session."""

from decimal import Decimal
from typing import Any

from allure import step

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.evses import CHARGE_POINT, EVSE, Evse
from scenarios.vocabulary.money import decimal, rounding_of

CONTRACT = "/resources/partner-contracts/v1.0/{partnerContract}"
#: Terms of a contract whose effect on the shares is not documented in figures.
OTHER_TERMS = ("handlingFee", "excludeConnectionFee", "reimburseForElectricityCost")


def check_share(api: ScenarioApi, evse: Evse, paid: ScenarioResponse, row: dict[str, Any]) -> None:
    """The partner's share is the contract's percentage less its fees; contracts with other terms are not judged."""
    partner = api.get(CHARGE_POINT, chargePoint=evse.charge_point)["partner"]
    sharing = api.get(CONTRACT, partnerContract=partner["contractId"]).get("revenueSharing") or {}
    current = "Dc" if api.get(EVSE, evse=evse.id).get("currentType") == "dc" else "Ac"
    percentage = sharing.get(f"partnerSharePercentage{current}Evse")
    if percentage is None or any(sharing.get(term) for term in OTHER_TERMS):
        return
    with step(f"The partner's share is {percentage} %"):
        cost = decimal(row.get("electricityCost") or 0) if sharing.get("deductElectricityCost") else Decimal(0)
        fees = decimal(sharing.get(f"fixedFeePerSession{current}") or 0)
        fees += decimal(sharing.get(f"feePerKwh{current}") or 0) * decimal(paid["energy"]) / 1000
        share = (decimal(row["totalAmount"]["withoutTax"]) - cost) * decimal(percentage) / 100 - fees
        paid.require(
            share < 0 or rounding_of(api, row["currencyCode"]).equal(row["partnerShare"], share, 2),
            "share-by-contract",
            f"the partner's share is {row['partnerShare']}, the contract gives {share}",
            expected=float(share),
            actual=row["partnerShare"],
        )
