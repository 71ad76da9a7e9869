"""Resource types: which paths, parameters and fields refer to the same kind of record."""

import re
from functools import cache, lru_cache

# Facts: the same resource under two names.
_ALIASES = {
    "cp-models": "charge-point-models",
    "cp-vendors": "charge-point-vendors",
    "rfid-tags": "id-tags",
    "dlm-circuits": "circuits",
}

# Path parameter or field stem -> resource type, where it does not follow from the name.
_NAMED = {
    "asset": "flexibility-assets",
    "dlmCircuit": "circuits",
    "model": "charge-point-models",
    "modelId": "charge-point-models",
    "vendor": "charge-point-vendors",
    "vendorId": "charge-point-vendors",
    "template": "configuration-templates",
    "PartnerSettlementRecord": "records",
    "termVersion": "terms-and-policies",
    "notice": "downtime-period-notices",
    "operator": "sub-operators",
    "plan": "subscription-plans",
    "platform": "roaming-platforms",
    "contract": "partner-contracts",
    "tax": "taxes",
    "currency": "currencies",
    "utility": "utilities",
    "securityEventLog": "security-events-log",
    "authorizedToken": "id-tags",
    "rfidTag": "id-tags",
    "share": "shares",
    "variable": "variables",
    "paymentMethodId": "payment-methods",
    "idTag": "id-tags",
    "ownerPartner": "partners",
    "parentCircuit": "circuits",
    "fallbackElectricityRate": "electricity-rates",
    "satelliteChargePoint": "charge-points",
    "alwaysOpenForUserGroup": "user-groups",
    "applyToUserGroup": "user-groups",
    "applicableTax": "taxes",
}

_VERSION = re.compile(r"v\d+(\.\d+)?")


@cache
def resource_type_of(collection: str) -> str:
    """The resource type of a collection's path: its last fixed segment that is not a version, if it has one."""
    segments = [part.partition("(")[0] for part in collection.split("/") if part and not part.startswith("{")]
    names = [part for part in segments if not _VERSION.fullmatch(part)] or segments or ["root"]
    if names[-1] in ("date", "week-day"):
        return "-".join(names[-2:])
    return _ALIASES.get(names[-1], names[-1])


def resource_type_named(name: str) -> str:
    """The resource type a path parameter or the stem of an `...Id` field names, such as `chargePoint`."""
    if name in _NAMED:
        return _NAMED[name]
    kebab = re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).lower()
    plural = f"{kebab[:-1]}ies" if kebab.endswith("y") and kebab[-2:-1] not in "aeiou" else f"{kebab}s"
    return _ALIASES.get(plural, plural)


# Bounded: callers choose the names of the fields that they send.
@lru_cache(maxsize=4096)
def resource_type_of_field(name: str) -> str | None:
    """The resource type a field refers to (`userId`, `evseIds`); None when it is not a reference."""
    match = re.fullmatch(r"(.+?)(Ids?|ID)", name)
    return resource_type_named(match.group(1)) if match else None
