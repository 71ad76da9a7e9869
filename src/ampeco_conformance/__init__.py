"""Contract tests, scenarios and version comparison for the AMPECO Public API and the Spirii API."""

import gc

__version__ = "0.1.0"

# Modules and specifications are millions of objects that stay. With Python's default, a collection after 700 new
# objects, they are visited again and again: a tenth of the CPU time of a short run, a quarter of a long one.
gc.set_threshold(20_000, 20, 20)
