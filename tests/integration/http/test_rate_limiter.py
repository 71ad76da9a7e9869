"""The pace that processes share, in real processes."""

import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Response
from ampeco_conformance.http import shared_pace
from ampeco_conformance.http.limit_headers import pause_asked_for
from ampeco_conformance.http.rate_limiter import FURTHEST_PAUSE, RateLimiter
from ampeco_conformance.http.shared_pace import SharedPace

PROCESSES = 3
EACH = 40

RESERVE = f"""
import sys, time
from ampeco_conformance.http.rate_limiter import RateLimiter
limiter = RateLimiter(60_000, sys.argv[1])
sys.stdin.readline()
for _ in range({EACH}):
    now = time.time()
    print(repr(now + limiter.reserve(now)))
"""
HOLD = """
import sys, time
from ampeco_conformance.http.shared_pace import SharedPace
with SharedPace(sys.argv[1]).state() as state:
    state.paused_until = time.time() + 100
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A quota that nobody else has, in a folder of its own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return f"http://127.0.0.1:1 {secrets.token_hex(8)}"


def started(script: str, key: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, key]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_request_that_leaves_at_once_without_a_pace_writes_nothing(key: str) -> None:
    limiter, path = RateLimiter(None, key), SharedPace(key).path
    limiter.wait()
    written = path.stat().st_mtime_ns
    limiter.wait()
    assert path.stat().st_mtime_ns == written
    limiter.pause_until(time.time() + 0.01)
    assert path.stat().st_mtime_ns > written


def test_requests_are_spaced_evenly_by_all_who_share_a_token() -> None:
    key = secrets.token_hex()
    mine, theirs = RateLimiter(60, key), RateLimiter(60, key)
    assert [mine.reserve(100.0), theirs.reserve(100.0), mine.reserve(100.5)] == [0.0, 1.0, 1.5]
    assert RateLimiter(60, "another key").reserve(time.time()) == 0.0
    assert RateLimiter().reserve(5.0) == 0.0


def test_a_pause_that_one_was_asked_for_is_kept_by_all() -> None:
    key, now = secrets.token_hex(), time.time()
    RateLimiter(key=key).pause_until(now + 30)
    assert RateLimiter(key=key).reserve(now) == pytest.approx(30, abs=0.1)


def test_processes_at_once_never_get_the_same_slot(key: str) -> None:
    processes = [started(RESERVE, key) for _ in range(PROCESSES)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    slots = sorted(float(line) for process in processes for line in process.communicate(timeout=60)[0].split())
    assert len(slots) == PROCESSES * EACH
    assert min(later - earlier for earlier, later in pairwise(slots)) >= 0.001 - 1e-6


def test_a_killed_process_leaves_the_pace_as_it_was(key: str) -> None:
    now = time.time()
    RateLimiter(60, key).reserve(now)
    with started(HOLD, key) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGKILL)
    assert RateLimiter(60, key).reserve(now) == pytest.approx(1.0, abs=0.001)


def test_a_stopped_process_is_not_waited_for_without_end(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_pace, "LOCK_TIMEOUT", 0.2)
    limiter, now = RateLimiter(60, key), time.time()
    with SharedPace(key).state():
        assert limiter.reserve(now) == 0.0
        assert limiter.reserve(now) == pytest.approx(1.0)


@pytest.mark.parametrize("content", [b"1764345600.0 0.0", b"SQLite format 3\0" + b"\xff" * 5000], ids=["text", "torn"])
def test_a_damaged_database_is_replaced_and_shared_again(key: str, content: bytes) -> None:
    path = SharedPace(key).path
    path.parent.mkdir()
    path.write_bytes(content)
    now = time.time()
    assert RateLimiter(60, key).reserve(now) == 0.0
    assert RateLimiter(60, key).reserve(now) == pytest.approx(1.0)


@pytest.mark.parametrize("statement", ["DELETE FROM pace", "UPDATE pace SET next_slot = NULL, paused_until = 'x'"])
def test_a_pace_that_is_no_pace_is_replaced(key: str, statement: str) -> None:
    now = time.time()
    RateLimiter(60, key).reserve(now)
    with sqlite3.connect(SharedPace(key).path) as connection:
        connection.execute(statement)
    assert RateLimiter(60, key).reserve(now) == 0.0
    assert RateLimiter(60, key).reserve(now) == pytest.approx(1.0)


def test_a_long_wait_says_so(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    slept: list[float] = []
    monkeypatch.setattr("ampeco_conformance.http.rate_limiter.time.sleep", slept.append)
    monkeypatch.setattr("sys.__stderr__", sys.stderr)
    limiter = RateLimiter(1)
    limiter.wait()
    limiter.wait()
    assert slept == [pytest.approx(60, abs=1)]
    assert "conform: waiting 60 s" in capfd.readouterr().err


def test_a_clock_that_was_set_back_stops_nobody(key: str) -> None:
    now = time.time()
    RateLimiter(60, key).reserve(now)
    RateLimiter(key=key).pause_until(now + 1000)
    earlier = now - 7 * 24 * 3600
    assert RateLimiter(60, key).reserve(earlier) == 0.0
    assert RateLimiter(60, key).reserve(earlier) == pytest.approx(1.0)
    assert RateLimiter(60, key).reserve(now) <= FURTHEST_PAUSE


def test_a_database_that_cannot_be_kept_is_named(key: str) -> None:
    path = SharedPace(key).path
    path.mkdir(parents=True)
    with pytest.raises(TargetError, match=r"limits-.*cannot be kept.*TMPDIR"):
        RateLimiter(60, key).reserve(time.time())


def test_the_database_is_private_and_does_not_hold_the_key(key: str) -> None:
    RateLimiter(60, key).reserve(time.time())
    path = SharedPace(key).path
    assert path.parent.stat().st_mode & 0o077 == 0
    assert key.encode() not in path.read_bytes()
    assert key not in path.name
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM pace").fetchone() == (1,)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "7"}, 7),
        (429, {"X-RateLimit-Reset": "{in 50 s}"}, 50),
        (429, {"Retry-After": "7", "X-RateLimit-Reset": "{in 50 s}"}, 7),
        (503, {"Retry-After": "7"}, 7),
        (500, {"Retry-After": "7"}, None),
        (429, {"Retry-After": "-7"}, -7),
        (429, {"Retry-After": "{date in 50 s}"}, 50),
        (429, {"Retry-After": "{date in 3650 s}", "Date": "{date in 3600 s}"}, 50),
        (429, {"X-RateLimit-Reset": "{in 3650 s}", "Date": "{date in 3600 s}"}, 50),
        (429, {"RateLimit-Reset": "50"}, 50),
        (429, {"RateLimit": '"default";r=0;t=50', "RateLimit-Policy": '"default";q=100;w=60'}, 50),
        (429, {"RateLimit": '"minute";r=0;t=50, "day";r=0;t=5000'}, 50),
        (200, {"RateLimit": "limit=100, remaining=0, reset=50"}, 50),
        (200, {"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "0", "RateLimit-Reset": "50"}, 50),
        (200, {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "-3", "X-RateLimit-Reset": "50"}, 50),
        (429, {"X-RateLimit-Reset": "9999999999"}, None),
        (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"}, None),
        (429, {}, None),
        *(
            (429, {"Retry-After": odd}, None)
            for odd in ("nan", "inf", "1e999", "", "Mon, 01 Jan 99999999999 00:00:00 GMT")
        ),
        (429, {"Retry-After": "x", "X-RateLimit-Reset": "NaN"}, None),
        (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "-inf"}, None),
        (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "{in 50 s}"}, 50),
        (200, {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "{in 50 s}"}, None),
        (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, None),
    ],
)
def test_what_a_server_asks_for(status: int, headers: dict[str, str], seconds: float | None) -> None:
    def filled(found: re.Match[str]) -> str:
        at = time.time() + int(found[2])
        return formatdate(at, usegmt=True) if found[1] else str(at)

    given = ((name, re.sub(r"\{(date )?in (\d+) s\}", filled, value)) for name, value in headers.items())
    until = pause_asked_for(Response(status, "", tuple(given), b""))
    assert until is None if seconds is None else until == pytest.approx(time.time() + seconds, abs=5)


@pytest.mark.parametrize("number", ["9" * 5000, "nan", "²", ""])
def test_limits_that_are_no_numbers_leave_enough(number: str) -> None:
    headers = (("X-RateLimit-Limit", number), ("X-RateLimit-Remaining", number), ("X-RateLimit-Reset", number))
    assert RateLimiter(keep_free=50).leaves_enough(Response(200, "", headers, b""))
