"""The store of records: what goes with a record that is removed, and what stays."""

from ampeco_emulator.backend.store import Store


def test_children_go_with_their_parent() -> None:
    store = Store()
    parent, other = store.add("charge-points", {}), store.add("charge-points", {})
    child = store.add("evses", {}, {"charge-points": str(parent.id)})
    kept = store.add("evses", {}, {"charge-points": str(other.id)})
    store.remove("charge-points", parent)
    assert store.peek("evses", child.id) is None
    assert store.all("evses") == [kept]
    assert store.all("charge-points") == [other]


def test_the_id_of_a_removed_record_is_not_given_again() -> None:
    store = Store()
    first = store.add("taxes", {})
    store.remove("taxes", first)
    assert store.add("taxes", {}).id != first.id


def test_the_records_that_have_changed_since_a_version_are_known() -> None:
    store = Store()
    records = [store.add("taxes", {}) for _ in range(3)]
    version = store.version("taxes")
    assert store.changed_since("taxes", version) == set()
    store.touch(records[0])
    store.remove("taxes", records[2])
    assert store.changed_since("taxes", version) == {1, 3}
    assert store.changed_since("taxes", -10_000) is None
