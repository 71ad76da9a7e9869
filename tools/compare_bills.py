"""Charges under random tariffs on the emulator, and compares each bill with the one computed from the facts.

    .venv/bin/python -m tools.compare_bills [--sessions 500] [--seed 1]

The emulator's prices and those of `scenarios/pricing` were written independently. Prints every disagreement with its
tariff and both bills; exits with 1 when there is one.
"""

import argparse
import json
import random
import sys
from collections import Counter

from scenarios.pricing.comparison import table
from tests.support.emulator import NOON, running
from tests.support.random_sessions import PricingOperator, RandomSession, random_session


def main() -> int:
    """Compare; 1 when a bill differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    choose = random.Random(options.seed)
    compared: Counter[str] = Counter()
    differing = 0
    with running("--clock", NOON) as emulator:
        operator = PricingOperator(emulator)
        for _ in range(options.sessions):
            session = random_session(operator, choose)
            compared[session.tariff["type"]] += 1
            if session.differences:
                differing += 1
                print(disagreement(session))
    print(f"{options.sessions} sessions compared, {differing} bills differ")
    print(", ".join(f"{type}: {count}" for type, count in sorted(compared.items())))
    return 1 if differing else 0


def disagreement(session: RandomSession) -> str:
    """A bill that differs, as text."""
    lines = [
        f"Session {session.session['id']} under {json.dumps(session.tariff)}:",
        *(
            f"  {period['startedAt']} {period['stoppedAt']} {period['state']} {period['energy']} Wh"
            for period in session.session["chargingPeriods"]
        ),
        f"  {session.bill.reading}: {'; '.join(map(str, session.differences))}",
        *("  " + " | ".join(row) for row in table(session.bill, session.session)),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
