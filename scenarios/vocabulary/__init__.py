"""The words the stories are written in: the API under contract, people, charging, reservations, money."""

import allure

#: Severity marks of the stories, as Allure names them.
BLOCKER = allure.severity("blocker")  # type: ignore[no-untyped-call]
CRITICAL = allure.severity("critical")  # type: ignore[no-untyped-call]
