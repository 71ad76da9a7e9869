"""The Allure results in a folder; a file that is cut off or damaged costs only itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """The results in a folder by file, and the files that should be results and cannot be read."""

    results: dict[Path, Result]
    damaged: tuple[Path, ...]


def read_result_files(folder: Path) -> ResultFiles:
    """Read every result in a folder, once."""
    parsed = {file: _parsed(file) for file in sorted(folder.glob("*-result.json"))}
    return ResultFiles(
        {file: result for file, result in parsed.items() if result is not None},
        tuple(file for file, result in parsed.items() if result is None),
    )


def _parsed(file: Path) -> Result | None:
    """The result in a file; None when it has not what every result has."""
    try:
        result = orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    is_whole = isinstance(result, dict) and all(result.get(name) for name in ("uuid", "fullName", "status"))
    return result if is_whole and isinstance(result.get("labels", []), list) else None
