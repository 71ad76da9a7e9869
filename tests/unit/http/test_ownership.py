"""What a journal keeps of an item to recognise it again tells nothing that the tenant answered."""

import json

from ampeco_conformance.http.ownership import fields_of, matches

ITEM = {"data": {"id": 7, "name": "Oddny Brandtsdottir", "note": "BX 48 213", "0 98 76": "a", "ylva@example.com": "b"}}


def test_texts_of_an_answer_are_kept_as_digests_under_names_that_are_written_like_names() -> None:
    fields = fields_of(ITEM)
    assert fields.keys() == {"name", "note"}
    assert not [word for word in ("Oddny", "Brandtsdottir", "48", "213") if word in json.dumps(fields)]


def test_an_item_is_recognised_by_its_digests_and_another_is_not() -> None:
    fields = fields_of(ITEM)
    assert matches(ITEM, fields)
    assert matches({"data": {"name": "Oddny Brandtsdottir"}}, fields)
    assert not matches({"data": {"name": "Oddny Brandtsdottir", "note": "BX 48 214"}}, fields)
    assert not matches({"data": {"id": 7}}, fields)
