"""Applies `@allure.title`, `@allure.severity`, `@allure.link` and the like to the result of an item."""

import pytest
from allure_pytest.utils import (  # type: ignore[import-untyped]
    ALLURE_DESCRIPTION_MARK,
    allure_labels,
    allure_links,
    allure_title,
    get_marker_value,
)

from ampeco_conformance.reporting.writers.allure_results import AllureResults


def decorate(item: pytest.Item, results: AllureResults) -> None:
    """Apply the decorations of an item, which allure-pytest keeps as marks, to its result."""
    links = [(str(kind), str(url), str(name)) for kind, url, name in allure_links(item)]
    results.decorate(allure_title(item), get_marker_value(item, ALLURE_DESCRIPTION_MARK), links)
    for name, value in sorted(allure_labels(item), key=str):
        results.add_label(str(name), (value,))
