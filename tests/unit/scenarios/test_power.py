"""The limit of energy: what a meter's odometer shows is refused, what a fast charger delivers is not."""

from typing import Any

import pytest

from scenarios.vocabulary.power import check_power


class _Session(dict[str, Any]):
    """A session that notes which rules it breaks."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(fields)
        self.broken: list[str] = []

    def require(self, condition: bool, rule: str, _message: str, **_values: Any) -> None:
        if not condition:
            self.broken.append(rule)


def _broken(energy: float, minutes: int, current: str | None = None) -> list[str]:
    stopped = f"2026-06-01T{12 + minutes // 60:02}:{minutes % 60:02}:00Z"
    session = _Session(energy=energy, startedAt="2026-06-01T12:00:00Z", stoppedAt=stopped)
    check_power(session, current)  # type: ignore[arg-type]
    return session.broken


@pytest.mark.parametrize(
    ("energy", "minutes", "current"),
    [
        (909_948, 1, None),  # an odometer
        (909_948, 60, "ac"),
        (50_000_000, 60, "dc"),
        (200_000, 0, None),
        (-1, 60, None),
    ],
)
def test_impossible_energy_is_a_violation(energy: float, minutes: int, current: str | None) -> None:
    assert _broken(energy, minutes, current) == ["energy-possible"]


@pytest.mark.parametrize(
    ("energy", "minutes", "current"),
    [(0, 0, None), (22_000, 60, "ac"), (43_000, 60, "ac"), (350_000, 60, None), (3_750_000, 60, "dc"), (700, 0, "ac")],
)
def test_what_chargers_deliver_is_not(energy: float, minutes: int, current: str | None) -> None:
    assert _broken(energy, minutes, current) == []


@pytest.mark.parametrize(
    ("started", "stopped", "broken"),
    [
        ("2026-06-01T12:00:00+02:00", "2026-06-01T10:10:00Z", ["energy-possible"]),  # ten minutes
        ("2026-06-01T12:00:00+02:00", "2026-06-01T12:10:00Z", []),  # two hours and ten minutes
        ("2026-06-01T12:00:00", "2026-06-01T12:10:00Z", ["energy-possible"]),
        ("2026-06-01T12:00:00Z", "2026-06-01T11:00:00Z", ["energy-possible"]),
    ],
)
def test_times_are_read_with_their_zones(started: str, stopped: str, broken: list[str]) -> None:
    session = _Session(energy=3_000_000, startedAt=started, stoppedAt=stopped)
    check_power(session)  # type: ignore[arg-type]
    assert session.broken == broken


@pytest.mark.parametrize(
    "missing",
    [{"stoppedAt": None}, {"startedAt": None}, {"energy": None}, {"stoppedAt": "in the evening"}],
    ids=lambda missing: next(iter(missing)),
)
def test_a_session_without_its_times_or_its_energy_is_not_judged(missing: dict[str, Any]) -> None:
    complete = {"energy": 10**9, "startedAt": "2026-06-01T12:00:00Z", "stoppedAt": "2026-06-01T12:10:00Z"}
    session = _Session(**complete | missing)
    check_power(session)  # type: ignore[arg-type]
    assert session.broken == []
