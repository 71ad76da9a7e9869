"""The plan finds every field that a target accepts, with few bodies."""

from collections.abc import Callable
from typing import Any

import pytest

from ampeco_conformance.exercise.change_plan import ChangePlan

LIMIT = 12


def carry_out(
    values: dict[str, list[Any]],
    is_accepted: Callable[[dict[str, Any]], bool],
    named: Callable[[dict[str, Any]], set[str]] = lambda _: set(),
) -> tuple[ChangePlan, list[dict[str, Any]]]:
    plan, bodies = ChangePlan(values, LIMIT), []
    for body in plan:
        bodies.append(body)
        if is_accepted(body):
            plan.accept()
        else:
            plan.refuse(named(body), "answered 422")
    return plan, bodies


def test_one_body_suffices_when_it_is_accepted() -> None:
    plan, bodies = carry_out({"a": [1, 2], "b": [3]}, lambda _: True)
    assert bodies == [{"a": 1, "b": 3}]
    assert plan.outcome() == {}


def test_what_a_refusal_names_is_tried_alone_with_each_of_its_values() -> None:
    plan, bodies = carry_out({"a": [1], "b": [2, 3]}, lambda body: body.get("b") != 2, lambda _: {"b"})
    assert bodies == [{"a": 1, "b": 2}, {"a": 1}, {"b": 2}, {"b": 3}]
    assert plan.accepted == {"a", "b"}
    assert plan.outcome() == {}


@pytest.mark.parametrize("bad", ["a", "d"])
def test_a_refusal_that_names_nothing_is_narrowed_down(bad: str) -> None:
    plan, bodies = carry_out({name: [1] for name in "abcd"}, lambda body: bad not in body)
    assert plan.accepted == {*"abcd"} - {bad}
    assert plan.outcome() == {bad: "answered 422"}
    assert len(bodies) == 5


def test_a_doubtful_field_is_tried_alone() -> None:
    plan = ChangePlan({"a": [1], "b": [2]}, LIMIT)
    bodies = iter(plan)
    next(bodies)
    plan.accept()
    plan.doubt({"b"})
    assert plan.outcome() == {"b": "not tried in this run"}
    assert next(bodies) == {"b": 2}
    plan.accept()
    assert plan.outcome() == {}


def test_the_number_of_bodies_is_limited() -> None:
    plan, bodies = carry_out({str(number): [1] for number in range(40)}, lambda _: False)
    assert len(bodies) == LIMIT
    assert set(plan.outcome().values()) == {"answered 422", "not tried in this run"}
