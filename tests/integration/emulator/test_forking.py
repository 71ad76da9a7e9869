"""A process that is forked does what one does that is started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.forking import ForkedPython

#: Forks are compared with what is started.
STARTS_REAL_PROCESSES = True

COMMAND = [sys.executable, "-m", "ampeco_emulator"]


@pytest.mark.parametrize("arguments", [["--list-defects"], ["--api", "unknown"]], ids=["succeeds", "fails"])
def test_a_fork_says_and_returns_what_a_started_process_does(arguments: list[str]) -> None:
    ended = []
    for start in (ForkedPython, subprocess.Popen):
        process = start([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = process.communicate()
        ended.append((process.returncode, said[0], said[1].splitlines()[-1:]))
    assert ended[0] == ended[1]


def test_a_fork_has_its_own_environment_folder_and_group_and_no_files_of_the_tests(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import os\n"
        "def test_it():\n"
        "    assert os.environ['OF_THE_FORK'] == 'yes'\n"
        f"    assert os.getcwd() == {str(tmp_path)!r}\n"
        "    assert os.getpgrp() == os.getpid()\n"
        "    assert not os.path.exists('/dev/fd/READER') or os.read(READER, 1) == b''\n"
    )
    reader, writer = os.pipe()
    os.write(writer, b"of the tests")
    file = tmp_path / "test_it.py"
    file.write_text(file.read_text().replace("READER", str(reader)))
    command = [sys.executable, "-P", "-m", "pytest", "-c", os.devnull, "-p", "no:cacheprovider", str(file)]
    environment = {**os.environ, "OF_THE_FORK": "yes"}
    with ForkedPython(command, cwd=tmp_path, env=environment, process_group=0, stdout=subprocess.PIPE) as process:
        said = process.communicate()[0]
    assert process.returncode == 0, said.decode()
    assert "OF_THE_FORK" not in os.environ
    assert os.read(reader, 100) == b"of the tests"
    os.close(reader)
    os.close(writer)


def test_what_is_started_on_another_path_is_not_forked(tmp_path: Path) -> None:
    (tmp_path / "ampeco_emulator.py").write_text("print('another one')")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with ForkedPython(COMMAND, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.communicate()[0] == "another one\n"
