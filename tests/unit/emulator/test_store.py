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
