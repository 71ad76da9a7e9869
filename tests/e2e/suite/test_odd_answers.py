"""Whatever one operation answers, the run ends with a verdict, and everything else is tested."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.loopback import Sent
from tests.support.reverse_proxy import reverse_proxy
from tests.support.runs import TOKEN, conform_run

SPOILED = "GET /public-api/resources/taxes/v2.0/{tax}"
_PATH = "/public-api/resources/taxes/v2.0/"
ODD_BODIES = [
    b"",
    b"\xff\xfe\x00",
    b"<html>",
    b'{"data": {"id": 1, "name": "\\ud800"}}',
    b'{"data": {"\\udc00": 1}}',
    b'{"data": ' + b"[" * 300 + b"]" * 300 + b"}",
    b"[" * 100_000,
    b'{"data": {"id": 1, "extra": ' + b'[{"id": ' * 95 + b'"x"' + b"}]" * 95 + b"}}",
    b'{"data": {"id": NaN, "percentage": 1e999, "name": -Infinity}}',
    b'{"data": {"id": ' + b"9" * 6000 + b"}}",
    b'{"data": {"id": 1, "id": 2}, "data": 3}',
    b'\xef\xbb\xbf{"data": {"id": 1}}',
    b'{"data": {"id": 1, "name": "\xff\xed\xa0\x80"}}',
    b'"' + b"x" * 100_000 + b'"',
    b"null",
]
ODD_HEADERS = [
    {},
    {"X-" + "a" * 3_000: "b"},
    {"Content-Type": "application/json; charset=latin-9"},
    {"Content-Type": ""},
]


def _drawn(number: int) -> list[bytes]:
    """Random JSON and random bytes, the same in every run of this test."""
    found: list[bytes] = []
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)

    @seed(0)
    @settings(max_examples=number, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=80) | values.map(lambda value: json.dumps({"data": value}).encode()))
    def draw(body: bytes) -> None:
        found.append(body)

    draw()
    return found


def _endless() -> Iterator[bytes]:
    """Odd bodies without end."""
    known = ODD_BODIES + _drawn(60)
    source = random.Random(0)
    while True:
        yield from source.sample(known, len(known))


def test_odd_answers_of_one_operation_cost_no_other_item(tmp_path: Path) -> None:
    bodies = _endless()
    source = random.Random(1)

    def spoil(method: str, path: str, sent: Sent) -> None:
        if method == "GET" and path.startswith(_PATH):
            sent.content = next(bodies)
            sent.headers |= source.choice(ODD_HEADERS)

    with running_emulator("ampeco", "3.90.0", TOKEN) as emulator, reverse_proxy(emulator, spoil) as base_url:
        named = ("--base-url", base_url, "--token-env", "SUITE_TOKEN", "--safety", "own-data")
        run = conform_run(tmp_path, *named, "--operation", "GET */taxes/v2.0*", "--profile", "smoke")
    assert run.code == 1, run.said
    verdict = json.loads((run.reports / "verdict.json").read_text())
    assert verdict["decision"] == "no-go"
    items = [json.loads(line) for line in (run.reports / "items.jsonl").read_text().splitlines()]
    others = {item["node_id"]: item["status"] for item in items if item["operation"] != SPOILED}
    assert others
    assert set(others.values()) <= {"passed", "skipped"}, others
    assert "Traceback" not in run.said
