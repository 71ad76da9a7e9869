"""Which defects an aspect of the contract tests finds, alone with an operation; tried in one selftest session.

As a plugin (`-p tests.support.aspect_defects`) it narrows the try of a defect to the items of its row.
"""

from dataclasses import dataclass

import pytest

from ampeco_conformance.plugin.options import run_options
from ampeco_conformance.plugin.selection import matches, operation_of

TAXES = "*/taxes/v2.0*"
TAX_LIST = "/public-api/resources/taxes/v2.0"
PAYMENT_METHOD = "PATCH /public-api/resources/users/v1.0/{user}/payment-methods/{paymentMethodId}"
INVOICE_DETAILS = "POST /public-api/resources/users/v1.0/{user}/invoice-details"


@dataclass(frozen=True)
class AspectDefects:
    """An aspect, the operations it is applied to, and the defects that it finds there."""

    aspect: str
    pattern: str
    defects: tuple[str, ...]

    def has(self, item: pytest.Item) -> bool:
        """Whether an item is of the aspect and of one of the operations."""
        operation = operation_of(item)
        is_of_aspect = item.path.stem == self.aspect
        return is_of_aspect and operation is not None and matches(operation, [self.pattern])


ROWS = [
    AspectDefects("test_operations", TAXES, ("wrong-type", "undocumented-status", "accept-invalid-body")),
    AspectDefects(
        "test_resources", TAXES, ("patch-replaces", "keep-removed", "stale-answer", "cut-text", "ascii-only")
    ),
    AspectDefects("test_resources", TAXES, ("take-read-only", "listed-otherwise", "other-name-answered")),
    AspectDefects("test_resources", "*/user-groups/v1.0*", ("ignore-null",)),
    AspectDefects(
        "test_resources",
        "POST /public-api/resources/taxes/v2.0",
        (f"mutate:first-lost:GET {TAX_LIST}:data[].displayName",),
    ),
    AspectDefects("test_resources", PAYMENT_METHOD, (f"mutate:other-member:{PAYMENT_METHOD}:data.walletType",)),
    AspectDefects("test_resources", INVOICE_DETAILS, (f"mutate:altered:{INVOICE_DETAILS}:city",)),
]


def pytest_runtestloop(session: pytest.Session) -> None:
    """Keep the items of the row whose defect is tried; of all rows where there is no defect."""
    defect = run_options(session.config).defect
    rows = [row for row in ROWS if defect is None or defect in row.defects]
    session.items[:] = [item for item in session.items if any(row.has(item) for row in rows)]
