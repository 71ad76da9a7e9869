"""Driving an emulator's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.emulator_client.clock import EmulatorClock, RealClock
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN
from tests.support.gates import OpenGate
from tests.support.tampering import Tampering, setting, tampering_proxy, with_status


def test_the_real_clock_is_that_of_the_target() -> None:
    assert abs(RealClock(1.0, 7200.0).moment() - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)
    assert abs(RealClock(1.0, None).moment() - datetime.now(UTC)) < timedelta(minutes=1)


def test_time_passes_on_the_emulator(emulator: str) -> None:
    with ApiClient(emulator, DEFAULT_TOKEN, timeout=10, gate=OpenGate()) as client:
        clock = EmulatorClock(client)
        before = clock.moment()
        clock.let_pass(3600)
        assert clock.now() == 3600
        assert timedelta(minutes=59) < clock.moment() - before < timedelta(minutes=90)
        assert abs(clock.roughly() - clock.moment()) < timedelta(minutes=1)


def test_a_clock_that_refuses_is_one_line(emulator: str) -> None:
    with (
        tampering_proxy(emulator, Tampering("POST", "/_emulator/clock", with_status(500))) as base_url,
        ApiClient(base_url, DEFAULT_TOKEN, timeout=10, gate=OpenGate()) as client,
        pytest.raises(TargetError, match="clock cannot be used: status 500"),
    ):
        EmulatorClock(client).let_pass(60)


def test_a_clock_that_tells_nonsense_is_one_line(emulator: str) -> None:
    with (
        tampering_proxy(emulator, Tampering("GET", "/_emulator/$", setting("clock", "noon"))) as base_url,
        ApiClient(base_url, DEFAULT_TOKEN, timeout=10, gate=OpenGate()) as client,
        pytest.raises(TargetError, match="ISO 8601"),
    ):
        EmulatorClock(client).moment()
