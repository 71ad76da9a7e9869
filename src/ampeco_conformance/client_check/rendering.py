"""What is wrong with a client, as text, as JSON and as annotations of GitHub Actions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from ampeco_conformance.client_check.faults import KINDS
from ampeco_conformance.client_check.model import HOLE, NOT_SHOWN, Client, ClientCall, ClientFault
from ampeco_conformance.core.counting import counted_in_words
from ampeco_conformance.core.workflow_commands import annotation

FORMAT_VERSION = 1
_PLACES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ClientReport:
    """The faults of a client at one version, or at two; `calls` are those that belong to the API.

    `notes` say what of the versions is not known.
    """

    client: Client
    api: str
    versions: tuple[str, ...]
    calls: tuple[tuple[ClientCall, tuple[str, ...]], ...]
    faults: tuple[ClientFault, ...]
    notes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """One line with the counts."""
        if not self.calls:
            return f"{self.client.source} has no call of {self.api} {' or '.join(self.versions)}"
        certain = sum(fault.breaks and fault.is_certain for fault in self.faults)
        guessed = sum(fault.breaks and not fault.is_certain for fault in self.faults)
        warnings = sum(not fault.breaks for fault in self.faults)
        counts = [counted_in_words(certain, "fault")]
        counts += [f"{guessed} more by guess"] if guessed else []
        counts += [counted_in_words(warnings, "warning")] if warnings else []
        calls = counted_in_words(len(self.calls), "call")
        text = f"{calls} of {self.api} {' and '.join(self.versions)} in {self.client.source}: {', '.join(counts)}"
        others = len(self.client.calls) - len(self.calls)
        return text + (f"; {counted_in_words(others, 'other request')} not judged" if others else "")


def render_text(report: ClientReport) -> str:
    """A line for each fault: place, certainty, operation, what is wrong, kind."""
    names_version = len(report.versions) > 1
    single = [part for fault in report.faults for part in _by_line(fault)]
    single.sort(key=lambda fault: [(place.text, place.line) for place in fault.places if place.line])
    faults = (fault_line(fault, f"in {fault.version}: " if names_version else "") for fault in single)
    lines = [report.summary, *report.notes, *faults]
    return "\n".join(lines) + "\n"


def fault_line(fault: ClientFault, version: str = "") -> str:
    """A fault in one line."""
    level = ("certain" if fault.is_certain else "guess") if fault.breaks else "warning"
    return f"{_places(fault)}  {level:7}  {version}{fault.operation}: {fault.message}  [{fault.kind}]"


def render_github(report: ClientReport) -> str:
    """An annotation for each place of each fault, then the summary."""
    lines = []
    for fault in report.faults:
        level = "notice" if not fault.breaks else "error" if fault.is_certain else "warning"
        for place in fault.places:
            file = place.text if place.line else ""
            lines.append(
                annotation(level, fault.kind, f"{fault.operation}: {fault.message}", file=file, line=place.line)
            )
    lines.append(annotation("notice", "client-check", report.summary))
    return "\n".join(lines) + "\n"


def render_json(report: ClientReport) -> str:
    """The faults and the calls; `--usage` of the commands that compare versions reads the calls."""
    content = {
        "format": FORMAT_VERSION,
        "api": report.api,
        "versions": list(report.versions),
        "source": report.client.source,
        "faults": [_fault(fault) for fault in report.faults],
        "client_calls": [_call(call, path) for call, path in report.calls],
        "notes": list(report.notes),
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n"


RENDERERS: dict[str, Callable[[ClientReport], str]] = {
    "text": render_text,
    "json": render_json,
    "github": render_github,
}
"""The renderer of each format."""


def _fault(fault: ClientFault) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "title": KINDS[fault.kind],
        "version": fault.version,
        "operation": fault.operation,
        "subject": fault.subject,
        "message": fault.message,
        "breaks": fault.breaks,
        "certainty": "certain" if fault.is_certain else "guess",
        "places": [str(place) for place in fault.places],
    }


def _call(call: ClientCall, path: Sequence[str]) -> dict[str, Any]:
    """A call as a usage reads it: null for what the source does not show, `{}` for what differs."""
    return {
        "method": call.method or None,
        "path": _shown("/" + "/".join(path)),
        "query": [[_shown(name), None if HOLE in value else value] for name, value in call.query],
        "body": None if call.body is NOT_SHOWN else {} if call.body is None else _names(call.body),
        "place": str(call.place),
        "certainty": "certain" if call.is_certain else "guess",
    }


def _names(body: Any) -> Any:
    """A body without its values, which may be personal."""
    if isinstance(body, dict):
        return {_shown(name): _names(value) for name, value in body.items()}
    return [_names(item) for item in body[:1]] if isinstance(body, list) else True


def _by_line(fault: ClientFault) -> Iterator[ClientFault]:
    """A fault in source code once for each of its lines; that of recorded traffic once."""
    if not fault.places or not fault.places[0].line:
        yield fault
    else:
        yield from (replace(fault, places=(place,)) for place in fault.places)


def _places(fault: ClientFault) -> str:
    shown = ", ".join(map(str, fault.places[:_PLACES_SHOWN]))
    more = len(fault.places) - _PLACES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _shown(text: str) -> str:
    return text.replace(HOLE, "{}")
