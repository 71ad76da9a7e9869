"""The Allure results in a folder; a file that is cut off or damaged costs only itself."""

from pathlib import Path
from typing import Any

import orjson

Result = dict[str, Any]


def readable_results(folder: Path) -> dict[Path, Result]:
    """The results by file, without those that cannot be read."""
    found = {file: _parsed(file) for file in _files(folder)}
    return {file: result for file, result in found.items() if result is not None}


def damaged_results(folder: Path) -> list[Path]:
    """The files that should be results and cannot be read."""
    return [file for file in _files(folder) if _parsed(file) is None]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*-result.json"))


def _parsed(file: Path) -> Result | None:
    """The result in a file; None when it has not what every result has."""
    try:
        result = orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    is_whole = isinstance(result, dict) and all(result.get(name) for name in ("uuid", "fullName", "status"))
    return result if is_whole and isinstance(result.get("labels", []), list) else None
