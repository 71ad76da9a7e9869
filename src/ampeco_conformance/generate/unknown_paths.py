"""Paths of an operation with ids that no resource has: all of them, and each one among existing ids."""

from collections.abc import Iterator

from ampeco_conformance.checks.errors import InvalidRequest
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.resource_map import UNUSED_ID
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.specs import Operation

_UNKNOWN_IDS = InvalidRequest("an unknown id", "unknown id")
_ZERO = InvalidRequest("the id 0", "zero id")
_TEXT = InvalidRequest("text in place of a number in the path", "path type")


def unknown_paths(operation: Operation, pool: IdPool, *, own: bool) -> Iterator[tuple[InvalidRequest, str]]:
    """Each path with what is unknown in it; with `own` the existing ids are of what this run created.

    A word of an enum, a date and a free key are no ids: what is written to them may be created.
    """
    unused = pool.resources.unused_path(operation)
    yield _UNKNOWN_IDS, unused
    names = parameters_of(operation.path)
    ids = [name for name in names if _is_id(operation, name, pool)]
    real = next(pool.path_parameters(operation, limit=1, own=own), None) if ids and len(names) > 1 else None
    for name in ids if real is not None else ():
        schema = pool.resources.parameter_schema(operation, name)
        unknown = UNUSED_ID if schema["type"] == "integer" else f"unused-{UNUSED_ID}"
        path = fill(operation.path, {**(real or {}), name: unknown})
        if path != unused:
            yield InvalidRequest(f"an unknown {name} among existing ids", f"unknown {name}"), path


def odd_paths(operation: Operation, pool: IdPool) -> Iterator[tuple[InvalidRequest, str]]:
    """Paths without a body whose ids are numbers, and can be of no item: the id 0, and text.

    A read is of an id that exists with a letter behind it: servers that take the text for a number read the item.
    """
    names = parameters_of(operation.path)
    are_numbers = [pool.resources.parameter_schema(operation, name).get("type") == "integer" for name in names]
    is_read = operation.method == "GET" and operation.path.endswith("}")
    real = next(pool.path_parameters(operation, limit=1), None) if is_read and are_numbers[-1] else None
    if real is not None:
        yield _ZERO, fill(operation.path, {**real, names[-1]: 0})
    if operation.method in ("GET", "DELETE") and all(are_numbers):
        words = dict.fromkeys(names, f"unused-{UNUSED_ID}")
        yield _TEXT, fill(operation.path, words if real is None else {**real, names[-1]: f"{real[names[-1]]}x"})


def _is_id(operation: Operation, name: str, pool: IdPool) -> bool:
    schema = pool.resources.parameter_schema(operation, name)
    return schema.get("type") in ("integer", "string") and not schema.keys() & {"enum", "format"}
