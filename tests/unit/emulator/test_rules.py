"""Rules, and the defects that override them."""

import importlib
import pkgutil
from collections.abc import Iterator
from decimal import Decimal

import pytest

import ampeco_emulator
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import load_specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import AnyRule, Overrides, Rule, combined, rule
from ampeco_emulator.domain import HOOKS, merged
from ampeco_emulator.domain.billing.pricing import Line
from ampeco_emulator.domain.charging import meter
from ampeco_emulator.faults import DEFECTS, DefectSwitch
from ampeco_emulator.faults.catalog import defects_named
from ampeco_emulator.variants import VARIANTS, overrides_of, variants_named


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


def test_every_rule_has_a_defect_or_a_variant_that_overrides_it() -> None:
    overridden = {defect.override.rule for defect in DEFECTS} | {known.rule for known in overrides_of(VARIANTS)}
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
    (show,) = combined(defect.override for defect in defects).values()
    fields = {"stoppedAt": "2026-06-01T12:00:00Z", "totalAmount": 4}
    assert show(lambda *_: fields, None, None, None) == {"stoppedAt": "2026-06-02T08:00:00Z"}


def test_a_defect_is_in_effect_on_top_of_the_variants() -> None:
    backend = Backend(load_specification("3.90.0"), HOOKS)
    variants = overrides_of(variants_named(["tax-by-line", "car-stays"]))
    switch = DefectSwitch(backend, variants)
    assert set(backend.overrides) == {known.rule for known in variants}
    lines = [Line("flat", "session", Decimal(1), Decimal("1.02"))] * 3
    assert meter.total_amount(backend, lines, Decimal(19)) == {"withTax": 3.06, "withoutTax": 2.58}
    switch.select("tax-off")
    assert meter.total_amount(backend, lines, Decimal(19)) == {"withTax": 3.06, "withoutTax": 3.58}
    switch.select(None)
    assert meter.total_amount(backend, lines, Decimal(19)) == {"withTax": 3.06, "withoutTax": 2.58}


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no-such"):
        variants_named(["car-stays", "no-such"])


def test_a_duplicate_registration_is_refused() -> None:
    with pytest.raises(ValueError, match="GET /taxes"):
        merged({"GET /taxes": 1}, {"GET /taxes": 2})
