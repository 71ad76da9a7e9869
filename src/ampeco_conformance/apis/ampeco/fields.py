"""Fields of the AMPECO Public API that depend on other fields, or on what the operator has switched on.

Source: the vendor's public documentation of the operations, in our own words.
"""

from ampeco_conformance.apis.descriptor import Feature, FieldDependencies

_PERSONAL = {"type": "personal"}

_FEATURES = {
    "auto-renewal": Feature(frozenset({"autoRenewal"})),
    "idle-thresholds": Feature(frozenset({"stateOfChargeIdleThreshold", "averagePowerIdleThreshold"})),
    "integrations": Feature(frozenset({"integrationId"})),
    "languages": Feature(frozenset({"locale"})),
    "subsidies": Feature(frozenset({"subsidyIntegrationId"})),
    "tax-ids": Feature(frozenset({"taxID"})),
    **{
        # By the name in their paths.
        name: Feature(operations=f"* /public-api/resources/{name}/*")
        for name in (
            *("booking-requests", "charge-points", "circuits", "electricity-rates", "faqs", "id-tags", "locations"),
            *("parking-spaces", "partner-invites", "partners", "payment-terminals", "provisioning-certificates"),
            *("roaming-operators", "subscription-plans", "subscriptions", "tariff-groups", "tariffs", "taxes"),
            *("top-up-packages", "user-groups", "users", "vouchers"),
        )
    },
}

#: What an object is that has not been set; it cannot be set to null.
UNSET_VALUES = {"subscription": {"required": False, "planIds": []}, "workingHours": {"isAlwaysOpen": True}}

FIELDS = FieldDependencies(
    companions={
        # A payment method is that of a user.
        "paymentMethodId": {"userId": None},
        "bankTransferType": {"tokenizedType": "bank_transfer"},
        # Personal charge points only.
        **dict.fromkeys(("pin", "sharingCode", "subscription"), _PERSONAL),
        "locationId": {"type": "public"},
        # Only some countries have states.
        "state": {"country": "US"},
        "signingCertificate": {"signed": True, "signature": None},
        "signature": {"signed": True, "signingCertificate": None},
        "fallbackElectricityRateId": {"chargePointElectricityRate": False},
        "billingType": {"type": "post-paid"},
        "billingUsageThreshold": {"type": "post-paid"},
        "freeRenewalPeriods": {"type": "pre-paid"},
        # An invite is sent to an address, or not at all.
        "email": {"sendViaEmail": True},
        "language": {"sendViaEmail": True, "email": None},
    },
    features=_FEATURES,
    # The name of an area and place, the code of a language, and a number that is asked for at the charger.
    values={"timezone": ("Europe/Sofia", "Europe/Paris"), "locale": ("en", "de"), "pin": ("4711", "0815")},
    conditional=frozenset(
        {
            # Where the operator has switched it on.
            *(name for feature in _FEATURES.values() for name in feature.fields),
            # It is used up by the first request.
            "nonce",
            # A record in a certain state or of a certain kind.
            *("bookingId", "sessionId", "transactionId", "noticeId", "electricityRateId", "ownerPartnerContractId"),
            *("parentCircuitId", "ocppConnectedChargePointId"),
            # One of the user whom the path names by a session.
            "paymentMethodId",
            # Of two parts the one that the channel names.
            *("webhook", "kafka"),
        }
    ),
)
