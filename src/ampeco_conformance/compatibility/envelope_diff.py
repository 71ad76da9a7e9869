"""Turns a compared pair of envelopes into changes: every place, the rule that applies, the proof."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from ampeco_conformance.compatibility import envelopes
from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.changes import Change, Witness
from ampeco_conformance.compatibility.contracts import ContractDocument, Json
from ampeco_conformance.compatibility.deadlines import TimeLimit
from ampeco_conformance.compatibility.places import DifferencePath, places
from ampeco_conformance.compatibility.policy import VendorPolicy
from ampeco_conformance.compatibility.proofs import Proofs
from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity
from ampeco_conformance.compatibility.rules.existence import PARTS
from ampeco_conformance.compatibility.schema_diff import Difference, SchemaComparison, SchemaStep, SchemaWalk
from ampeco_conformance.compatibility.texts import Unbuildable
from ampeco_conformance.compatibility.variants import variant_name
from ampeco_conformance.contract.json_schema import Direction


class EnvelopeComparison:
    """Compares envelopes of two contracts in one direction."""

    def __init__(
        self,
        old: ContractDocument,
        new: ContractDocument,
        direction: Direction,
        policy: VendorPolicy,
        deadline: TimeLimit,
    ) -> None:
        self.direction = direction
        self.contained: dict[str, bool] = {}
        """Operations that changed; whether what was valid is proven to be valid still."""
        self._policy = policy
        before, after = Canonical(old, direction), Canonical(new, direction)
        self.canonicals = before, after
        self._walk = SchemaWalk(before, after)
        self._proofs = Proofs(before, after, deadline)

    def changes(self, operation: str, prefix: str, old: Json, new: Json) -> Iterator[Change]:
        """The changes between two envelopes, which must outlive this object; `prefix` starts every location."""
        root = self._walk.compare(old, new)
        if root is None:
            return
        is_safe = True
        for path, difference in places(root):
            change = self._change(operation, prefix, root, path, difference)
            if change is not None:
                is_safe = is_safe and change.severity is ChangeSeverity.SAFE
                yield change
        giver = "old" if self.direction is Direction.REQUEST else "new"
        is_contained = is_safe and self._proofs.contains(giver, root)
        self.contained[operation] = self.contained.get(operation, True) and is_contained

    def minimal(self, side: str, envelope: Json) -> dict[str, Json]:
        """A small value of an envelope of one side ("old" or "new"); an empty one when none is found."""
        with suppress(Unbuildable):
            value: dict[str, Json] = self._proofs.sides[side].careful.minimal(envelope)
            return value
        return {}

    def _change(
        self, operation: str, prefix: str, root: SchemaComparison, path: DifferencePath, difference: Difference
    ) -> Change | None:
        """The change that a difference is at a place; None when variants that might overlap do not."""
        if len(path) > 1 and path[0][0].new in envelopes.PARTS.values():
            difference = _as_written(difference)
        rule = RULES[self._rule_id(path, difference)]
        severity = self._policy.severity(rule)
        location = prefix + _location(path, difference)
        witness = None
        if severity is ChangeSeverity.BREAKING:
            giver = "old" if self.direction is Direction.REQUEST or rule.retires else "new"
            taker = "new" if giver == "old" else "old"
            proof = self._proofs.prove(giver, root, path, difference, retired=rule.retires)
            if not proof.breaks and difference.aspect == "one-of-overlap":
                return None
            if not proof.breaks:
                is_harmless = not rule.retires and self._proofs.is_harmless(giver, root, path, difference)
                severity = ChangeSeverity.SAFE if is_harmless else ChangeSeverity.MAYBE
            elif proof.witness is not None:
                status = {} if self.direction is Direction.REQUEST else {"status": prefix.split(" ")[0]}
                value = {**status, **proof.witness.value}
                control = None
                if self.direction is Direction.REQUEST:
                    control = proof.control or self.minimal(taker, root.new)
                witness = Witness(self.direction, operation, value, giver, taker, proof.witness.reason, control)
        return Change(
            rule=rule.id,
            operation=operation,
            location=location,
            message=_message(rule.title, difference),
            severity=severity,
            before=difference.before,
            after=difference.after,
            cause=_cause(path),
            subject=difference.subject,
            witness=witness,
            clause=self._policy.clause(rule) if severity is not ChangeSeverity.SAFE else "",
            variant=self._variants(path),
            origin=self._origin(
                path,
                gone=difference.aspect.endswith("-removed")
                and difference.before is not None
                and not _is_value(difference),
            ),
        )

    def _variants(self, path: DifferencePath) -> str:
        """The names of the variants on a path."""
        names, around = [], ""
        for step, comparison in path:
            if step.kind in ("anyOf", "oneOf") and step.new != "":
                component = comparison.cause.rpartition("/")[2] if comparison.cause != around else ""
                names.append(component or variant_name(self.canonicals[1], comparison.new, int(step.new)))
            around = comparison.cause
        return " ".join(names)

    def _origin(self, path: DifferencePath, *, gone: bool) -> tuple[ContractDocument, tuple[Json, ...]]:
        """The schemas of a path, innermost first: the new ones, or the old ones of what is gone."""
        contract = self.canonicals[0 if gone else 1].contract
        return contract, tuple(child.old if gone else child.new for _, child in reversed(path))

    def _rule_id(self, path: DifferencePath, difference: Difference) -> str:
        part = ""
        if not path:
            part = "body"
        elif len(path) == 1:
            name = str(path[0][0].new)
            part = "media-type" if name == "body" else "header" if self.direction is Direction.RESPONSE else "parameter"
        in_part = PARTS.get((self.direction, part), {})
        return in_part.get(difference.aspect, f"{self.direction}-{difference.aspect}")


def _as_written(difference: Difference) -> Difference:
    """A difference as seen in a path, a query, a header or a cookie, where every scalar is text."""
    if difference.aspect != "type-changed":
        return difference
    before, after = set(difference.before or ()), set(difference.after or ())
    if not before | after <= {*envelopes.SCALARS}:
        return difference
    aspect = "type-widened" if "string" in after else "type-narrowed" if "string" in before else difference.aspect
    return replace(difference, aspect=aspect)


def _location(path: DifferencePath, difference: Difference) -> str:
    """`body.data[].type`: the part, then the fields; a media type is named when it is not JSON."""
    text = _steps([step for step, _ in path])
    if _names_a_field(difference):
        text = f"{text}.{difference.subject}" if text else difference.subject
    return text.replace("body.application/json", "body")


def _is_value(difference: Difference) -> bool:
    return difference.aspect.startswith("enum-value")


def _names_a_field(difference: Difference) -> bool:
    """Whether the subject of a difference is a field of the place."""
    return difference.aspect.startswith(("optional-", "required-", "property-")) and not difference.aspect.startswith(
        "property-names"
    )


def _steps(steps: list[SchemaStep]) -> str:
    text = ""
    for step in steps:
        if step.kind == "items":
            text += "[]"
        elif step.kind == "prefix":
            text += f"[{step.new}]"
        elif step.kind == "additional":
            text += ".*"
        elif step.kind == "property":
            text += f".{step.new}" if text else str(step.new)
    return text


def _cause(path: DifferencePath) -> str:
    """The named component with the way inside it; empty when the place is not shared."""
    if not path or not path[-1][1].cause:
        return ""
    component = path[-1][1].cause
    inside = [step for step, comparison in path if comparison.cause == component]
    return f"{component}{'.' + text if (text := _steps(inside[1:])) else ''}"


def _message(title: str, difference: Difference) -> str:
    shown = [
        str(value) for value in (difference.before, difference.after) if isinstance(value, (str, int, float, bool))
    ]
    if difference.label or _names_a_field(difference):
        return f"{title}: {difference.label or difference.subject}"
    if difference.aspect.startswith("enum-value"):
        return f"{title}: {difference.subject}"
    if difference.aspect.endswith(("changed", "increased", "decreased")) and len(shown) == 2:
        return f"{title}: {shown[0]} -> {shown[1]}"
    if shown and difference.aspect.endswith(("set", "unset")):
        return f"{title}: {shown[0]}"
    if difference.before and difference.after and difference.aspect.startswith("type-"):
        return f"{title}: {'|'.join(difference.before)} -> {'|'.join(difference.after)}"
    return title
