"""Which items a run was to run: what tells a whole run from one that was cut short, and joins shards.

It stands in `reports/selection.json` before the first item runs.
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
    """`2/4` as (2, 4). Raises ConfigurationError when there is no such part."""
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ConfigurationError(f"--shard {text}: write I/N with I from 1 to N, such as 2/4")
    return int(match[1]), int(match[2])


def write_selection(selection: Selection, reports: Path) -> None:
    """Write it down."""
    reports.mkdir(parents=True, exist_ok=True)
    (reports / SELECTION).write_bytes(orjson.dumps(asdict(selection)))


def read_selection(reports: Path) -> Selection:
    """What a run wrote. Raises ConfigurationError when there is none."""
    path = reports / SELECTION
    try:
        return Selection(**orjson.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read ({error}); name folders that ./conform run has written"
        ) from None
