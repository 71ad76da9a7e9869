"""Filters of every kind, for tests of what they mean and of the values they are tried with."""

from ampeco_conformance.apis.filter_meaning import FilterOperator
from ampeco_conformance.contract.filters import NOT_SHOWN, Filter

USER = Filter("filter[userId]", ("userId", "user.id"), FilterOperator.SAME, {"type": "string", "format": "integer"})
STATUS = Filter("filter[status]", ("status",), FilterOperator.SAME, {"type": "string", "enum": ["a", "b"]})
STATUSES = Filter("filter[status][]", ("status",), FilterOperator.SAME, {"type": "string", "enum": ["a", "b"]})
NAME = Filter("filter[name]", ("name",), FilterOperator.TEXT, {"type": "string"})
PUBLIC = Filter("filter[isPublic]", ("isPublic",), FilterOperator.SAME, {"type": "string", "format": "boolean"})
LEVEL = Filter("filter[security.level]", ("security.level",), FilterOperator.SAME, {"type": "integer"})
AFTER = Filter(
    "filter[createdAfter]", ("createdAt", "created"), FilterOperator.AFTER, {"type": "string", "format": "date-time"}
)
SINCE = Filter(
    "filter[lastUpdatedAfter]",
    ("lastUpdatedAt",),
    FilterOperator.AFTER,
    {"type": "string", "format": "date-time"},
    is_inclusive=True,
)
BEFORE_DAY = Filter("filter[dateTo]", ("dateAt", "date"), FilterOperator.BEFORE, {"type": "string", "format": "date"})
DAY = Filter("filter[createdAt]", ("createdAt",), FilterOperator.ON_DAY, {"type": "string", "format": "date"})
PREFIX = Filter("filter[version]", ("version",), FilterOperator.STARTS, {"type": "string"})
PART = Filter("filter[code]", ("code",), FilterOperator.CONTAINS, {"type": "string"})
LONGER = Filter("filter[durationGreaterThan]", ("startedAt", "endedAt"), FilterOperator.LONGER, {"type": "integer"})
HAS_GROUP = Filter("filter[hasGroup]", ("groupId",), FilterOperator.PRESENT, {"type": "boolean"})
NO_PARTNER = Filter("filter[noPartner]", ("partnerId",), FilterOperator.MISSING, {"type": "boolean"})
TAGS = Filter("filter[tag]", ("tags",), FilterOperator.SAME, {"type": "string"})
PERIOD = Filter(
    "filter[periodAfter]", ("periodStart", "periodEnd"), FilterOperator.AFTER, {"type": "string", "format": "date"}
)
UNSEEN = Filter("filter[agreed]", (), FilterOperator.SAME, {"type": "boolean"}, reason="not shown")
UNSEEN_AFTER = Filter("filter[seenAfter]", (), FilterOperator.AFTER, AFTER.schema, reason=NOT_SHOWN)
ITEMS = [{"id": number, "status": status, "userId": number % 2} for number, status in enumerate("aabb")]
