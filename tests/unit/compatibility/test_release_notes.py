"""Release notes: by resource, what is new first, what breaks with what to do."""

from typing import Any

import pytest

from ampeco_conformance.compatibility.release_notes import NoteKind, ReleaseNotes, release_notes
from ampeco_conformance.compatibility.rendering.html import render_html
from ampeco_conformance.compatibility.rendering.release_notes import NOTES
from ampeco_conformance.compatibility.rules import RULES
from ampeco_conformance.compatibility.upgrade import decide
from ampeco_conformance.compatibility.upgrade_pages import UPGRADE_PAGES
from tests.support.comparison import compared, document, examples, with_schema

Json = Any
SESSIONS, START = "/api/resources/sessions/v1.0", "/api/actions/session/v1.0/{session}/start"


def operation(answer: Json = None, body: Json = None, **more: Json) -> Json:
    made = {
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": answer or {}}}}},
        **more,
    }
    return made if body is None else {**made, "requestBody": {"content": {"application/json": {"schema": body}}}}


def fields(**properties: Json) -> Json:
    return {"type": "object", "properties": properties}


OLD = {
    SESSIONS: {"get": operation(fields(id={"type": "integer"}, status={"enum": ["a", "b"]}, cost={"type": "string"}))},
    START: {"post": operation(body=fields(mode={"enum": ["fast", "slow"]}))},
    "/api/resources/users/v1.0": {"get": operation()},
}
NEW = {
    SESSIONS: {
        "get": operation(fields(id={"type": "integer"}, status={"enum": ["a", "b"]}, energy={"type": "number"}))
    },
    START: {"post": operation(body=fields(mode={"enum": ["fast"]}, bookingId={"type": "integer"}))},
    "/api/resources/users/v1.0": {"get": operation(deprecated=True, **{"x-sunset": "2027-01-01"})},
    "/api/resources/users/v2.0": {"get": operation(summary="Users / Listing")},
}


def notes(old: Json = OLD, new: Json = NEW, policy: str = "ampeco") -> ReleaseNotes:
    return release_notes(compared(document(paths=old), document(paths=new, version="2"), policy))


def test_changes_are_sentences_by_resource() -> None:
    said = {
        resource.title: [(note.kind, note.text, note.todo) for note in resource.notes] for resource in notes().resources
    }
    assert said == {
        "Sessions": [
            (NoteKind.BREAKING, "`cost` is no longer returned", "Do without `cost`."),
            (NoteKind.BREAKING, "`mode` can no longer be `slow`", "Send another value than `slow`."),
            (NoteKind.NEW, "`energy` is returned", ""),
            (NoteKind.NEW, "`bookingId` can be sent", ""),
        ],
        "Users": [
            (NoteKind.NEW, "`GET /api/resources/users/v2.0`: Users / Listing", ""),
            (
                NoteKind.DEPRECATED,
                "`GET /api/resources/users/v1.0` is deprecated, until 2027-01-01",
                "Call `GET /api/resources/users/v2.0` instead.",
            ),
        ],
    }


def test_what_is_new_comes_first_in_text_and_markdown() -> None:
    text = NOTES["text"]([notes()])
    sessions = text[text.index("Sessions") : text.index("Users")]
    assert sessions.index("New") < sessions.index("energy is returned") < sessions.index("Breaking")
    assert "      What to do: Do without cost." in sessions
    assert "## Sessions\n\n### New\n\n- `energy` is returned" in NOTES["markdown"]([notes()])


def test_pages_have_a_search_and_both_schemas_beside_each_other() -> None:
    short, long = (with_schema({"type": "string", "maxLength": most}, "response") for most in (4, 9))
    report = compared(short, long)
    decision = decide(report, (), None)
    for page in (render_html(report), NOTES["html"]([notes()]), UPGRADE_PAGES["index.html"](report, decision)):
        assert '<input type="search"' in page
        assert "http://" not in page.replace("http://www.w3.org", "")
    for page in (render_html(report), NOTES["html"]([notes()])):
        assert "Old and new side by side" in page
    changed = "<td>  &#34;maxLength&#34;: {}</td>"
    beside = changed.format("4,") + changed.format("9,")
    assert f'<tr class="changed">{beside}</tr>' in render_html(report)


def test_changes_that_read_the_same_are_one_note() -> None:
    shared = {"get": operation(fields(id={"type": "integer"})), "put": operation(fields(id={"type": "integer"}))}
    more = {name: operation(fields(id={"type": "integer"}, name={"type": "string"})) for name in shared}
    ((resource,),) = [notes({SESSIONS: shared}, {SESSIONS: more}).resources]
    (note,) = resource.notes
    assert [group.first.operation for group in note.groups] == [*note.operations]
    assert note.operations == (f"GET {SESSIONS}", f"PUT {SESSIONS}")
    assert note.ids == ", ".join(group.id for group in note.groups)


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.area in ("fields", "values", "life-cycle")])
def test_every_example_of_a_rule_can_be_told(rule: Any) -> None:
    old, new = examples(rule)
    told = NOTES["text"]([release_notes(compared(old, new))])
    assert "{" not in told.replace("{id}", "").replace("{}", "")
