"""Release notes for people: the changes of a comparison by resource, in sentences, with what to do."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from ampeco_conformance.compatibility.changes import Change, ChangeGroup
from ampeco_conformance.compatibility.contracts import ContractDocument, ContractOperation
from ampeco_conformance.compatibility.deprecations import newer_version
from ampeco_conformance.compatibility.impact import Impact
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.contract.path_templates import is_version_segment


class NoteKind(StrEnum):
    """The parts of release notes, in their order; the values are their headings."""

    NEW = "New"
    BREAKING = "Breaking"
    MAY_BREAK = "May break"
    DEPRECATED = "Deprecated"
    CHANGED = "Also changed"


@dataclass(frozen=True, slots=True)
class ReleaseNote:
    """A change in a sentence; `todo` says what a client has to do. Changes that read the same are one note."""

    kind: NoteKind
    text: str
    todo: str
    impact: Impact | None
    groups: tuple[ChangeGroup, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that it concerns, each once, in order."""
        return tuple(dict.fromkeys(label for group in self.groups for label in group.operations))

    @property
    def ids(self) -> str:
        """The ids of the findings."""
        return ", ".join(group.id for group in self.groups)


@dataclass(frozen=True, slots=True)
class ResourceNotes:
    """The notes on one resource."""

    title: str
    notes: tuple[ReleaseNote, ...]

    def of(self, kind: NoteKind) -> list[ReleaseNote]:
        """The notes of a kind."""
        return [note for note in self.notes if note.kind is kind]


@dataclass(frozen=True, slots=True)
class ReleaseNotes:
    """The notes on a step from one version to another; `renamed` counts changes of names that no request has."""

    report: ComparisonReport
    resources: tuple[ResourceNotes, ...]
    renamed: int

    @property
    def counts(self) -> dict[NoteKind, int]:
        """The number of notes of each kind that there is any of."""
        counted = {kind: sum(len(resource.of(kind)) for resource in self.resources) for kind in NoteKind}
        return {kind: number for kind, number in counted.items() if number}


_SENTENCES = (
    (r"operation-added", "{operation}{summary}"),
    (r"operation-removed", "{operation} is gone"),
    (r"operation-deprecated.*", "{operation} is deprecated, {until}"),
    (r"operation-sunset-.*", "{operation} is deprecated, {until}: {message}"),
    (r"operation-reactivated", "{operation} is no longer deprecated"),
    (r"request-(required-property|parameter-required)-added", "{field} has to be sent"),
    (r"request-property-became-required|request-parameter-became-required", "{field} has to be sent"),
    (r"request-(optional-property-added|parameter-optional-added|property-became-visible)", "{field} can be sent"),
    (r"response-.*property-added.*|response-property-became-visible", "{field} is returned"),
    (r"request-enum-value-added", "{field} can be {value}"),
    (r"response-enum-value-added", "{field} may be returned as {value}"),
    (r"request-enum-value-removed", "{field} can no longer be {value}"),
    (r"response-enum-value-removed", "{field} is no longer returned as {value}"),
    (r"response-.*property-removed|response-required-property-became-hidden", "{field} is no longer returned"),
    (r"request-.*property-removed.*|request-parameter-removed", "{field} can no longer be sent"),
    (r"response-property-became-optional", "{field} may be left out of answers"),
    (r"(request|response)-deprecated", "{field} is deprecated, until when is not announced"),
)
"""Rules -> sentences; for the others the headline does."""

_ADVICE = (
    (r"operation-(removed|deprecated.*|sunset-.*)", "{replacement}"),
    (r"response-.*property-removed|response-required-property-became-hidden", "Do without {field}."),
    (r"response-property-became-optional", "Expect answers without {field}."),
    (r"response-enum-value-removed", "Do not wait for {value}."),
    (r"response-enum-value-added", "Accept {value}, and values that you do not know."),
    (r"response-became-nullable", "Expect null."),
    (r"request-became-not-nullable", "Do not send null as {field}."),
    (r"request-enum-value-removed", "Send another value than {value}."),
    (r"request-.*(required-added|became-required|required-property-added)", "Send {field} with every request."),
    (r"request-.*removed.*", "Stop sending {field}."),
    (r"security-.*", "Send the credentials that the new version asks for."),
    (r"request-.*", "Send {field} as the new version has it: {message}."),
    (r"response-.*", "Read {field} as the new version has it: {message}."),
)
"""Rules -> what a client has to do, where a change breaks or may break."""

_NAMES = frozenset({"operation-id-changed", "operation-tag-added", "operation-tag-removed", "component-schema-removed"})
"""Rules on names that no request and no answer has."""

_NAMED = frozenset({"fields", "parameters", "headers"})
"""Areas of rules whose subject is a name; that of others is a value."""

_FEATURES = re.compile(
    r"(operation|webhook|callback)-added|request-(optional-property|parameter-optional|body-optional|media-type)-added"
    r"|response-(optional|required)-property-added|response-property-added-to-closed-object|request-enum-value-added"
    r"|(request|response)-property-became-visible|response-(success-status|header|body|media-type)-added"
)
_KINDS = frozenset({"resources", "actions"})


def release_notes(report: ComparisonReport) -> ReleaseNotes:
    """The notes on a comparison."""
    _, new = report.contracts
    deprecated = {group.first.operation for group in report.groups if group.first.rule == "operation-deprecated"}
    impacts: list[Impact | None] = [*report.impacts] if report.impacts else [None] * len(report.groups)
    by_resource: dict[str, dict[tuple[str, ...], ReleaseNote]] = {}
    labels = [operation.label for operation in new.operations.values()]
    titles = _Titles([*labels, *(label for group in report.groups for label in group.operations)])
    renamed = 0
    for group, impact in zip(report.groups, impacts, strict=True):
        if group.first.rule in _NAMES:
            renamed += 1
            continue
        if group.first.rule == "operation-sunset-later" and group.first.operation in deprecated:
            continue  # the note on the deprecation has the date
        note = ReleaseNote(_kind(group), *_texts(group, new), impact, (group,))
        notes = by_resource.setdefault(titles.title(group.first.operation), {})
        key = (note.kind, note.text, note.todo, impact.level if impact else "")
        notes[key] = replace(notes[key], groups=(*notes[key].groups, group)) if key in notes else note
    resources = tuple(
        ResourceNotes(title, tuple(sorted(by_resource[title].values(), key=_is_part))) for title in sorted(by_resource)
    )
    return ReleaseNotes(report, resources, renamed)


def _is_part(note: ReleaseNote) -> bool:
    """Whether a note is about a part of an operation: whole operations come first."""
    return note.groups[0].first.definition.area != "operations"


def _kind(group: ChangeGroup) -> NoteKind:
    change = group.first
    if group.severity is ChangeSeverity.BREAKING:
        return NoteKind.BREAKING
    if change.definition.area == "life-cycle" or change.rule.endswith("-deprecated"):
        return NoteKind.DEPRECATED
    if group.severity is ChangeSeverity.MAYBE:
        return NoteKind.MAY_BREAK
    return NoteKind.NEW if _FEATURES.fullmatch(change.rule) else NoteKind.CHANGED


def _texts(group: ChangeGroup, new: ContractDocument) -> tuple[str, str]:
    """The sentence on a group, and what to do."""
    change = group.first
    words = _words(change, new)
    sentence = next((text for rule, text in _SENTENCES if re.fullmatch(rule, change.rule)), None)
    text = sentence.format_map(words) if sentence else group.headline
    concerns = group.severity is not ChangeSeverity.SAFE or change.rule.startswith("operation-deprecated")
    advice = next((text for rule, text in _ADVICE if concerns and re.fullmatch(rule, change.rule)), "")
    return text, advice.format_map(words)


def _words(change: Change, new: ContractDocument) -> Mapping[str, str]:
    method, _, path = change.operation.partition(" ")
    key = (method, re.sub(r"\{[^}]*\}", "{}", path))
    operation = new.operations.get(key) or ContractOperation(method, path, {}, (), None)
    replacement = newer_version(operation, new)
    value = change.after if change.before is None else change.before
    until = operation.definition.get("x-sunset")
    return {
        "operation": f"`{change.operation}`",
        "summary": f": {summary}" if (summary := operation.definition.get("summary")) else "",
        "field": f"`{_field(change)}`",
        "value": f"`{value}`",
        "message": change.message,
        "until": f"until {until}" if until else "until when is not announced",
        "replacement": f"Call `{replacement}` instead." if replacement else "Do without it: nothing replaces it.",
    }


def _field(change: Change) -> str:
    """The field or parameter that a change is about, as a client writes it."""
    place = change.location.partition("body.")[2] or change.location
    if change.definition.area in _NAMED and not place.endswith(change.subject):
        place = f"{place}.{change.subject}"
    return place.removeprefix("data[].").removeprefix("data.").strip(".") or change.subject or "the body"


class _Titles:
    """The titles of resources: actions on a charge point belong to charge points."""

    def __init__(self, labels: list[str]) -> None:
        self._names = {name for label in labels if (name := _name(label)[1])}

    def title(self, label: str) -> str:
        """The title of the resource of an operation."""
        _, name = _name(label)
        if not name:
            return "The document"
        name = next((known for known in _plurals(name) if known in self._names), name)
        return name.replace("-", " ").replace("_", " ").capitalize()


def _plurals(name: str) -> Iterator[str]:
    yield f"{name}s"
    yield f"{name}es"
    yield f"{name.removesuffix('y')}ies"


def _name(label: str) -> tuple[str, str]:
    """The kind and the name of what the path of an operation addresses."""
    path = label.partition(" ")[2]
    parts = [part for part in path.split("/") if part and not part.startswith("{") and not is_version_segment(part)]
    for kind, name in pairwise(parts):
        if kind in _KINDS:
            return kind, name
    return "", next(iter(parts[1:] or parts), "")
