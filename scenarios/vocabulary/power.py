"""Energy that no charger could have delivered in the time is a wrong reading, such as that of the odometer of a meter.

What an EVSE shows as its `maxPower` is for display only and may be too low, so the limit is that of what is built: 63 A
on three phases are 43 kW, and the megawatt charging system ends at 3.75 MW.
"""

from datetime import timedelta

from ampeco_conformance.core.moments import utc_moment
from scenarios.vocabulary.api import ScenarioResponse

MOST_WATTS = {"ac": 100_000, "dc": 4_000_000}
"""What a charger of each type of current may deliver, with a margin."""
SLACK = timedelta(minutes=1)
"""By how much the times of a session may lie inside those of its charge."""


def check_power(session: ScenarioResponse, current: str | None = None) -> None:
    """The energy of a session that is over fits the time it took; `current` is the type of its EVSE, if known."""
    begun, ended = (utc_moment(session.get(name)) for name in ("startedAt", "stoppedAt"))
    if begun is None or ended is None or session.get("energy") is None:
        return
    hours = (max(ended - begun, timedelta()) + SLACK) / timedelta(hours=1)
    most = MOST_WATTS.get(str(current), MOST_WATTS["dc"]) * hours
    session.require(
        0 <= float(session["energy"]) <= most,
        "energy-possible",
        f"{session['energy']} Wh in {hours * 60:.0f} minutes, more than any charger delivers",
        expected=f"0 to {most:.0f} Wh",
        actual=session["energy"],
    )
