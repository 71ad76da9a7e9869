"""The prices of the emulator beside the bills of the scenarios; `tools/compare_bills.py` compares more of them."""

import random

from scenarios.pricing.comparison import table
from tests.support.emulator import RunningEmulator
from tests.support.random_sessions import PricingOperator, random_session

SESSIONS = 24


def test_random_sessions_cost_what_the_bill_says(emulator: RunningEmulator) -> None:
    choose, operator = random.Random(7), PricingOperator(emulator)
    for _ in range(SESSIONS):
        session = random_session(operator, choose)
        assert not session.differences, (session.tariff, table(session.bill, session.session))
