"""Filtered listings: what is asked for is there, what the filter excludes is not."""

from collections.abc import Mapping
from typing import Any

from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.waiting import looks


def check_listed(
    api: ScenarioApi, path: str, number: Any, filter: Mapping[str, Any], *, is_listed: bool = True, **ids: Any
) -> None:
    """The listing under a filter holds the resource, or does not, and nothing that the filter excludes.

    A listing may be behind what is read by id: it is looked at again until it agrees.
    """
    for look in looks(api.clock):
        with look:
            _check_now(api, path, number, filter, is_listed=is_listed, **ids)


def _check_now(
    api: ScenarioApi, path: str, number: Any, filter: Mapping[str, Any], *, is_listed: bool, **ids: Any
) -> None:
    found = False
    for page in api.pages(path, filter=filter, **ids):
        for entry in page.items:
            for name, value in filter.items():
                # Some filters name a field that lies deeper than the entry's own.
                if name in entry:
                    page.require_equal(str(entry[name]), str(value), "filter-holds", f"{name} of entry {entry['id']}")
        found = found or str(number) in {str(entry["id"]) for entry in page.items}
    said = "is" if found else "is not"
    page.require(found == is_listed, "filter-finds", f"{number} {said} listed under {dict(filter)}")
