"""The emulator in the tests of others."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ampeco_emulator.testing import Emulator
from tests.support.emulator import NOON
from tests.support.webhooks import Receiver

#: A process of the user starts the emulator.
STARTS_REAL_PROCESSES = True


def test_the_example_of_the_manual_passes(tmp_path: Path) -> None:
    manual = Path("docs/guide/emulator.md").read_text(encoding="utf-8")
    example = re.findall(r"```python\n(import httpx\n.*?)```", manual, re.DOTALL)
    assert len(example) == 1
    (tmp_path / "test_example.py").write_text(example[0])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",
        "test_example.py",
    ]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout


def test_an_emulator_that_does_not_start_says_why() -> None:
    with pytest.raises(RuntimeError, match="yesterday"), Emulator(clock="yesterday"):
        pass


def test_webhooks_have_arrived_when_they_are_read(receiver: Receiver) -> None:
    with Emulator(clock=NOON) as emulator:
        headers = {"Authorization": f"Bearer {emulator.token}"}
        app = httpx.Client(base_url=f"{emulator.url}/public-api", headers=headers, trust_env=False)
        hook = {"callbackUrl": receiver.address}
        body = {"via": "webhook", "notifications": ["SessionUpdateNotification"], "webhook": hook}
        assert app.post("/notifications/v2.0", json=body).is_success
        app.post("/actions/evse/v1.0/2/start", json={"userId": 2})
        emulator.advance(hours=1)
        statuses = [item["status"] for item in emulator.webhooks if item["event"] == "SessionUpdateNotification"]
        assert statuses == ["delivered"] * len(receiver.received)
        assert len(statuses) > 1
        with pytest.raises(httpx.HTTPStatusError, match=r"/evses/9999/tap: 404 .*message"):
            emulator.tap("any", evse=9999)
