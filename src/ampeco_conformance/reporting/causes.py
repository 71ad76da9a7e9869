"""The unit that every report shows and counts: clusters of one fault are one cause.

The same fault in the same field or header is one cause, in whatever schemas and statuses; in three fields or more it is
one as well, such as a wrong type of every time. All that a check finds is one where its declaration says so
(`Check.is_one_fault`).
Standings stay apart: a known issue never hides a violation.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ampeco_conformance.checks.registry import check_of
from ampeco_conformance.reporting.clusters import LISTS, Cluster, cause_id, leaf_of

_MANY_FIELDS = 3
#: What a cause is in whose clusters are in several sections.
_MOST_URGENT_FIRST = ("new", "open", "flaky", "blocked", "known", "drift", "advisory", "fixed")


def causes_of(clusters: Iterable[Cluster]) -> list[Cluster]:
    """The causes of clusters, worst first."""
    clusters = list(clusters)
    fields: dict[tuple[str, str], set[str]] = {}
    for cluster in clusters:
        fields.setdefault(_kind(cluster), set()).add(leaf_of(cluster.location))
    groups: dict[tuple[str, ...], list[Cluster]] = {}
    for cluster in clusters:
        kind, field = _kind(cluster), leaf_of(cluster.location)
        # What has no place is told apart by more than its kind.
        own = cluster.id if not field else "" if len(fields[kind]) >= _MANY_FIELDS else field
        groups.setdefault((*kind, own), []).append(cluster)
    return sorted((_joined(alike, key[0]) for key, alike in groups.items()), key=lambda cause: cause.rank)


def counted(clusters: Iterable[Cluster]) -> list[Cluster]:
    """The causes that count against the target, worst first."""
    return causes_of(cluster for cluster in clusters if cluster.is_counted)


def of_items(causes: Iterable[Cluster]) -> dict[str, Cluster]:
    """The cause that stands for each item where only one can, by node id.

    The most urgent section governs, so that a known issue never hides another finding; then the cause with the fewest
    items, so that one that is seen everywhere leaves the others an item of theirs.
    """
    found: dict[str, Cluster] = {}
    for cause in sorted(causes, key=_urgent_and_rare_first, reverse=True):
        found |= dict.fromkeys(cause.node_ids, cause)
    return found


def _urgent_and_rare_first(cause: Cluster) -> tuple[int, int, tuple[int, int, int, str]]:
    return _MOST_URGENT_FIRST.index(cause.section), len(cause.node_ids), cause.rank


def _kind(cluster: Cluster) -> tuple[str, str]:
    kind = cause_id(cluster.check) if check_of(cluster.check).is_one_fault else cluster.kind
    return kind, str(cluster.standing)


def _joined(alike: list[Cluster], kind: str) -> Cluster:
    first = alike[0]
    parts = [cluster.id for cluster in alike]
    if len(alike) == 1:
        return replace(first, parts=parts)
    fields = {leaf_of(cluster.location) for cluster in alike}
    whole = replace(first, id=cause_id(kind, str(first.standing), *(fields if len(fields) == 1 else ())))
    for name in (*LISTS, "examples"):
        setattr(whole, name, list(getattr(first, name)))
    for cluster in alike[1:]:
        whole.add(cluster)
    whole.parts = parts
    places = {f"{operation}: {cluster.location}" for cluster in alike for operation in cluster.operations}
    whole.places = sorted(places) if len(places) > 1 else []
    whole.section = min((cluster.section for cluster in alike), key=_MOST_URGENT_FIRST.index)
    whole.first_seen = min((cluster.first_seen for cluster in alike if cluster.first_seen), default=None)
    whole.issue = ", ".join(Counter(cluster.issue for cluster in alike if cluster.issue)) or None
    whole.owner = ", ".join(Counter(cluster.owner for cluster in alike if cluster.owner)) or None
    return whole
