"""Faulty servers: each breaks one promise, in a way that no named defect of the emulator had when they were written."""

from tools.adversary import behaviours, bodies
from tools.adversary.server import ServerRow, rewriting

FAULTY = (
    ServerRow(
        "the last session of a page of more than ten has 1 Wh more than its read",
        rewriting("GET", "resources/sessions/v1.0", bodies.last_of_many),
        ["GET */sessions/v1.0*"],
    ),
    ServerRow("every second read of a user group is answered 404", behaviours.second_read_missing, ["*/user-groups/*"]),
    ServerRow(
        "the last id tag lacks idTagUid on pages of more than five",
        rewriting("GET", "resources/id-tags/v2.0", bodies.large_pages_lack_labels),
        ["GET */id-tags/v2.0*"],
    ),
    ServerRow(
        "of two filters of transactions together only the first counts",
        behaviours.drop_second_filter("resources/transactions/v1.0"),
        ["GET */transactions/v1.0*"],
    ),
    ServerRow(
        "the oldest version of partners cuts names at eight letters",
        rewriting("GET", r"resources/partners/v1.0(/\d+)?", bodies.shorter_names),
        ["GET */partners/v*"],
    ),
    ServerRow(
        "the last page of locations by cursor begins with the last item before it in place of its own",
        behaviours.repeating_last_page,
        ["GET */locations/v2.0"],
    ),
    ServerRow(
        "a circuit has another name when includes are asked for",
        rewriting("GET", r"resources/circuits/v2.0/\d+", bodies.name_with_include),
        ["GET */circuits/v2.0/{circuit}"],
    ),
    ServerRow(
        "receipts of users but the first are not found by filter[userId]",
        rewriting("GET", "resources/receipts/v2.0", bodies.later_users_have_none),
        ["GET */receipts/v2.0*"],
    ),
    ServerRow(
        "the second change of one user group is accepted and lost", behaviours.second_change_lost, ["*/user-groups/*"]
    ),
    ServerRow(
        "the creation of a partner answers the id that comes next",
        rewriting("POST", "resources/partners/v2.0", bodies.next_id_answered),
        ["*/partners/v2.0*"],
    ),
    ServerRow("a replacement of a utility also creates one", behaviours.replacement_creates, ["*/utilities/*"]),
    ServerRow("a removed id tag is there again at the second read", behaviours.resurrected, ["*/id-tags/v2.0*"]),
    ServerRow(
        "a change of the city of a location changes its post code", behaviours.moved_by_renaming, ["*/locations/v2.0*"]
    ),
    ServerRow(
        "answers of FAQs are cut at twelve letters, in their translations",
        behaviours.storing("POST|PATCH", r"resources/faqs/v2.0(/\d+)?", bodies.cut_texts),
        ["*/faqs/*"],
    ),
    ServerRow(
        "a bonus above 5 is stored as 5",
        behaviours.storing("POST|PATCH", r"resources/top-up-packages/v2.0(/\d+)?", bodies.capped_bonus),
        ["*/top-up-packages/*"],
    ),
    ServerRow(
        "a change of one field of a vendor alone is refused", behaviours.name_required, ["*/charge-point-vendors/*"]
    ),
    ServerRow(
        "a tax of 100 %, the documented maximum, is refused", behaviours.maximum_refused, ["*/electricity-rates/v2.0*"]
    ),
    ServerRow(
        "a change of the status of a user changes that of a neighbour, too",
        behaviours.status_for_neighbour,
        ["*/change-status", "*/users/v1.0", "*/users/v1.0/{user}"],
    ),
    ServerRow(
        "a notification is created without a token",
        behaviours.granted("POST", "notifications/v1.0", 401, lambda given: not given),
        ["*/notifications/v1.0*"],
    ),
    ServerRow(
        "settings are shown for Basic credentials",
        behaviours.granted("GET", "resources/settings/v1.0", 401, lambda given: given.lower().startswith("basic")),
        ["*/settings/*"],
    ),
    ServerRow(
        "the 401 of one listing has no body",
        behaviours.answering("GET", "resources/currencies/v2.0", 401, lambda sent: setattr(sent, "content", b"")),
        ["*/currencies/*"],
    ),
    ServerRow(
        "a partner's token reads sessions of others by id",
        behaviours.partner_reads_sessions,
        ["*/resources/sessions/*"],
    ),
    ServerRow(
        "a read-only token replaces an energy mix",
        behaviours.granted("PUT", r"resources/electricity-rates/v2.0/\d+/energy-mix", 403, bool),
        ["*/energy-mix"],
    ),
    ServerRow(
        "the 404 of a charging zone declares HTML",
        behaviours.answering(
            "GET",
            r"resources/locations/v2.0/\d+/charging-zones/\d+",
            404,
            lambda sent: sent.headers.update({"content-type": "text/html"}),
        ),
        ["*/charging-zones*"],
    ),
    ServerRow(
        "the last page counts one item more in its total",
        rewriting("GET", "resources/invoices/v1.0", bodies.total_of_page),
        ["GET */invoices/*"],
    ),
    ServerRow(
        "the status of the last of many authorizations is null",
        rewriting("GET", "resources/authorizations/v2.0", bodies.null_for_last),
        ["GET */authorizations/v2.0"],
    ),
    ServerRow(
        "one receipt ends on February 30",
        rewriting("GET", r"resources/receipts/v2.0(/\d+)?", bodies.impossible_day),
        ["GET */receipts/v2.0*"],
    ),
    ServerRow(
        "every session has the consumption of session 2",
        behaviours.stats_of_another,
        ["*/resources/sessions/*", "*/start*"],
        selection=("-k", "statistics_and_intervals"),
    ),
    ServerRow(
        "every third reading of the tariffs lacks the last one", behaviours.third_reading_short, ["GET */tariffs/v1.0*"]
    ),
    ServerRow(
        "a change of the description of a user group leaves lastUpdatedAt as it was",
        behaviours.time_stays,
        ["*/user-groups/*"],
    ),
    ServerRow(
        "the 422 of one action names no fields",
        rewriting("POST", r"actions/users/v1.0/\d+/add-balance", bodies.errors_under_action, failed=True),
        ["*/add-balance"],
    ),
    ServerRow(
        "the e-mail address of disabled users is null",
        rewriting("GET", r"resources/users/v1.0(/\d+)?", bodies.masked_address),
        ["GET */users/v1.0", "GET */users/v1.0/{user}"],
    ),
    ServerRow(
        "reads of a partner lack the country that the listing shows",
        rewriting("GET", r"resources/partners/v2.0/\d+", bodies.without_country),
        ["GET */partners/v2.0*"],
    ),
    ServerRow(
        "a filter by a moment with an offset other than UTC finds nothing",
        rewriting("GET", "resources/id-tags/v2.0", bodies.nothing_with_offset),
        ["GET */id-tags/v2.0"],
    ),
)
