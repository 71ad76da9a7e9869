"""pytest as the child of `./conform run`: its progress, and how it ends when it is interrupted."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = "import sys; from ampeco_conformance.cli.pytest_process import run_quietly; print(run_quietly(sys.argv[1:]))"
TESTS = """
import pathlib, time, pytest

@pytest.fixture(scope="session", autouse=True)
def ending():
    yield
    pathlib.Path(__file__).with_name("ended").touch()

@pytest.mark.parametrize("number", range(4))
def test_one(number):
    pathlib.Path(__file__).with_name("started").touch()
    print("noise")
    time.sleep(SECONDS)
    assert number != 2
"""


def folder_of_tests(folder: Path, seconds: float) -> Path:
    (folder / "test_some.py").write_text(TESTS.replace("SECONDS", str(seconds)))
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


def start(folder: Path, *arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "-p", "xdist", str(folder), *arguments],
        # The other plugins take half of pytest's start.
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.02)


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_progress_goes_to_stderr_and_nothing_else_is_said(tmp_path: Path, workers: list[str]) -> None:
    stdout, stderr = start(folder_of_tests(tmp_path, 0), *workers).communicate()
    assert stdout == b"(1, False)\n"
    lines = stderr.decode().splitlines()
    assert re.fullmatch(r"collecting, \d+ s", lines[0])
    assert lines[-1].startswith("4 of 4 items, 1 failed, ")
    assert all(re.match(r"collecting, |\d of 4 items, ", line) for line in lines)


def test_progress_is_one_rewritten_line_on_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = start(folder_of_tests(tmp_path, 0.4), stderr=theirs)
    os.close(theirs)
    process.communicate()
    text = os.read(ours, 65536).decode()
    os.close(ours)
    assert text.count(" of 4 items") > 1
    assert text.count("\n") == 1
    assert text.rpartition("\x1b[2K")[2].startswith("4 of 4 items, 1 failed")


@pytest.mark.parametrize(
    ("number", "workers"), [(signal.SIGINT, []), (signal.SIGTERM, []), (signal.SIGINT, ["-n", "2"])]
)
def test_an_interruption_lets_the_run_end_in_order(tmp_path: Path, number: signal.Signals, workers: list[str]) -> None:
    # A worker ends the item it is at before it goes.
    process = start(folder_of_tests(tmp_path, 2 if workers else 60), *workers)
    wait_for(tmp_path / "started")
    process.send_signal(number)
    stdout, stderr = process.communicate()
    assert stdout == b"(2, True)\n"
    assert b"interrupted; generating the report of what was run" in stderr
    assert b"Traceback" not in stderr
    if not workers:
        assert (tmp_path / "ended").exists()


def test_an_interruption_during_the_start_waits_until_it_can_end_in_order(tmp_path: Path) -> None:
    (folder_of_tests(tmp_path, 60) / "conftest.py").write_text(
        "import pathlib, time; pathlib.Path(__file__).with_name('loading').touch(); time.sleep(0.5)"
    )
    process = start(tmp_path)
    wait_for(tmp_path / "loading")
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate()
    assert stdout == b"(2, True)\n"
    assert b"Traceback" not in stderr
    assert not (tmp_path / "started").exists()


def test_a_run_in_the_background_of_a_shell_can_be_interrupted(tmp_path: Path) -> None:
    folder_of_tests(tmp_path, 60)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start(tmp_path)
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    wait_for(tmp_path / "started")
    process.send_signal(signal.SIGINT)
    assert process.communicate()[0] == b"(2, True)\n"


def test_what_cannot_be_collected_is_shown(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_some.py").write_text("import no_such_module")
    stdout, stderr = start(tmp_path).communicate()
    assert stdout == b"(2, False)\n"
    assert b"cannot collect test_some.py:" in stderr
    assert b"No module named 'no_such_module'" in stderr
