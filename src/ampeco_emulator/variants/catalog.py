"""All variants, in the order in which they are listed."""

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_emulator.backend.rules import Override
from ampeco_emulator.variants import billing, charging, integrations, listings, surroundings, wire
from ampeco_emulator.variants.model import EmulatorVariant

VARIANTS = (
    *charging.CHARGING,
    *charging.STARTS,
    *billing.BILLING,
    *surroundings.SURROUNDINGS,
    *listings.LISTINGS,
    *integrations.INTEGRATIONS,
    *wire.WIRE,
)
_BY_NAME = {variant.name: variant for variant in VARIANTS}

if repeated := [name for name, count in Counter(variant.name for variant in VARIANTS).items() if count > 1]:
    raise ValueError(f"two variants have one name: {', '.join(repeated)}")


def variants_named(names: Iterable[str]) -> list[EmulatorVariant]:
    """The variants of these names. Raises ConfigurationError for an unknown name."""
    for name in names:
        if name not in _BY_NAME:
            near = [f"did you mean {found}?" for found in get_close_matches(name, _BY_NAME, 1)] or [
                f"`conform emulator --list-variants` lists the {len(VARIANTS)} known ones"
            ]
            raise ConfigurationError(f"unknown variant {name!r}; {near[0]}")
    return [_BY_NAME[name] for name in names]


def overrides_of(variants: Iterable[EmulatorVariant]) -> list[Override]:
    """The overrides of some variants, in their order."""
    return [override for variant in variants for override in variant.overrides]
