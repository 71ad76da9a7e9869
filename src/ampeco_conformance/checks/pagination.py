"""Both styles of pagination return every item once, and their `meta` and `links` are correct.

Source: the pagination guide. Page style: `page` from 1, meta {current_page, from, to, last_page, per_page, total},
links {first, last, prev, next}. Cursor style: an empty `cursor` starts, `links.next` (or meta.next_cursor) leads on,
null ends. `per_page` is 100 by default and at most.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ampeco_conformance.contract.answers import Answer
from ampeco_conformance.core.checks import Severity, Violation, declare
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.urls import parts_of

MAXIMUM_PER_PAGE = 100
#: Of so many pages each is in `meta.links`.
_ALL_NUMBERED = 10

_SOURCE = "the pagination guide"
PAGINATION_ITEMS = declare(
    "pagination_items",
    title="Every item is listed once",
    severity=Severity.NORMAL,
    claim="A walk over all pages returns every item once, and the same items in both styles of pagination.",
    source=_SOURCE,
    aspect="pagination",
)
PAGINATION_META = declare(
    "pagination_meta",
    title="Page metadata is correct",
    severity=Severity.NORMAL,
    claim="`meta` has the page, its size, its first and last item, the last page and the total.",
    source=_SOURCE,
    aspect="pagination",
)
PAGINATION_LINKS = declare(
    "pagination_links",
    title="Page links are correct",
    severity=Severity.NORMAL,
    claim="`links` lead to the adjacent, first and last pages on the target's host, and are null where there is none.",
    source=_SOURCE,
    aspect="pagination",
)
PAGINATION_PER_PAGE = declare(
    "pagination_per_page",
    title="Pages have the requested size",
    severity=Severity.NORMAL,
    claim="A page has `per_page` items, 100 by default and at most; only the last one may have fewer.",
    source=_SOURCE,
    aspect="pagination",
)


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a listing, as received."""

    exchange: Exchange
    items: Sequence[Any]
    meta: dict[str, Any]
    links: dict[str, Any]

    @property
    def ids(self) -> list[Any]:
        """The ids of the items that have one; others cannot be distinguished."""
        return [item["id"] for item in self.items if isinstance(item, dict) and "id" in item]

    @classmethod
    def of(cls, answer: Answer) -> "ListingPage | None":
        """The page in an answer; None when the request did not succeed, or is no listing."""
        body = answer.body
        if not answer.succeeded or not isinstance(body, dict) or not isinstance(body.get("data"), list):
            return None
        meta, links = (part if isinstance(part := body.get(name), dict) else {} for name in ("meta", "links"))
        return cls(answer.exchange, body["data"], meta, links)


def page_violations(page: ListingPage, number: int, per_page: int) -> Iterator[Violation]:
    """Violations in one page of page style that was requested by number."""
    expected: dict[str, int | None] = {"current_page": number, "per_page": per_page}
    total, last = page.meta.get("total"), page.meta.get("last_page")
    if isinstance(total, int):
        first_item = (number - 1) * per_page + 1
        on_page = max(0, min(per_page, total - first_item + 1))
        expected["last_page"] = max(1, -(-total // per_page))
        expected |= {"from": first_item, "to": first_item + on_page - 1} if on_page else {"from": None, "to": None}
        if len(page.items) != on_page:
            message = f"page {number} has {counted(len(page.items), 'item')}"
            yield PAGINATION_ITEMS.violation(message, "/data", expected=on_page, actual=len(page.items), kind="count")
    for key, value in expected.items():
        # An optional field that has no value may be left out.
        received = page.meta.get(key, None if value is None else "absent")
        if received != value:
            message = f"meta.{key} of page {number} is {received}"
            yield PAGINATION_META.violation(message, f"/meta/{key}", expected=value, actual=received)
    if isinstance(last, int):
        for link, present in (("prev", number > 1), ("next", number < last)):
            if bool(page.links.get(link)) != present:
                kind, wrong = ("missing", "is missing") if present else ("surplus", "is present")
                message = f"links.{link} of page {number} of {last} {wrong}"
                yield PAGINATION_LINKS.violation(
                    message, f"/links/{link}", expected=present, actual=page.links.get(link), kind=kind
                )


def numbered_violations(page: ListingPage, number: int) -> Iterator[Violation]:
    """Violations in a page of a listing, requested in any way, where it is of page style and reports its size."""
    per_page = page.meta.get("per_page")
    if "last_page" in page.meta and isinstance(per_page, int) and per_page > 0:
        yield from page_violations(page, number, per_page)


def size_violations(page: ListingPage, per_page: int) -> Iterator[Violation]:
    """More items than were requested."""
    if len(page.items) > per_page:
        message = f"{counted(len(page.items), 'item')} on a page"
        yield PAGINATION_PER_PAGE.violation(message, "/data", expected=per_page, actual=len(page.items))


def gap_violations(page: ListingPage, per_page: int) -> Iterator[Violation]:
    """Fewer items than were requested, though another page follows."""
    if page.links.get("next") and len(page.items) < per_page:
        message = f"{counted(len(page.items), 'item')} on a page that another follows"
        yield PAGINATION_PER_PAGE.violation(message, "/data", expected=per_page, actual=len(page.items), kind="gap")


def reported_size_violations(page: ListingPage, per_page: int) -> Iterator[Violation]:
    """`meta.per_page`, where it is present, is the requested size, or the documented default."""
    reported = page.meta.get("per_page", per_page)
    if reported != per_page:
        message = f"meta.per_page is {reported}"
        yield PAGINATION_PER_PAGE.violation(message, "/meta/per_page", expected=per_page, actual=reported)


def excess_violations(page: ListingPage, most: int) -> Iterator[Violation]:
    """`meta.per_page` is never above the documented maximum, even on a page with fewer items."""
    reported = page.meta.get("per_page")
    if isinstance(reported, int) and reported > most:
        message = f"meta.per_page is {reported}"
        yield PAGINATION_PER_PAGE.violation(message, "/meta/per_page", expected=f"at most {most}", actual=reported)


def cursor_violations(page: ListingPage) -> Iterator[Violation]:
    """`meta.next_cursor` and `links.next` lead on, or end, together; so do those that lead back."""
    for link, cursor in (("next", "next_cursor"), ("prev", "prev_cursor")):
        if cursor in page.meta and link in page.links and bool(page.meta[cursor]) != bool(page.links[link]):
            message = f"only one of meta.{cursor} and links.{link} leads to a page"
            expected, actual = page.links[link], page.meta[cursor]
            yield PAGINATION_LINKS.violation(message, f"/meta/{cursor}", expected=expected, actual=actual)


def path_violations(page: ListingPage, path: str) -> Iterator[Violation]:
    """`meta.path`, where it is present, is the address of the listing, whatever the host."""
    reported = page.meta.get("path")
    if isinstance(reported, str) and not has_path(reported, path):
        yield PAGINATION_META.violation(f"meta.path is {reported}", "/meta/path", expected=path, actual=reported)


def numbered_link_violations(page: ListingPage, number: int) -> Iterator[Violation]:
    """`meta.links`, where present, is the way back, every page by its number, and the way on; one page is active.

    Only few pages are all listed; the words for the ways back and on are the vendor's.
    """
    entries = page.meta.get("links")
    last = page.meta.get("last_page")
    if not isinstance(entries, list) or not entries or not isinstance(last, int):
        return
    labels = [entry.get("label") for entry in entries[1:-1]]
    if last <= _ALL_NUMBERED and labels != [str(item) for item in range(1, last + 1)]:
        message = f"meta.links of page {number} of {last} name the pages {', '.join(map(str, labels))}"
        yield PAGINATION_META.violation(message, "/meta/links/label", expected=f"1 to {last}", actual=labels)
    active = [entry.get("label") for entry in entries if entry.get("active")]
    if active != [str(number)] and str(number) in labels:
        message = f"meta.links of page {number} say that {', '.join(map(str, active)) or 'no page'} is active"
        yield PAGINATION_META.violation(message, "/meta/links/active", expected=[str(number)], actual=active)
    ends = {"prev": entries[0], "next": entries[-1]}
    wanted = [*((page.links.get(link), entry) for link, entry in ends.items() if link in page.links)]
    same_page = {"first": "1", "last": str(last)}
    wanted += [
        (page.links[link], entry)
        for link, label in same_page.items()
        for entry in entries[1:-1]
        if link in page.links and entry.get("label") == label
    ]
    for expected, entry in wanted:
        if "url" in entry and not _leads_alike(entry["url"], expected):
            message = f"the entry {entry.get('label')} of meta.links leads to {entry['url']}"
            yield PAGINATION_META.violation(message, "/meta/links/url", expected=expected, actual=entry["url"])


def link_violations(page: ListingPage, base_url: str, known_as: str | None) -> Iterator[Violation]:
    """Links must lead back to the host that was asked, or to the other name by which the target is known."""
    hosts = {"", urlsplit(base_url).netloc, known_as}
    for name, link in page.links.items():
        if isinstance(link, str) and parts_of(link).netloc not in hosts:
            message = f"links.{name} leads to another host"
            expected = urlsplit(base_url).netloc
            yield PAGINATION_LINKS.violation(message, f"/links/{name}", expected=expected, actual=link, kind="host")


def other_name(page: ListingPage, base_url: str, path: str) -> str | None:
    """The host by which a page calls the target that was asked by another name: a tunnel, or a second host name.

    None unless all of its addresses, `meta.path` included, have that host and the path of the listing.
    """
    addresses = [str(link) for link in (*page.links.values(), page.meta.get("path")) if link]
    hosts = {parts_of(address).netloc for address in addresses}
    is_one = len(hosts) == 1 and all(has_path(address, path) for address in addresses)
    return next((host for host in hosts if host not in ("", urlsplit(base_url).netloc)), None) if is_one else None


def has_path(address: str, path: str) -> bool:
    """Whether an address is one of a listing, whatever its host and what a gateway puts before its path."""
    return unquote(parts_of(address).path).rstrip("/").endswith(unquote(path).rstrip("/"))


def link_target_violations(
    page: str, link: str, wanted: str, expected: ListingPage, reached: ListingPage
) -> Iterator[Violation]:
    """A link of a `page` that leads to other items than those of the `wanted` page; both are named in words."""
    if reached.ids != expected.ids:
        message = f"links.{link} of {page} does not lead to {wanted}"
        yield PAGINATION_LINKS.violation(
            message, f"/links/{link}", expected=expected.ids, actual=reached.ids, kind="target"
        )


def refused_link_violation(link: str, outcome: str) -> Violation:
    """A link of a page that leads to no page; `outcome` says what it leads to."""
    message = f"links.{link} is {outcome}"
    return PAGINATION_LINKS.violation(message, f"/links/{link}", expected="a page", actual=outcome, kind="refused")


def is_same_address(one: str, other: str) -> bool:
    """Whether two addresses request the same, whatever the host, the order and the spelling."""
    return _address(one) == _address(other)


def _leads_alike(one: str | None, other: str | None) -> bool:
    return is_same_address(one, other) if one and other else bool(one) == bool(other)


def _address(url: str) -> tuple[str, list[tuple[str, str]]]:
    parts = parts_of(url)
    return unquote(parts.path), sorted(parse_qsl(parts.query, keep_blank_values=True))


def repetition_violations(pages: Sequence[ListingPage]) -> Iterator[Violation]:
    """Items that are listed more than once in a walk."""
    counts = Counter(identifier for page in pages for identifier in page.ids)
    repeated = [identifier for identifier, count in counts.items() if count > 1]
    if repeated:
        message = f"{counted(len(repeated), 'item')} listed more than once"
        yield PAGINATION_ITEMS.violation(message, "/data", expected="once", actual=repeated[:5], kind="repeated")


def differing_items_violations(differing: Iterable[Any], message: str, kind: str) -> Iterator[Violation]:
    """Items that only one of two walks over the same listing returns; `message` names the walks."""
    if ids := sorted(map(str, differing)):
        yield PAGINATION_ITEMS.violation(message, "/data", expected="the same items", actual=ids[:5], kind=kind)


def hidden_items_violations(hidden: Iterable[Any]) -> Iterator[Violation]:
    """Items that a walk leaves out because another item is created meanwhile."""
    if ids := sorted(hidden):
        message = f"{counted(len(ids), 'item')} left out when an item is created during the walk"
        yield PAGINATION_ITEMS.violation(message, "/data", expected="every item", actual=ids[:5], kind="hidden")
