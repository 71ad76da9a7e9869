"""Which results of a large report are collapsed, and which never."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from ampeco_conformance.reporting import collapse
from ampeco_conformance.reporting.collapse import collapse_results
from ampeco_conformance.reporting.result_files import read_result_files


def write(folder: Path, name: str, operation: str, **others: Any) -> None:
    layer = others.pop("layer", "contract")
    labels = {"story": operation, "layer": layer, "apiVersion": "3.90.0", "target": "emulator", "host": "x"}
    content = {
        "name": f"{operation} - {name}",
        "uuid": f"{operation}-{name}",
        "fullName": f"{operation}::{name}",
        "status": "passed",
        "start": 1,
        "stop": 2,
        "labels": [{"name": key, "value": value} for key, value in labels.items()],
        "parameters": [{"name": "requests", "value": "7", "excluded": True}],
        **others,
    }
    (folder / f"{name}-{operation[-1]}-result.json").write_bytes(orjson.dumps(content))


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    write(folder, "operation", "GET /a", stop=5)
    write(folder, "filters", "GET /a")
    write(folder, "operation", "GET /b")
    write(folder, "errors", "GET /b", status="failed", attachments=[{"source": "1-attachment.txt"}])
    write(folder, "views", "GET /b", status="skipped")
    write(folder, "A story", "GET /c", layer="scenario")
    (folder / "1-attachment.txt").write_text("proof")
    return folder


def test_a_large_report_shows_passed_results_once_per_operation(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collapse, "_MOST_RESULTS", 5)
    folder = collapse_results(results, read_result_files(results), tmp_path / "collapsed")
    shown = [orjson.loads(file.read_bytes()) for file in folder.glob("*-result.json")]
    assert sorted((result["name"], result["status"]) for result in shown) == [
        ("GET /a", "passed"),
        ("GET /b", "passed"),
        ("GET /b - errors", "failed"),
        ("GET /b - views", "skipped"),
        ("GET /c - A story", "passed"),
    ]
    (both,) = [result for result in shown if result["name"] == "GET /a"]
    assert [step["name"] for step in both["steps"]] == ["filters: requests 7", "operation: requests 7"]
    assert (both["start"], both["stop"]) == (1, 5)
    assert (folder / "1-attachment.txt").read_text() == "proof"


def test_a_small_report_is_left_alone(results: Path, tmp_path: Path) -> None:
    assert collapse_results(results, read_result_files(results), tmp_path / "collapsed") == results


@pytest.mark.parametrize("most", [1, 1_000], ids=["large", "small"])
@pytest.mark.parametrize("cut", [b"", b'{"name": "x", "fu', b"\x00\xff", b"[]", b'{"name": "x"}'])
def test_damaged_results_are_left_out_and_named(
    results: Path, tmp_path: Path, cut: bytes, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collapse, "_MOST_RESULTS", most)
    damaged = results / "operation-b-result.json"
    damaged.write_bytes(cut)
    assert read_result_files(results).damaged == (damaged,)
    folder = collapse_results(results, read_result_files(results), tmp_path / "collapsed")
    shown = read_result_files(folder).results.values()
    assert {result["name"].partition(" - ")[0] for result in shown} == {"GET /a", "GET /b", "GET /c"}
    assert "GET /b - operation" not in {result["name"] for result in shown}
    assert not (tmp_path / "collapsed" / damaged.name).exists()
