"""Fields of the AMPECO Public API that depend on other fields, or on what the operator has switched on.

Source: the vendor's public documentation of the operations, in our own words.
"""

from ampeco_conformance.apis.descriptor import FieldDependencies

_PERSONAL = {"type": "personal"}

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
    },
    conditional=frozenset(
        {
            # Where the operator has switched it on.
            *("locale", "nonce", "autoRenewal", "taxID", "subsidyIntegrationId", "integrationId"),
            *("stateOfChargeIdleThreshold", "averagePowerIdleThreshold"),
            # A record in a certain state or of a certain kind.
            *("bookingId", "sessionId", "transactionId", "noticeId", "electricityRateId", "ownerPartnerContractId"),
            *("parentCircuitId", "ocppConnectedChargePointId"),
        }
    ),
)
