"""What a run leaves is told in few lines."""

from ampeco_conformance.cli.sweep import left_behind


def test_what_remains_of_a_collection_for_one_reason_is_one_line() -> None:
    left = {"/r/taxes/3": "in use", "/r/users/3": "in use", "/r/taxes/5": "in use", "/r/taxes/8": "answered 500"}
    assert list(left_behind(left)) == ["/r/taxes/3, 5 (in use)", "/r/users/3 (in use)", "/r/taxes/8 (answered 500)"]
