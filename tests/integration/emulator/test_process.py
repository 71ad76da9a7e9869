"""The emulator as a process of a run."""

import gc
import warnings

from ampeco_conformance.emulator_client.process import running_emulator

#: The pipes of a started process are looked at.
STARTS_REAL_PROCESSES = True


def test_no_pipe_is_left_open() -> None:
    """A project whose pytest turns warnings into errors would fail for it."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", ResourceWarning)
        with running_emulator("spirii", "v1", "token"):
            pass
        gc.collect()
    assert not [str(warning.message) for warning in seen if "unclosed file" in str(warning.message)]
