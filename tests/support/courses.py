"""Courses of sessions, as tests write them down."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from scenarios.pricing.course import Course, Stretch

SOFIA = ZoneInfo("Europe/Sofia")


def course(start: str, *parts: str) -> Course:
    """A course from a local time in Sofia, of parts such as `charge 60 min 11 kWh` and `idle 20 min`."""
    moment = datetime.fromisoformat(start).replace(tzinfo=SOFIA).astimezone(UTC)
    stretches = []
    for part in parts:
        words = part.split()
        end = moment + timedelta(minutes=float(words[1]))
        energy = Decimal(words[3]) if len(words) > 3 else Decimal(0)
        stretches.append(Stretch(moment, end, energy, words[0] == "idle"))
        moment = end
    return Course(tuple(stretches), SOFIA)
