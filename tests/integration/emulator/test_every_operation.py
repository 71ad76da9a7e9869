"""A client that knows only the specification makes nearly every operation succeed; in strict mode none fails."""

from typing import Any

import pytest

from ampeco_conformance.specs import load_specification
from tests.support.naive_client import NaiveClient

LEAST = 0.98


@pytest.mark.parametrize("version", ["3.66.0", "3.90.0", "3.110.0"])
def test_nearly_every_operation_can_succeed(start: Any, version: str) -> None:
    specification = load_specification(version)
    emulator = start("--api-version", version, "--clock", "2026-06-01T12:00:00Z")
    failed = NaiveClient(emulator.client, specification).unreached()
    assert len(failed) <= (1 - LEAST) * len(specification.operations), "\n".join(failed)
