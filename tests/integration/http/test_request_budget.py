"""The budget that the processes of a run share, and what is left free of the limits that a target tells."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from ampeco_conformance.core.exchanges import Response
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.rate_limiter import RateLimiter
from ampeco_conformance.http.request_budget import BudgetSpent, RequestBudget
from tests.support.loopback import Received, Sent, sent_json, serving

SPEND = """
import sys
from pathlib import Path
from ampeco_conformance.http.request_budget import BudgetSpent, RequestBudget
budget = RequestBudget(Path(sys.argv[1]), 50, None)
try:
    for _ in range(100):
        budget.spend()
except BudgetSpent:
    pass
"""


def limits(limit: int, remaining: int, **headers: str) -> Response:
    return told({"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(remaining), **headers})


def told(headers: dict[str, str]) -> Response:
    return Response(200, "OK", tuple(headers.items()), b"{}")


def test_processes_together_send_no_more_than_the_budget(tmp_path: Path) -> None:
    file = tmp_path / "requests.txt"
    processes = [subprocess.Popen([sys.executable, "-c", SPEND, str(file)]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert RequestBudget(file, 50, None).spent == 50


def test_a_client_sends_nothing_beyond_its_budget_but_what_cleans_up(tmp_path: Path) -> None:
    received: list[Received] = []

    def answer(request: Received) -> Sent:
        received.append(request)
        return sent_json({"data": []})

    budget = RequestBudget(tmp_path / "requests.txt", 2, None)
    with serving(answer) as base_url, ApiClient(base_url, "token", timeout=5, budget=budget) as client:
        assert not budget.is_spent
        for _ in range(2):
            client.send("GET", "/a")
        assert budget.is_spent
        with pytest.raises(BudgetSpent, match="not tested: budget"):
            client.send("GET", "/a")
        client.is_limited = False
        client.send("GET", "/a")
    assert (len(received), budget.spent) == (3, 3)


def test_nothing_is_sent_after_the_time_limit(tmp_path: Path) -> None:
    RequestBudget(tmp_path / "requests.txt", None, 600).spend()
    budget = RequestBudget(tmp_path / "requests.txt", None, 0.05)
    time.sleep(0.06)
    assert budget.is_spent
    with pytest.raises(BudgetSpent):
        budget.spend()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> float:
    """A time that stands still."""
    moment = float(int(time.time()))
    monkeypatch.setattr(time, "time", lambda: moment)
    return moment


def test_a_share_of_the_limit_of_a_minute_is_left_to_others(now: float) -> None:
    limiter = RateLimiter(keep_free=20)
    assert limiter.leaves_enough(limits(1000, 201))
    assert limiter.reserve(now) == 0.0
    assert limiter.leaves_enough(limits(1000, 200))
    assert limiter.reserve(now) == 60


def test_the_pause_ends_when_the_target_says_that_it_counts_anew(now: float) -> None:
    limiter = RateLimiter(keep_free=20)
    limiter.leaves_enough(limits(1000, 100, **{"X-RateLimit-Reset": str(int(now) + 10)}))
    assert limiter.reserve(now) == 10


@pytest.mark.parametrize(
    ("headers", "is_day", "pause"),
    [
        ({"RateLimit": '"a";r=20;t=10', "RateLimit-Policy": '"a";q=100;w=60'}, False, 10),
        ({"RateLimit": '"a";r=21;t=10', "RateLimit-Policy": '"a";q=100;w=60'}, False, 0),
        (
            {"RateLimit": '"a";r=50;t=9, "b";r=20;t=9000', "RateLimit-Policy": '"a";q=60;w=60, "b";q=100;w=86400'},
            True,
            0,
        ),
        ({"RateLimit": "limit=100, remaining=5, reset=10"}, False, 10),
        ({"RateLimit-Limit": "10, 10;w=1", "RateLimit-Remaining": "2"}, False, 1),
        ({"RateLimit-Limit": "100", "RateLimit-Remaining": "2", "RateLimit-Reset": "10"}, False, 10),
        ({"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "9", "x-ratelimit-reset": "1800"}, True, 0),
        ({"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "-1"}, False, 60),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "10"}, False, 10),
        ({"X-RateLimit-Limit": "1000", "X-RateLimit-Reset": "10"}, False, 0),
    ],
)
def test_limits_are_read_in_every_form(headers: dict[str, str], is_day: bool, pause: float, now: float) -> None:
    limiter = RateLimiter(keep_free=20)
    assert limiter.leaves_enough(told(headers)) is not is_day
    assert limiter.reserve(now) == pause


@pytest.mark.parametrize("others", [{}, {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "900"}])
@pytest.mark.parametrize("limit", [{}, {"X-RateLimit-Limit": "1000"}, {"X-RateLimit-Limit": "100000"}])
def test_a_limit_that_single_answers_call_used_up_stops_nobody(limit: dict[str, str], others: dict[str, str]) -> None:
    limiter, now = RateLimiter(keep_free=20), time.time()
    used_up = told({**limit, "X-RateLimit-Remaining": "0"})
    for response in [told(others), told(others), used_up] * 3:
        assert limiter.leaves_enough(response)
    assert limiter.reserve(now) == 0.0
    is_day = not limiter.leaves_enough(used_up)
    assert is_day or limiter.reserve(now) == pytest.approx(60, abs=1)


def test_without_a_share_to_leave_only_a_429_pauses() -> None:
    limiter = RateLimiter()
    assert limiter.leaves_enough(limits(1000, 1))
    assert limiter.reserve(time.time()) == 0.0


def test_a_run_ends_when_what_is_left_of_the_day_is_for_others(tmp_path: Path) -> None:
    remaining = iter((20_001, 20_000, 19_999))

    def answer(_: Received) -> Sent:
        sent = sent_json({})
        sent.headers.update({"X-RateLimit-Limit": "100000", "X-RateLimit-Remaining": str(next(remaining))})
        return sent

    budget, limiter = RequestBudget(tmp_path / "requests.txt", 100, None), RateLimiter(keep_free=20)
    with (
        serving(answer) as base_url,
        ApiClient(base_url, "token", timeout=5, budget=budget, rate_limiter=limiter) as client,
    ):
        client.send("GET", "/a")
        client.send("GET", "/a")
        with pytest.raises(BudgetSpent):
            client.send("GET", "/a")
    assert budget.spent == 2
