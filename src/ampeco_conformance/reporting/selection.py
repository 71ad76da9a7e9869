"""The items that a run selected: missing items reveal a truncated run or a missing shard.

Written to `reports/selection.json` before the first item runs.
"""

import re
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from ampeco_conformance.core.errors import ConfigurationError

SELECTION = "selection.json"


@dataclass(frozen=True, slots=True)
class Selection:
    """The items of a run by node id: all that were `selected`, and the `own` ones of this shard, from 1 to `shards`."""

    shard: int
    shards: int
    seed: int
    selected: list[str]
    own: list[str]


def parse_shard(text: str) -> tuple[int, int]:
    """`2/4` as (2, 4). Raises ConfigurationError for anything else."""
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ConfigurationError(f"--shard {text} is not I/N with I from 1 to N (example: 2/4)")
    return int(match[1]), int(match[2])


def write_selection(selection: Selection, reports: Path) -> None:
    """Write `selection.json`. Raises OSError."""
    reports.mkdir(parents=True, exist_ok=True)
    (reports / SELECTION).write_bytes(orjson.dumps(asdict(selection)))


def read_selection(reports: Path) -> Selection:
    """The selection of a run. Raises ConfigurationError when there is none."""
    path = reports / SELECTION
    try:
        return Selection(**orjson.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read ({error}); name folders that ./conform run has written"
        ) from None
