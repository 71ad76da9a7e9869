"""Keeps the Allure report of a whole version small: passed results become one per operation, with a step per aspect.

A run of all operations has some three thousand results, of which Allure makes a page of 40 MB. Results that did
not pass or have attachments, and scenarios, stay as they are.
"""

import hashlib
import os
import shutil
from collections import defaultdict
from pathlib import Path

from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.reporting.result_files import Result, ResultFiles

#: Up to this many results stay as they are.
_MOST_RESULTS = 1_000
_KEPT_LABELS = frozenset({"epic", "feature", "story", "parentSuite", "layer", "apiVersion", "target"})


def collapse_results(results_dir: Path, files: ResultFiles, into: Path) -> Path:
    """The folder to make the report of: the results themselves, or the folder `into` with the collapsed ones.

    Files that are damaged are left out.
    """
    found, left_out = files.results, set(files.damaged)
    if len(found) <= _MOST_RESULTS and not left_out:
        return results_dir
    groups: defaultdict[tuple[str, ...], list[Result]] = defaultdict(list)
    for file, result in found.items() if len(found) > _MOST_RESULTS else ():
        labels = {label["name"]: label["value"] for label in result.get("labels", ())}
        is_plain = not result.get("attachments") and not result.get("steps")
        if result.get("status") == "passed" and labels.get("layer") == "contract" and is_plain:
            groups[labels["story"], labels["apiVersion"], labels["target"]].append(result)
            left_out.add(file)
    into.mkdir()
    for file in results_dir.iterdir():
        if file.is_file() and file not in left_out:
            _link(file, into / file.name)
    for identity, results in groups.items():
        result = _collapsed(identity, sorted(results, key=lambda result: str(result["fullName"])))
        (into / f"{result['uuid']}-result.json").write_bytes(write_json(result))
    return into


def _collapsed(identity: tuple[str, ...], results: list[Result]) -> Result:
    story, version, target = identity
    digest = hashlib.md5("\n".join(identity).encode(), usedforsecurity=False).hexdigest()
    first = results[0]
    return {
        "uuid": digest,
        "historyId": digest,
        "testCaseId": digest,
        "name": story,
        "fullName": f"{story} v{version.removeprefix('v')}@{target}",
        "status": "passed",
        "start": min(result["start"] for result in results),
        "stop": max(result["stop"] for result in results),
        "labels": [label for label in first["labels"] if label["name"] in _KEPT_LABELS],
        "titlePath": first.get("titlePath", []),
        "parameters": [parameter for parameter in first.get("parameters", ()) if not parameter.get("excluded")],
        "steps": [_step(result) for result in results],
    }


def _step(result: Result) -> Result:
    statistics = [parameter for parameter in result.get("parameters", ()) if parameter.get("excluded")]
    counts = ", ".join(f"{parameter['name']} {parameter['value']}" for parameter in statistics)
    aspect = str(result["name"]).rpartition(" - ")[2]
    name = f"{aspect}: {counts}" if counts else aspect
    return {"name": name, "status": "passed", "start": result["start"], "stop": result["stop"]}


def _link(file: Path, place: Path) -> None:
    """Link a file, or copy it where the file system has no links."""
    try:
        os.link(file, place)
    except OSError:
        shutil.copyfile(file, place)
