"""Concurrent clients lose nothing; nor does a state file whose writer is killed."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.load import run_load
from tests.support.emulator import TOKEN, RunningEmulator

# Saves the same state for ever, and says when it has begun.
SAVE_FOR_EVER = """
import sys
from pathlib import Path
from ampeco_conformance.specs import load_specification
from ampeco_emulator.control.saved_state import SavedState
from ampeco_emulator.control.state_file import StateFile
from ampeco_emulator.domain import HOOKS
from ampeco_emulator.backend.backend import Backend

kept = StateFile(Path(sys.argv[1]), SavedState(Backend(load_specification("3.90.0"), HOOKS)))
kept.open()
print("saving", flush=True)
while True:
    kept.save()
"""


def test_many_clients_at_once_lose_nothing(emulator: RunningEmulator) -> None:
    """No request fails, no write is lost, no id is assigned twice, and the ids of each client rise."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    load = run_load(str(emulator.client.base_url), headers, clients=32, goes_on=lambda turn: turn < 3)
    assert load.errors == []
    assert load.lost == []
    assert len(load.ids) == len(set(load.ids)) == 32 * 3
    assert load.requests == 32 * 3 * 5
    listed = emulator.get("/resources/users/v1.0", page=1, per_page=1).json()["meta"]["total"]
    assert listed == 25 + len(load.ids)


def test_killing_the_writer_leaves_a_complete_state_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with subprocess.Popen([sys.executable, "-c", SAVE_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True) as saver:
        try:
            assert saver.stdout is not None
            assert saver.stdout.readline() == "saving\n"
            whole = json.loads(path.read_bytes())
            for _ in range(20):
                time.sleep(0.003)
                saver.send_signal(signal.SIGSTOP)
                assert json.loads(path.read_bytes()) == whole
                saver.send_signal(signal.SIGCONT)
        finally:
            saver.kill()
    assert json.loads(path.read_bytes()) == whole
    # The file, its lock, and the one that would have replaced it.
    assert len(list(tmp_path.iterdir())) <= 3
