"""Which operations of the AMPECO Public API move money, command hardware or act otherwise than their method says.

Source: the vendor's interface. Patterns such as `*firmware*` cover whole families, so that actions of future versions
are not taken for harmless.
"""

from ampeco_conformance.apis.descriptor import Effect, OperationEffect

_MONEY = (
    *("*/resources/transactions/v*", "*/resources/payments/*", "*/actions/session/*/assign-user"),
    *("*/actions/*balance*", "*/actions/*fee*", "*/actions/*invoice*", "*/actions/*pay*", "*/actions/*refund*"),
    *("*/actions/*subscription*", "*/actions/*top-up*", "*/actions/*voucher*"),
)
#: Charge points, and resources that pass commands on to them.
_DEVICES = (
    *("*/actions/charge-point*", "*/actions/circuit*", "*/actions/evse*", "*/actions/flexibility-asset*"),
    *("*/actions/reservation*", "*/actions/*/*-charge-points", "*/actions/*firmware*", "*/actions/*reset*"),
    *("*/actions/*start*", "*/actions/*stop*", "*/actions/*unlock*"),
    "*/resources/charge-points/*/*smart-charging*",
)

EFFECTS = (
    OperationEffect("POST", "*/check-booking-availability", Effect.READ),
    *(OperationEffect("POST", pattern, Effect.MONEY) for pattern in _MONEY),
    *(OperationEffect("POST", pattern, Effect.DEVICE) for pattern in _DEVICES),
    OperationEffect("PATCH", "*/resources/charge-points/*/configurations/*", Effect.DEVICE),
    OperationEffect("POST", "*/resources/partner-invites/*", Effect.ACTION),  # sends mail
    OperationEffect("POST", "*/resources/users/*/invoice-details", Effect.CHANGE),
)
