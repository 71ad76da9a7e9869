"""Where a state can be kept: in a file, also through a link; not in a pipe or a device."""

import os
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import load_specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.control.saved_state import SavedState
from ampeco_emulator.control.state_file import StateFile
from ampeco_emulator.domain import HOOKS


@pytest.fixture(scope="module")
def state() -> SavedState:
    return SavedState(Backend(load_specification("3.90.0"), HOOKS))


def test_a_pipe_is_no_state_file(tmp_path: Path, state: SavedState) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ConfigurationError, match="is not a file"):
        StateFile(pipe, state).open()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_device_is_no_state_file(state: SavedState) -> None:
    with pytest.raises(ConfigurationError, match="is not a file"):
        StateFile(Path("/dev/full"), state).open()


def test_a_state_is_saved_where_a_link_leads(tmp_path: Path, state: SavedState) -> None:
    link, target = tmp_path / "link", tmp_path / "elsewhere.json"
    link.symlink_to(target)
    StateFile(link, state).open()
    assert link.is_symlink()
    assert target.is_file()
