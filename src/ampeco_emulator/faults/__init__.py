"""Named defects of the emulator, one at a time or several: they prove that the test suite can fail.

The emulator itself knows no defects: a defect overrides one of its rules (`ampeco_emulator.backend.rules`).
"""

from ampeco_emulator.faults.catalog import DEFECTS, DefectSwitch, defect_named
from ampeco_emulator.faults.model import Defect

__all__ = ["DEFECTS", "Defect", "DefectSwitch", "defect_named"]
