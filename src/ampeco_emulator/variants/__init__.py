"""Variants of the emulator: correct servers that behave differently, which nothing may find fault with.

The emulator itself knows no variants: like a defect, a variant overrides rules (`ampeco_emulator.backend.rules`).
"""

from ampeco_emulator.variants.catalog import VARIANTS, overrides_of, variants_named
from ampeco_emulator.variants.model import EmulatorVariant

__all__ = ["VARIANTS", "EmulatorVariant", "overrides_of", "variants_named"]
