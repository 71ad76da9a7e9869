"""Every operation: a successful request, every boundary and fault of its parameters and body, random data.

The requests come from Schemathesis (positive and negative data, coverage and fuzzing phases); the responses are judged
by its checks and confirmed by our own reading of the specification.
"""

from ampeco_conformance.core.profiles import Effort
from ampeco_conformance.exercise.operation import OperationRunner
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation


def test_operation(operation: Operation, operation_runner: OperationRunner, effort: Effort, record: Recorder) -> None:
    """The operation keeps its contract."""
    operation_runner.run(operation, effort, record)
