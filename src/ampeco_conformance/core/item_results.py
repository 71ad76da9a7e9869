"""The result of an item that has ended: status, findings and undocumented things it saw.

The fields are the keys of `items.jsonl` and `drift.json`; a file of an older release may lack those with a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.findings import Certainty, Standing

#: How the note of an item begins whose operation never succeeded; earlier releases wrote the second.
NOT_SUCCEEDED = ("did not succeed: ", "not seen succeeding: ")
#: The note of an item whose operation succeeded with an empty listing.
NOTHING_SEEN = "reached, nothing seen: the listing is empty"

#: How the reason begins of an item that was skipped because the target has not switched a feature on.
NOT_ENABLED = "switched off on the target: "
#: How the note begins about fields whose feature the target has not switched on.
FIELDS_NOT_ENABLED = "not enabled: fields "
#: The reason of an item that the budget of the run left out.
NOT_IN_BUDGET = "not tested: budget"
#: The note of an operation that was called, without boundaries, faults and random values.
ONLY_CALLED = "only called: without boundaries, faults and random values"

#: How the note begins of what Schemathesis takes for a violation, and the suite's own reading does not.
UNCONFIRMED = "only Schemathesis sees"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingResult:
    """A finding, masked and bounded, without its exchange; `case` is the id that `./conform replay` takes.

    `replay` is the command that does so, once the reports folder is known.
    `kind` and `status` tell causes apart, `owner` is that of the known issue (see findings.py); `cause_location` and
    `cause_kind` are those of the nearest alternative, where it has one. Earlier releases did not write them.
    """

    check: str
    operation: str
    message: str
    location: str
    severity: Severity
    source: str
    standing: Standing
    certainty: Certainty
    fingerprint: str
    setting: str
    issue: str | None
    case: str | None
    expected: str | None
    actual: str | None
    kind: str = ""
    status: int | None = None
    owner: str | None = None
    cause_location: str = ""
    cause_kind: str = ""
    replay: str | None = None

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The finding in a JSON object. Raises KeyError, TypeError or ValueError when it is not one."""
        return cls(
            **{
                **content,
                "severity": Severity(content["severity"]),
                "standing": Standing(content["standing"]),
                "certainty": Certainty(content["certainty"]),
            }
        )


@dataclass(frozen=True, slots=True)
class DriftEntry:
    """One thing that is not documented. Moments are ISO 8601 in UTC.

    `place` points into the specification at what would document it, `schema` is what documents the values seen;
    `documented_in` is the oldest newer version that does.
    """

    check: str
    operation: str
    status: int | None
    location: str
    api: str
    api_version: str
    target: str
    message: str
    sample: Any
    schema: Mapping[str, Any]
    place: str
    setting: str
    first_seen: str
    last_seen: str
    documented_in: str | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """The identity of an entry; each value that an enum lacks is an entry of its own."""
        place = (self.check, self.operation, self.status, self.location, *self.schema.get("enum", ()))
        return (*place, self.api, self.api_version, self.target)

    def joined(self, other: "DriftEntry") -> "DriftEntry":
        """One entry for two sightings: the details of the newer one, first seen when the older one was."""
        older, newer = sorted((self, other), key=lambda entry: entry.last_seen)
        return replace(
            newer,
            first_seen=min(older.first_seen, newer.first_seen),
            documented_in=newer.documented_in or older.documented_in,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """The result of one item. Times are seconds since the epoch.

    An item whose process died has only a node id, a layer, a status and a message. `environment` says why the target
    could not be used; `reached` are the operations that succeeded, `answers` counts statuses by operation,
    `milliseconds` holds the response times by operation, `lost` counts the requests that got no response;
    `target_options` are the arguments that name the target.
    `coverage` is what the item reached first, `gaps` why it could not reach something; both by kind and operation.
    """

    node_id: str
    layer: str
    aspect: str | None = None
    operation: str | None = None
    tag: str | None = None
    story: str | None = None
    api: str | None = None
    api_version: str | None = None
    target: str | None = None
    rerun: str | None = None
    target_options: tuple[str, ...] = ()
    status: str
    reason: str | None = None
    message: str | None = None
    environment: str | None = None
    started_at: float | None = None
    stopped_at: float | None = None
    reached: tuple[str, ...] = ()
    statuses: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    requests: int = 0
    lost: int = 0
    milliseconds: Mapping[str, list[float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    findings: tuple[FindingResult, ...] = ()
    drift: tuple[DriftEntry, ...] = ()
    coverage: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    gaps: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the item, the same in every version and on every target."""
        return f"{self.aspect}: {self.operation or self.story}" if self.aspect else self.node_id

    @property
    def seconds(self) -> float:
        """The duration in seconds."""
        return (self.stopped_at or 0.0) - (self.started_at or 0.0)

    @property
    def severity(self) -> Severity | None:
        """The worst severity of its findings; None when there are none."""
        return min((finding.severity for finding in self.findings), key=list(Severity).index, default=None)

    @property
    def is_failure(self) -> bool:
        """Whether it failed, or broke before it could be judged."""
        return self.status in ("failed", "broken")

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The result in a JSON object. Raises KeyError, TypeError or ValueError when it is not one."""
        return cls(
            **{
                **content,
                "target_options": tuple(content.get("target_options", ())),
                "reached": tuple(content["reached"]),
                "notes": tuple(content["notes"]),
                "findings": tuple(map(FindingResult.from_json, content["findings"])),
                "drift": tuple(DriftEntry(**entry) for entry in content["drift"]),
            }
        )
