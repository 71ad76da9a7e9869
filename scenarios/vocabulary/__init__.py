"""The vocabulary of the scenarios: the API under contract, drivers, EVSEs, charging, reservations, money."""

import pytest

#: The severity of a broken rule, in Allure's terms.
BLOCKER = pytest.mark.severity("blocker")
CRITICAL = pytest.mark.severity("critical")
NORMAL = pytest.mark.severity("normal")
