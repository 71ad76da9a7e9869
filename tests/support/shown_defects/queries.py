"""What shows defects of pages, filters and includes."""

from tests.support.defect_probes import (
    CHARGE_POINT,
    SESSIONS,
    TRANSACTIONS,
    USERS,
    EmulatorProbe,
    bound_elsewhere,
    getting,
    next_page,
    same_update_time,
    sending,
)
from tests.support.shown_defects.requests import page, read

cursor_page = getting(USERS, per_page=3, cursor="")
status_filter = {"filter[status]": "pending"}

SHOWS: dict[str, EmulatorProbe] = {
    "include-first-page-only": sending(
        "GET", "/resources/locations/v2.0?include[]=chargingZones&cursor=eyJpZCI6MSwiX3BvaW50c1RvTmV4dEl0ZW1zIjp0cnVlfQ"
    ),
    "include-lost-with-filters": sending(
        "GET", "/resources/locations/v2.0?include[]=chargingZones&filter[lastUpdatedAfter]=2001-01-01T00:00:00Z"
    ),
    "large-pages-cut": getting(USERS, cursor="", per_page=100),
    "page-style-gone": getting(USERS, page=2, per_page=3),
    **dict.fromkeys(("repeated-item", "skipped-item", "first-page-only", "no-next", "foreign-links", "no-meta"), page),
    **dict.fromkeys(("wrong-total", "wrong-last-page", "ignore-per-page"), page),
    "endless-cursor": getting(USERS, cursor=""),
    **dict.fromkeys(("ignore-filters", "inverted-filters", "empty-filters"), getting(SESSIONS, **status_filter)),
    **dict.fromkeys(("garbled-next-cursor", "half-pages"), getting(USERS, cursor="", per_page=3)),
    "late-cursor-skips": getting(USERS, cursor="eyJpZCI6MTUsIl9wb2ludHNUb05leHRJdGVtcyI6dHJ1ZX0"),
    "null-cursor-ends": getting(USERS, cursor="null"),
    "last-include-ignored": getting("/resources/circuits/v2.0/1", **{"include[]": "userPriorities"}),
    "later-views-differ": getting("/resources/locations/v1.0/2"),
    "older-view-nulls": getting("/resources/partners/v1.0/1"),
    "first-value-only": getting(TRANSACTIONS, **{"filter[purchaseType][]": ["topup_package", "session"]}),
    "common-status-unfiltered": getting(TRANSACTIONS, **{"filter[status]": "finalized"}),
    "false-is-no-filter": getting("/resources/cdrs/v2.0", **{"filter[isLocal]": "false"}),
    "null-matches": getting(TRANSACTIONS, **{"filter[sessionId]": "1"}),
    "before-overlooks-offset": getting(SESSIONS, **{"filter[startedBefore]": "2026-05-15T12:00:00-23:00"}),
    "issued-unfiltered": getting("/resources/invoices/v1.0", **{"filter[issuedFrom]": "2999-01-01T00:00:00Z"}),
    "filtered-lack-a-field": getting(SESSIONS, **status_filter),
    "include-renames": getting("/resources/circuits/v2.0/1", **{"include[]": "consumption"}),
    "last-match-lost": getting(SESSIONS, **status_filter),
    "invoices-unfiltered": getting("/resources/invoices/v1.0", **{"filter[issuedFrom]": "2999-01-01T00:00:00Z"}),
    "older-view-lists-shorter": getting("/resources/evses/v2.0/1"),
    "older-listing-empty": getting("/resources/locations/v1.0"),
    "ignore-include": getting(CHARGE_POINT, **{"include[]": "lastBootNotification"}),
    "always-include": getting(CHARGE_POINT),
    "older-view-differs": read,
    "filter-first-page-only": getting(SESSIONS, page=2, per_page=1, **status_filter),
    "exclusive-bounds": same_update_time,
    "filters-forbidden": getting(USERS, **{"filter[email]": "ada@example.com"}),
    "second-page-forbidden": getting("/resources/partner-expenses/v1.0", page=2, per_page=1),
    **dict.fromkeys(("links-forget-size", "one-too-many", "early-last-page"), page),
    "cursor-skips": next_page,
    **dict.fromkeys(
        ("first-filter-only", "status-filter-alone"), getting(SESSIONS, **{"filter[userId]": 1, **status_filter})
    ),
    "cursor-ignores-filters": getting(SESSIONS, cursor="", **status_filter),
    "offset-overlooked": bound_elsewhere,
    "one-include-only": getting("/resources/circuits/v2.0/1", **{"include[]": ["consumption", "unmanagedLoad"]}),
    "total-unfiltered": getting(SESSIONS, page=1, **status_filter),
    "per-page-beyond": getting(USERS, per_page=101),
    "full-last-page": getting(USERS, per_page=5, page=1),
    **dict.fromkeys(("prev-stays", "ends-swapped"), page),
    "beyond-last-repeats": getting(USERS, per_page=3, page=99),
    "offset-cursor": cursor_page,
}
