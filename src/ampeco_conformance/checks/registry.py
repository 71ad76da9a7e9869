"""All checks, collected from the modules that declare them.

A check is declared with `core.checks.declare` in a module of this package, beside the code that judges it; what a
single response shows is judged, and declared, in `contract/`. Importing the modules is all it takes to collect them.
"""

from importlib import import_module
from pkgutil import iter_modules

# These two declare the checks that every response is judged by.
import ampeco_conformance.contract.responses
import ampeco_conformance.contract.undocumented  # noqa: F401
from ampeco_conformance import checks
from ampeco_conformance.core.checks import Check, declared, scenario_check

for _module in iter_modules(checks.__path__, f"{checks.__name__}."):
    import_module(_module.name)

CHECKS = declared()


def check_of(id: str) -> Check:
    """The check of this id; for a scenario's rule (`wallet-adds`) a check that refers to the scenario."""
    return CHECKS.get(id) or scenario_check(id)
