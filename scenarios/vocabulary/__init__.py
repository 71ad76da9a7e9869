"""The words the stories are written in: the API under contract, people, places, charging, reservations, money."""

import pytest

#: How much a broken rule of a story hurts, in Allure's words.
BLOCKER = pytest.mark.severity("blocker")
CRITICAL = pytest.mark.severity("critical")
NORMAL = pytest.mark.severity("normal")
