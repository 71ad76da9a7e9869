"""What shows defects of validation, and of what the server keeps."""

from tests.support.defect_probes import (
    CHARGE_POINT,
    CONTACT_DETAILS,
    TAX,
    USER_GROUPS,
    USERS,
    EmulatorProbe,
    after,
    broken_json,
    getting,
    next_id,
    sending,
    waiting,
)
from tests.support.shown_defects.requests import change, create, read, removal

new_tax = sending("POST", "/resources/taxes/v2.0", {"name": "Tax", "percentage": 7, "displayName": []})
translated = sending(
    "PATCH", TAX, {"displayName": [{"locale": "en", "translation": "Tax"}, {"locale": "de", "translation": "Steuer"}]}
)

SHOWS: dict[str, EmulatorProbe] = {
    "children-of-others": getting("/resources/charge-points/v2.0/1/evses"),
    "any-parent": getting("/resources/charge-points/v2.0/2/evses/1"),
    "empty-lists-ignored": after(sending("PATCH", TAX, {"displayName": []}), getting(TAX)),
    "marks-escaped": after(sending("PATCH", TAX, {"name": "A & B"}), getting(TAX)),
    "stamped-years-ago": getting(f"{USER_GROUPS}/1"),
    "changed-unfound": after(change, getting(USERS, **{"filter[lastUpdatedAfter]": "2001-01-01T00:00:00Z"})),
    "invalid-written-in-secret": after(sending("PATCH", TAX, {"name": "Changed", "percentage": "many"}), getting(TAX)),
    "removed-is-written": after(*[sending("DELETE", f"{USER_GROUPS}/1")] * 2),
    "accept-invalid-body": sending("PATCH", f"{USERS}/1", {"email": 7}),
    "accept-missing-fields": sending("POST", USERS, {}),
    "accept-invalid-query": getting("/resources/charge-points/v2.0", per_page="many"),
    "accept-broken-json": broken_json,
    "broken-body-changes-nothing": sending("PATCH", f"{USERS}/1", []),
    "refuse-valid-body": create,
    "accept-unknown-reference": sending("POST", "/resources/charge-point-models/v1.0", {"name": "M", "vendorId": 999}),
    "changes-accept-unknown-reference": sending("PATCH", "/resources/charge-point-models/v1.0/1", {"vendorId": 999}),
    "actions-accept-unknown-reference": sending(
        "POST", "/actions/charge-point/v1.0/1/move-evses-to-satellite", {"satelliteChargePointId": 999, "evseIds": [1]}
    ),
    "lists-accept-unknown-reference": sending("PATCH", f"{USERS}/1", {"userGroupIds": [99999]}),
    "later-items-unchecked": sending(
        "PATCH",
        "/resources/locations/v2.0/1",
        {"description": [{"locale": "en", "translation": "Yard"}, {"locale": 7}]},
    ),
    "accept-invalid-nested": sending("POST", "/resources/locations/v2.0", {"geoposition": {"latitude": "north"}}),
    "invalid-action-as-rejected": sending(
        "POST", "/actions/charge-point/v2.0/1/change-sharing-code", {"sharingCode": 7}
    ),
    "accept-known-email": after(create, create),
    "first-child-only": getting("/resources/charge-points/v2.0/1/evses/2"),
    **dict.fromkeys(("next-item-found", "unsteady-read"), getting(f"{USER_GROUPS}/1")),
    "status-stays": after(
        sending("POST", "/actions/flexibility-asset/v1.0/1/change-status", {"status": "disabled"}),
        getting("/resources/flexibility-assets/v1.0/1"),
    ),
    "status-for-all": after(
        sending("POST", "/actions/flexibility-asset/v1.0/1/change-status", {"status": "disabled"}),
        getting("/resources/flexibility-assets/v1.0/2"),
    ),
    "removed-crashes": after(removal, read),
    "second-creation-refused": after(new_tax, new_tax),
    "forget-created": after(create, getting(USERS, **{"filter[email]": "new@example.com"})),
    **dict.fromkeys(("forget-changes", "change-id", "patch-replaces"), after(change, read)),
    "stale-answer": change,
    "other-name-answered": sending("POST", "/resources/user-groups/v1.0", {"name": "Neighbours"}),
    "listed-otherwise": getting("/resources/taxes/v2.0"),
    "take-read-only": after(
        sending("PATCH", CHARGE_POINT, {"createdAt": "2001-02-03T04:05:06Z"}), getting(CHARGE_POINT)
    ),
    "cut-text": after(sending("PATCH", TAX, {"name": "long " * 20}), getting(TAX)),
    "ascii-only": after(sending("PATCH", TAX, {"name": "Łódź"}), getting(TAX)),
    "ignore-null": after(
        sending("PATCH", f"{USERS}/1", {"externalId": "A-7"}),
        sending("PATCH", f"{USERS}/1", {"externalId": None}),
        getting(f"{USERS}/1"),
    ),
    "keep-removed": after(removal, read),
    "changed-unlisted": after(waiting(60), change, getting(USERS)),
    "change-texts-only": after(sending("PATCH", TAX, {"percentage": 7}), getting(TAX)),
    "undocumented-written": after(sending("PATCH", f"{USERS}/1", {"balance": 7}), getting(f"{USERS}/1")),
    "falsy-ignored": after(sending("PATCH", TAX, {"percentage": 0}), getting(TAX)),
    "decimals-cut": sending("PATCH", TAX, {"percentage": 7.5}),
    "references-ignored": sending("PATCH", "/resources/charge-point-models/v1.0/1", {"vendorId": 2}),
    "names-in-lower-case": sending("PATCH", TAX, {"name": "Sales Tax"}),
    **dict.fromkeys(("list-grows", "list-shrinks"), translated),
    "update-time-null": change,
    "ignore-status": sending("PATCH", "/resources/evses/v2.1/1", {"status": "out of order"}),
    "flags-off": sending("PATCH", CHARGE_POINT, {"autoStartWithoutAuthorization": True}),
    "nested-altered": sending("PATCH", "/resources/partners/v2.0/1", {"bankDetails": {"bankName": "First"}}),
    "null-filled": after(
        sending("PATCH", f"{USER_GROUPS}/1", {"name": "Neighbours", "description": None}),
        sending("PATCH", f"{USER_GROUPS}/1", {"name": "Friends"}),
    ),
    **dict.fromkeys(("future-update-time", "answered-ahead"), change),
    "create-twice": after(sending("POST", USER_GROUPS, {"name": "Neighbours"}), getting(USER_GROUPS)),
    "refuse-optional-text": sending("PATCH", f"{USERS}/1", {"externalId": "A-7"}),
    "replace-merges": sending("PUT", "/resources/tariffs/v1.0/1", {"name": "Free", "type": "free"}),
    "forget-single": after(
        sending("PUT", CONTACT_DETAILS, {"email": "new@example.com", "phone": "+12025550101"}), getting(CONTACT_DETAILS)
    ),
    "other-balance-answered": create,
    "remove-another": after(removal, getting(USERS)),
    "creation-renames-another": after(
        sending("POST", USER_GROUPS, {"name": "Neighbours"}), getting(f"{USER_GROUPS}/1")
    ),
    "change-renames-another": after(
        sending("PATCH", f"{USER_GROUPS}/2", {"name": "Neighbours"}), getting(f"{USER_GROUPS}/1")
    ),
    "replacement-creates": after(
        sending("PUT", "/resources/utilities/v1.0/1", {"name": "x"}), getting("/resources/utilities/v1.0")
    ),
    "removal-renames-another": after(
        sending("POST", USER_GROUPS, {"name": "Neighbours"}),
        sending("DELETE", f"{USER_GROUPS}/2"),
        getting(f"{USER_GROUPS}/1"),
    ),
    "stale-update-time": after(waiting(60), change),
    "moving-creation": after(waiting(60), change),
    "reuse-id": next_id,
    "touch-siblings": after(change, getting(f"{USERS}/2")),
    "accept-unknown-words": sending("POST", "/notifications/v2.0", {"via": "pigeon", "notifications": []}),
    "accept-out-of-bounds": sending(
        "POST", "/actions/circuit/v2.0/1/set-circuit-soc-priorities", {"highSoCPriority": -1}
    ),
    "leading-zeros-lost": after(sending("PATCH", f"{USERS}/1", {"post_code": "00712"}), read),
    "amounts-capped": sending("PATCH", "/resources/top-up-packages/v2.0/1", {"price": 500}),
    "wraps-at-16-bits": sending("PATCH", "/resources/circuits/v2.0/1", {"maxCurrent": 70_000}),
    "stale-read": after(read, change, read),
}
