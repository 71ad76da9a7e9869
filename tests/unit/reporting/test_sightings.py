"""What was shown night after night and is no longer shown is a finding of the history."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ampeco_conformance.core.item_results import ONLY_CALLED, DriftEntry, ItemResult
from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.plan import write_plan
from ampeco_conformance.reporting.results import append_results
from ampeco_conformance.reporting.sightings import (
    SEEN,
    Sighting,
    Sightings,
    gone,
    keep_sightings,
    read_sightings,
    with_tonight,
)
from ampeco_conformance.reporting.writers.pages import write_pages
from tests.support.finished_runs import LIST, WHOLE, passed

DAY = 86_400.0
FIELD, VALUE, STATUS = "200/data/*/name", "200/data/*/status = active", "200"
ALL: Mapping[str, str] = {"response-fields": FIELD, "response-enums": VALUE, "statuses": STATUS}
PLAN = replace(WHOLE, selected=[passed(LIST).node_id], own=[passed(LIST).node_id])


def night(number: int, *kinds: str, notes: tuple[str, ...] = ()) -> ItemResult:
    """The result of the operation on a day, when it showed these kinds of things."""
    coverage = {kind: {LIST: [ALL[kind]]} for kind in kinds}
    return replace(passed(LIST), aspect="operation", stopped_at=(number + 1) * DAY, coverage=coverage, notes=notes)


def after(*nights: ItemResult) -> Sightings:
    found: Sightings = {}
    for result in nights:
        found = with_tonight(found, [result])
    return found


def messages(sightings: Sightings) -> list[str]:
    return [cluster.message for cluster in gone(sightings, ["3.90.0"])]


@pytest.mark.parametrize(
    ("seen", "missing", "expected"), [(3, 3, True), (2, 3, False), (3, 2, False), (1, 9, False), (9, 3, True)]
)
@pytest.mark.parametrize("kind", [*ALL])
def test_what_was_seen_for_nights_and_is_missing_for_as_many_is_gone(
    kind: str, seen: int, missing: int, expected: bool
) -> None:
    nights = [night(number, kind) for number in range(seen)] + [night(seen + number) for number in range(missing)]
    assert bool(messages(after(*nights))) is expected


def test_what_comes_back_is_not_gone() -> None:
    nights = [night(number, *([] if 3 <= number < 6 else ["statuses"])) for number in range(7)]
    assert len(messages(after(*nights[:6]))) == 1
    assert messages(after(*nights)) == []


def test_runs_of_one_day_are_one_night() -> None:
    assert messages(after(*[night(0, "statuses")] * 5, *[night(1)] * 5)) == []


def test_an_operation_that_was_not_tested_shows_nothing() -> None:
    seen = [night(number, *ALL) for number in range(3)]
    broken = [replace(night(number), status="broken") for number in range(3, 9)]
    assert messages(after(*seen, *broken)) == []


def test_enum_values_can_only_be_missing_where_an_operation_was_tested_in_depth() -> None:
    seen = [night(number, *ALL) for number in range(3)]
    called = [night(number, notes=(ONLY_CALLED,)) for number in range(3, 9)]
    assert {message.partition(" was")[0] for message in messages(after(*seen, *called))} == {
        f"the field {FIELD}",
        f"the status {STATUS}",
    }


def test_what_another_item_showed_can_only_be_missing_where_that_one_was_tested() -> None:
    includes = replace(night(0, "response-fields"), aspect="includes")
    sightings: Sightings = {}
    for number in range(12):
        of_others = [replace(includes, stopped_at=night(number).stopped_at)] if number % 4 == 0 else []
        sightings = with_tonight(sightings, [night(number), *of_others])
    assert messages(sightings) == []
    for number in range(12, 15):
        sightings = with_tonight(sightings, [night(number), replace(night(number), aspect="includes")])
    assert len(messages(sightings)) == 1


def test_a_clock_that_was_ahead_hides_nothing(tmp_path: Path) -> None:
    ahead = with_tonight({}, [night(99_000, *ALL)])
    keep_sightings(ahead, tmp_path, PLAN)
    today = datetime.now(UTC).date().isoformat()
    assert {(seen.last, seen.counted) for seen in read_sightings(tmp_path, PLAN).values()} == {(today, today)}


@pytest.mark.parametrize("name", ["extra", "a\tb", "\t", "a\nb = c", ""])
def test_an_undocumented_field_is_missed_too(name: str) -> None:
    place = f"/data/*/{name}"
    entry = DriftEntry(
        *("undocumented_field", LIST, 200, place, "ampeco", "3.90.0", "staging", "", "x", {"type": "string"}),
        *("", "", "", ""),
    )
    seen = [replace(night(number), drift=(entry,)) for number in range(3)]
    (message,) = messages(after(*seen, *(night(number) for number in range(3, 6))))
    assert message == (f"the field 200{place} was seen in 3 nights until 1970-01-04, and in none of 3 nights since")


def test_the_history_keeps_what_was_seen_and_the_verdict_names_what_is_gone(tmp_path: Path) -> None:
    for number in range(6):
        reports = tmp_path / str(number)
        reports.mkdir()
        write_plan(PLAN, reports)
        append_results([night(number, *([] if number > 2 else ["response-fields"]))], reports)
        run = read_run(reports, tmp_path)
        assert [finding.check for finding in run.verdict.others] == (["no_longer_seen"] if number == 5 else [])
        write_pages(run, reports, tmp_path)
    # Reports that are made again count no night.
    again = read_run(tmp_path / "5", tmp_path)
    assert again.sightings == run.sightings
    assert "no_longer_seen" in (tmp_path / "5" / "verdict.json").read_text()
    (key,) = json.loads((tmp_path / SEEN).read_text())
    half = {"no tabs": asdict(Sighting(3, "2026-01-01", 3, "2026-01-04")), f"{LIST}\tfield\tname": {"nights": "3"}}
    for damaged in ("{", "[]", json.dumps({key: 5}), json.dumps({key: half})):
        (tmp_path / SEEN).write_text(damaged)
        assert read_run(tmp_path / "5", tmp_path).verdict.others == []
