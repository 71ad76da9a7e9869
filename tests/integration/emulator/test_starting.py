"""Wrong options: one clear line, exit code 2."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ampeco_emulator.__main__ import command, main

#: What is refused at the start is looked at.
STARTS_REAL_PROCESSES = True


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ampeco_emulator", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(autouse=True)
def ended_input(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Standard input has ended: an emulator that starts although it must not stops again, and the test fails."""
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield


def start(*arguments: str) -> int:
    """The exit code of an emulator on a free port."""
    return main(["--port", "0", "--until-stdin-ends", *arguments])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--api-version", "9.9.9"], "9.9.9"),
        (["--defect", "no-such-thing"], "no-such-thing"),
        (["--defect", "drop-idd"], "did you mean drop-id?"),
        (["--defect", "drop-field:GET /public-api/resources/user/v1.0:email"], "user/v1.0"),
        (["--seed", "enormous"], "enormous"),
        (["--clock", "yesterday"], "yesterday"),
        (["--port", "99999"], "99999"),
        (["--bogus"], "--bogus"),
        (["--api", "ocpi"], "ocpi"),
        (["--latency", "slow"], "slow"),
        (["surplus"], "surplus"),
    ],
)
def test_a_wrong_option_is_named_in_one_line(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(*arguments) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert named in written.err
    assert written.err.count("\n") == 1


def test_the_examples_of_the_help_are_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    examples = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("    ampeco-emulator")]
    assert len(examples) == 2
    for program, *words in examples:
        command.make_context(program, words)


@pytest.mark.parametrize(
    ("content", "named"),
    [('{"user": 5}', "user"), ('{"users": 0}', "users"), ('{"users": []}', "users"), ("[]", "object"), ("{", "JSON")],
)
def test_a_wrong_seed_file_is_named(
    content: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "seed.json"
    path.write_text(content)
    assert start("--seed", str(path)) == 2
    written = capsys.readouterr().err
    assert str(path) in written
    assert named in written
    assert written.count("\n") == 1


def test_the_process_exits_with_the_code() -> None:
    ended = run("--clock", "yesterday")
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)


def test_a_port_in_use_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert start("--port", str(taken.getsockname()[1])) == 2
    assert "--port" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 99}'])
def test_an_unreadable_state_file_is_named(tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    assert start("--state", str(path)) == 2
    written = capsys.readouterr()
    assert str(path) in written.err
    assert written.err.count("\n") == 1


def test_the_defects_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-defects"]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 60


def test_an_emulator_ends_with_a_run_that_is_killed() -> None:
    script = (
        "import os; from ampeco_conformance.emulator_client.process import running_emulator\n"
        "with running_emulator('ampeco', '3.90.0', 'token') as base_url: print(base_url, flush=True); os._exit(9)"
    )
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    host, _, port = killed.stdout.strip().removeprefix("http://").rpartition(":")
    for _ in range(200):
        with socket.socket() as connection:
            if connection.connect_ex((host, int(port))) != 0:
                return
        time.sleep(0.05)
    pytest.fail("the emulator still listens")


def test_a_reader_that_stops_early_causes_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    listed = subprocess.run(
        [sys.executable, "-m", "ampeco_emulator", "--list-defects"], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (listed.returncode, listed.stderr) == (0, b"")


def test_an_output_that_is_full_is_named_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "ampeco_emulator", "--list-defects"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    said = "ampeco_emulator: the output cannot be written: No space left on device; free some space\n"
    assert (ended.returncode, ended.stderr) == (3, said)
