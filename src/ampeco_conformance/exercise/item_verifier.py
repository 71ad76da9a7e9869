"""An item after a write: read, and compared with the request, the response and what it showed before."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ampeco_conformance.checks import resource_fields
from ampeco_conformance.checks import resources as rules
from ampeco_conformance.checks.echoes import answer_violations, echo_violations
from ampeco_conformance.checks.refused_writes import change_violations
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.exercise.collection import Collection, Item, object_in
from ampeco_conformance.exercise.confirmation import Discovery
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_ACCEPTED = 202


class ItemVerifier:
    """Compares items of one resource with the model. `now` is the time of the target."""

    def __init__(
        self,
        collection: Collection,
        record: Recorder,
        reading: Operation,
        now: datetime,
    ) -> None:
        self._collection = collection
        self._record = record
        self._contract: ApiContract = record.contract
        self._reading = reading
        self._now = now
        self._just_read: set[str] = set()
        self.shown_names = resource_fields.shown_properties(self._contract, reading)

    def after_write(
        self,
        item: Item,
        operation: Operation,
        written: Exchange,
        sent: Mapping[str, Any],
        *,
        is_change: bool = False,
    ) -> Iterator[Discovery]:
        """Read the item and compare it; the model takes over what was read and what was sent."""
        shown, read = self._collection.look(item)
        if shown is None:
            status = read.response.status_code if read.response else read.error
            yield Discovery(rules.unread_violation(item.identifier, status), operation, read)
            return
        fields = resource_fields.comparable_fields(self._contract, operation, self._reading)
        properties = resource_fields.written_and_read(self._contract, operation, self._reading)
        violations = [
            *rules.identity_violations(item.identifier, shown, self.shown_names, self._collection.id_field),
            *rules.kept_violations(fields, sent, shown),
            *echo_violations(self._contract, *properties, sent, shown),
            *rules.time_violations(item.shown, shown, must_move=is_change),
        ]
        if is_change or not item.shown:
            writable = {name for name, (schema, _) in properties[0].items() if not schema.get("readOnly")}
            violations += rules.present_time_violations(shown, self._now, settable=writable)
        item.shown = shown
        item.given |= sent
        self.trust([item])
        for name in resource_fields.non_utc_fields(shown, self.shown_names):
            self._record.note(f"{name} is not written in UTC: {shown[name]}")
        discoveries = [Discovery(violation, operation, read) for violation in violations]
        yield from discoveries or self._answered_otherwise(operation, written, sent, shown)

    def _answered_otherwise(
        self, operation: Operation, written: Exchange, sent: Mapping[str, Any], shown: Mapping[str, Any]
    ) -> Iterator[Discovery]:
        """The response to a write shows what was sent, and the stored values; a 202 (accepted) shows nothing yet."""
        answered = object_in(written)
        if not answered or (written.response is not None and written.response.status_code == _ACCEPTED):
            return
        fields = resource_fields.comparable_fields(self._contract, operation, self._reading)
        fields = resource_fields.fields_of_same_form(self._contract, fields, operation, self._reading)
        values = resource_fields.answered_values(fields, sent, answered)
        violations: list[Violation] = [
            *rules.answered_violations(fields, values, shown),
            *rules.answered_time_violations(answered, shown),
        ] or [*answer_violations(self._contract, operation, sent, answered)]
        names = sorted(resource_fields.names_of_same_form(self._contract, operation, self._reading))
        violations = violations or [*rules.added_violations(names, answered, shown)]
        yield from (Discovery(violation, operation, written) for violation in violations)

    def trust(self, items: Iterable[Item]) -> None:
        """Do not read these items again: what they show has just been compared."""
        self._just_read |= {str(item.identifier) for item in items if not item.refused}

    def doubt(self, item: Item) -> None:
        """Read an item again, because something was sent to it after it was read."""
        self._just_read.discard(str(item.identifier))

    def untouched(self, items: Iterable[Item], creating: Operation) -> Iterator[Discovery]:
        """Every item still has the values that it showed last, also after writes to it that were refused.

        What was read after the last write is not read again.
        """
        fields = resource_fields.comparable_fields(self._contract, creating, self._reading)
        just_read, self._just_read = self._just_read, set()
        for item in (item for item in items if str(item.identifier) not in just_read):
            shown, read = self._collection.look(item)
            effects = [
                Discovery(violation, refused.operation, refused.exchange)
                for refused in item.refused
                for violation in change_violations(refused, fields, item.shown, shown)
            ]
            if effects:
                yield from effects
                continue
            item.refused = []
            violations: Iterable[Violation] = (
                rules.untouched_violations(fields, item.shown, shown, None)
                if shown is not None
                else [rules.lost_violation(item.identifier)]
            )
            yield from (Discovery(violation, self._reading, read) for violation in violations)
