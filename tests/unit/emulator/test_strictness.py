"""Strict mode names the fields that are required in a response and were never set."""

import pytest

from ampeco_conformance.specs import load_specification
from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.domain import HOOKS
from ampeco_emulator.http.api import EmulatedApi, checked
from ampeco_emulator.settings import EmulatorSettings


def test_a_forgotten_field_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    backend = Backend(load_specification("3.90.0"), HOOKS)
    api = EmulatedApi(backend, EmulatorSettings({}, strict=True))
    endpoint = backend.router.get("GET", "/public-api/resources/taxes/v2.0")
    assert endpoint is not None
    for _ in range(2):
        backend.present(endpoint, backend.store.add("taxes", {"name": "VAT"}))
        checked(api, endpoint, EmulatorResponse(200, {}))
    named = [record.getMessage() for record in caplog.records if "percentage of taxes" in record.getMessage()]
    assert len(named) == 1
