"""Paths of specifications, and those of the requests that are sent to them."""

import pytest

from ampeco_conformance.contract.path_templates import fill, path_values
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.http.operation_paths import path_below
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations

TEMPLATES = [
    "/",
    "/users",
    "/users/{user}",
    "/users/{user}/",
    "/größen/{size}",
    "/a b/a|b/{id}",
    "/a%20b/{id}",
    "/tab\t/{id}",
    "/accounts({id})/contacts",
    "/jobs/{job}:cancel",
    "/files/{name}.{ending}",
    "/map;v={a.b}/x[0]/{c-d}",
]


@pytest.mark.parametrize("path", TEMPLATES)
@pytest.mark.parametrize("base_url", ["http://127.0.0.1:1", "https://gateway/tenant/users"])
@pytest.mark.parametrize("value", ["7", "größe 7", "a%b|c", "\n"])
def test_a_request_leads_back_to_its_operation(path: str, base_url: str, value: str) -> None:
    document = {"openapi": "3.0.3", "paths": {path: {"get": {}}}}
    (operation,) = read_operations(document)
    values = dict.fromkeys(["user", "size", "id", "job", "name", "ending", "a.b", "c-d"], value)
    below = fill(path, values)
    contract = ApiContract(Specification("small", "1", document, "0", (operation,)))
    url = f"{base_url}{below}?page=1"
    assert contract.operation_of("GET", url) is operation
    assert contract.operation_of("GET", path) is operation
    found = path_values(operation, url)
    assert set(found.values()) <= {value}
    assert fill(path, found) == below
    assert path_below(operation, url) == "/" + below.strip("/")
