"""Release notes as text, as Markdown and as an HTML page; several steps follow one another, the newest first."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ampeco_conformance.compatibility.impact import ImpactLevel
from ampeco_conformance.compatibility.release_notes import NoteKind, ReleaseNote, ReleaseNotes
from ampeco_conformance.compatibility.rendering.side_by_side import side_by_side
from ampeco_conformance.core.pages import render_page

_PAGE = Path(__file__).with_name("templates") / "changelog.html"
_SHOWN = 2
"""How many operations are named beside a note; further ones are counted."""


def render_notes_text(steps: Sequence[ReleaseNotes]) -> str:
    """Readable text."""
    return "\n".join("\n".join(_lines(notes, "", "- ")) for notes in steps).replace("`", "") + "\n"


def render_notes_markdown(steps: Sequence[ReleaseNotes]) -> str:
    """Markdown with headings."""
    return "\n\n".join("\n".join(_lines(notes, "#", "- ")) for notes in steps) + "\n"


def render_notes_html(steps: Sequence[ReleaseNotes]) -> str:
    """One page with a filter."""
    title = f"{steps[-1].report.old} to {steps[0].report.new}"
    return render_page(
        _PAGE, title=title, steps=steps, kinds=list(NoteKind), where=where, split=_split, side_by_side=side_by_side
    )


NOTES: dict[str, Callable[[Sequence[ReleaseNotes]], str]] = {
    "text": render_notes_text,
    "markdown": render_notes_markdown,
    "html": render_notes_html,
}
"""The renderers of release notes."""


def _lines(notes: ReleaseNotes, mark: str, item: str) -> Iterator[str]:
    space = [""] if mark else []
    yield f"{mark} {notes.report.old} to {notes.report.new}".strip()
    yield from space
    yield ", ".join(f"{number} {kind.lower()}" for kind, number in notes.counts.items()) or "no changes"
    yield from notes.report.unknown
    yield from (f"not compared: {line}" for line in (*notes.report.set_aside, *notes.report.unfinished))
    for resource in notes.resources:
        yield ""
        yield f"{mark * 2} {resource.title}".strip()
        for kind in NoteKind:
            found = resource.of(kind)
            if found:
                yield from space
                yield f"{mark * 3} {kind}".strip() if mark else f"  {kind}"
                yield from space
            for note in found:
                yield from _note(note, item if mark else f"    {item}")
    if notes.renamed:
        yield ""
        yield f"{notes.renamed} names that no request has (tags, operationIds, components) changed too."


def _note(note: ReleaseNote, item: str) -> Iterator[str]:
    around = f" ({where(note)})" if where(note) else ""
    yield f"{item}{note.text}{around} [{note.ids}]"
    below = " " * len(item)
    if note.todo:
        yield f"{below}What to do: {note.todo}"
    if note.impact and note.impact.level is not ImpactLevel.NONE:
        yield f"{below}{note.impact.level}: {note.impact.reason}"


def where(note: ReleaseNote) -> str:
    """The operations that a note concerns, unless its sentence names them."""
    named = [f"`{label}`" for label in note.operations if label and f"`{label}`" not in note.text]
    more = len(named) - _SHOWN
    return ", ".join(named[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _split(text: str) -> list[tuple[bool, str]]:
    """The pieces of a sentence; true for those between backquotes."""
    return [(number % 2 == 1, piece) for number, piece in enumerate(text.split("`")) if piece]
