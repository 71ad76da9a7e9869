"""What a finding is called and where it is."""

from typing import Any

from ampeco_conformance.compatibility.rules import ChangeSeverity
from tests.support.comparison import compared, document, with_schema

Json = Any
TEXT: Json = {"type": "string"}


def variant(kind: str, **more: Json) -> Json:
    return {"type": "object", "properties": {"kind": {"enum": [kind]}, **more}, "required": ["kind"]}


def test_headlines_name_the_field_and_the_variant() -> None:
    old = {"oneOf": [variant("card", number=TEXT), variant("cash"), {"title": "Voucher", "type": "array"}]}
    new = {"oneOf": [variant("card", number={**TEXT, "maxLength": 4})]}
    report = compared(with_schema(old, "request"), with_schema(new, "request"))
    headlines = [group.headline for group in report.groups if group.first.operation]
    assert "value: Variant removed: kind cash" in headlines
    assert "value: Variant removed: Voucher" in headlines
    report = compared(
        with_schema(old, "request"), with_schema({"oneOf": [*new["oneOf"], *old["oneOf"][1:]]}, "request")
    )
    (group,) = (group for group in report.groups if group.first.operation)
    assert group.headline == "value.number (kind card): maxLength added: 4"
    assert group.first.pointer.endswith("/schema/properties/value/oneOf/0/properties/number")


def test_fields_of_one_rule_have_headlines_and_proofs_of_their_own() -> None:
    fields = dict.fromkeys(("id", "name", "km"), TEXT)
    sides = [with_schema({"properties": fields, "required": needed}, "response") for needed in ([*fields], [])]
    found = [group for group in compared(sides[0], sides[1]).groups if group.severity is ChangeSeverity.BREAKING]
    assert {group.headline for group in found} == {f"value: Property became optional: {name}" for name in fields}
    for group in found:
        witness = group.first.witness
        assert witness is not None
        assert witness.reason == f'"{group.first.subject}" is a required property'
    assert len({group.id for group in found}) == 3


def test_the_same_change_at_two_places_has_two_headlines() -> None:
    sides = [with_schema(schema, "both") for schema in ({"type": "string", "enum": ["a", "b"]}, {"enum": ["a"]})]
    for first, second in (sides, (document({"deprecated": False}), document({"deprecated": True}))):
        headlines = [group.headline for group in compared(first, second).groups if group.first.operation]
        assert len(set(headlines)) == len(headlines) > 0
        assert all(headline.partition(":")[0] for headline in headlines)


def test_the_same_change_of_two_methods_of_a_path_is_told_of_both() -> None:
    sides = []
    for version, fields in (("1", {}), ("2", {"name": TEXT})):
        schema = {"type": "object", "properties": fields}
        responses = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
        item = {method: {"responses": responses} for method in ("get", "put")}
        sides.append(document(paths={"/things": item}, version=version))
    report = compared(sides[0], sides[1])
    assert {change.operation for change in report.changes} == {"GET /things", "PUT /things"}


def test_only_safe_changes_are_not_no_changes() -> None:
    new = document({"parameters": [{"name": "a", "in": "query", "schema": TEXT}]}, version="2")
    shown = compared(document(), new).without_safe()
    assert shown.summary == "old -> new: 0 breaking, 0 maybe changes; 1 safe not shown"
