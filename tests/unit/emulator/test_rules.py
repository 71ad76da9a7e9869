"""Rules, and the defects that override them."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import ampeco_emulator
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import load_specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import AnyRule, Overrides, Rule, rule
from ampeco_emulator.domain import HOOKS, merged
from ampeco_emulator.faults import DEFECTS, DefectSwitch
from ampeco_emulator.faults.catalog import defects_named, overrides_of


class Subject:
    """Carries overrides."""

    def __init__(self) -> None:
        self.overrides: Overrides = {}


@rule
def price(_subject: Subject, energy: int) -> int:
    """The price of some energy."""
    return 2 * energy


def rules() -> Iterator[AnyRule]:
    """Every rule of the emulator."""
    for module in pkgutil.walk_packages(ampeco_emulator.__path__, "ampeco_emulator."):
        if not module.name.endswith("__main__"):
            content = vars(importlib.import_module(module.name))
            yield from (item for item in content.values() if isinstance(item, Rule))


def test_a_rule_is_called_like_its_function() -> None:
    assert price(Subject(), 5) == 10


def test_an_override_receives_the_replaced_function_and_the_arguments() -> None:
    subject, other = Subject(), Subject()
    subject.overrides = {price: lambda decide, known, energy: decide(known, energy) + 1}
    assert price(subject, 5) == 11
    assert price(other, 5) == 10


def test_every_rule_has_a_defect_that_overrides_it() -> None:
    overridden = {defect.override.rule for defect in DEFECTS}
    assert {known.function.__qualname__ for known in rules() if known not in overridden} == set()


def test_the_defects_that_are_named_are_in_effect() -> None:
    backend = Backend(load_specification("3.90.0"), HOOKS)
    switch = DefectSwitch(backend)
    for names in (["price-off"], ["no-receipt"], ["no-receipt", "retry-twice"]):
        switch.select("+".join(names))
        assert [defect.name for defect in switch.active] == names
        assert set(backend.overrides) == {defect.override.rule for defect in switch.active}
    with pytest.raises(ConfigurationError, match="no-such"):
        switch.select("no-such")
    assert switch.active
    switch.select(None)
    assert not backend.overrides


def test_defects_of_one_rule_are_in_effect_together() -> None:
    specification = load_specification("3.90.0")
    defects = defects_named("stopped-later+total-vanishes", specification)
    (show,) = overrides_of(defects).values()
    fields = {"stoppedAt": "2026-06-01T12:00:00Z", "totalAmount": 4}
    assert show(lambda *_: fields, None, None, None) == {"stoppedAt": "2026-06-02T08:00:00Z"}


def test_a_duplicate_registration_is_refused() -> None:
    with pytest.raises(ValueError, match="GET /taxes"):
        merged({"GET /taxes": 1}, {"GET /taxes": 2})
