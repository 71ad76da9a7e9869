"""Which operations need no credentials."""

from typing import Any

import pytest

from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations

BEARER: dict[str, list[str]] = {"bearerAuth": []}
OAUTH = {"oauth2ClientCredentials": ["read"]}
OPERATION: dict[str, Any] = {"responses": {"200": {"description": "Text."}}}


@pytest.mark.parametrize(
    ("whole", "own", "expected"),
    [
        ([BEARER], None, False),
        ([BEARER], [], True),
        ([BEARER], [{}, BEARER], True),
        ([BEARER], [BEARER, {}], True),
        ([BEARER], [BEARER, OAUTH], False),
        ([BEARER], [{**BEARER, **OAUTH}], False),
        ([], None, True),
        ([{}, BEARER], None, True),
        ([{}, BEARER], [BEARER], False),
        (None, None, False),
        (None, [], True),
    ],
)
def test_an_operation_is_public(whole: Any, own: Any, expected: bool) -> None:
    definition = OPERATION if own is None else {**OPERATION, "security": own}
    document = {"paths": {"/texts": {"get": definition}}, **({} if whole is None else {"security": whole})}
    specification = Specification("small", "1", document, "0", tuple(read_operations(document)))
    assert specification.is_public(specification.operations[0]) is expected
