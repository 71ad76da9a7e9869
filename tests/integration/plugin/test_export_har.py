"""`--export-har`: what it writes loads in an independent reader, has every request of the run, and no secret."""

import json
from pathlib import Path

import pytest

from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.har import read_har
from ampeco_conformance.core.har_writing import HarFile, HarPart, join_parts
from tests.support.runs import conform_run


def exchange(number: int) -> Exchange:
    headers = (("content-type", "application/json"),)
    request = Request("POST", f"http://t.test/a?n={number}&flag", headers, b'{"name": "\xc3\xa9"}')
    return Exchange(request, Response(201, "Created", headers, b'{"id": 1}'), 1_800_000_000.0 + number, 0.25)


def test_a_run_leaves_all_its_requests_for_other_tools(tmp_path: Path) -> None:
    haralyzer = pytest.importorskip("haralyzer", reason="the reader comes with requirements/development.txt")
    har = tmp_path / "traffic.har"
    arguments = ("--api", "spirii", "--profile", "smoke", "--workers", "2", "--export-har", str(har))
    run = conform_run(tmp_path / "reports", *arguments)
    assert run.code == 0, run.said
    content = json.loads(har.read_text())
    entries = haralyzer.HarParser(content).har_data["entries"]
    sent = sum(json.loads(line)["requests"] for line in (tmp_path / "reports/items.jsonl").read_text().splitlines())
    assert len(entries) >= sent > 0
    read = [haralyzer.HarEntry(entry) for entry in entries]
    assert {entry.request.method for entry in read} == {"GET"}
    assert 200 in {entry.response.status for entry in read}
    assert "emulator-token" not in har.read_text()
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    with HarFile(tmp_path / "a.har", lambda seen: seen) as har:
        for number in range(3):
            har.add(exchange(number))
            # Complete after each entry: a killed process leaves a file that can be read.
            assert len(read_har(tmp_path / "a.har").exchanges) == number + 1
    assert list(read_har(tmp_path / "a.har").exchanges) == [exchange(number) for number in range(3)]


def test_parts_are_joined_in_the_order_of_requests_without_what_was_cut_off(tmp_path: Path) -> None:
    parts = [tmp_path / "a.part", tmp_path / "b.part"]
    for start, part in enumerate(parts):
        for number in (start, start + 2):
            HarPart(part, lambda seen: seen).add(exchange(number))
    parts[0].write_bytes(parts[0].read_bytes() + b'{"startedDateTime": "2')
    file = tmp_path / "a.har"
    join_parts(parts, file)
    assert [seen.request.url[-6] for seen in read_har(file).exchanges] == ["0", "1", "2", "3"]
    join_parts(parts[:1], file, append=True)
    assert len(read_har(file).exchanges) == 6
