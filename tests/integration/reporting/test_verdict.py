"""The verdict in HTML, Markdown and JSON: of one run, over several runs, and of runs that ended early."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.core.item_results import UNCONFIRMED, ItemResult
from ampeco_conformance.coverage.recording import ANOTHER_SEED
from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.history import RUNS, read_history
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.reporting.writers import pages
from ampeco_conformance.reporting.writers.allure_settings import allure_settings, item_digest
from tests.support.finished_runs import LIST, OTHER, READ, Nights, failed, passed, scenario

TAXES = "GET /public-api/resources/taxes/v2.0"
SCHEMA = json.loads((Path(pages.__file__).parent / "verdict.schema.json").read_text())


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def sections(nights: Nights) -> dict[str, list[str]]:
    """The messages in each section of verdict.json."""
    found: dict[str, list[str]] = {}
    for cluster in json.loads(nights.read("verdict.json"))["clusters"]:
        found.setdefault(cluster["section"], []).append(cluster["message"])
    return found


def test_one_cause_is_one_card_with_its_operations_and_versions(nights: Nights) -> None:
    in_list = failed(LIST, location="/data/17/id", message="/data/17/id is missing at 200")
    verdict = nights.run(in_list, failed(), failed(version="3.66.0"))
    (cluster,) = verdict.clusters
    assert (cluster.operations, cluster.versions) == ([LIST, READ], ["3.90.0", "3.66.0"])
    other_schema = failed(OTHER, source="/components/schemas/Tax/required")
    assert len(nights.run(failed(), other_schema).clusters) == 2


def test_one_fault_in_every_schema_is_one_card_that_names_the_places(nights: Nights) -> None:
    def number(operation: str, field: str, schema: str = "") -> ItemResult:
        message = f"/data/{field} breaks `type`: 17 is not of type 'string' at 200"
        source = f"/components/schemas/{schema or operation}/properties/{field}/type"
        return failed(operation, location=f"/data/{field}", message=message, source=source)

    shared = replace(number(OTHER, "createdAt", schema=LIST), node_id="shared")
    verdict = nights.run(
        number(LIST, "createdAt"), number(READ, "lastUpdatedAt"), number(OTHER, "endedAt"), shared, passed("x")
    )
    assert len(verdict.clusters) == 3
    (card,) = verdict.worst
    assert card.places == [
        f"{OTHER}: /data/createdAt",
        f"{OTHER}: /data/endedAt",
        f"{READ}: /data/lastUpdatedAt",
        f"{LIST}: /data/createdAt",
    ]
    assert set(card.operations) == {LIST, READ, OTHER}
    assert nights.read("index.html").count("<article") == 1
    assert re.search(r"In 4 places, such as: data\.\w+ breaks", nights.read("index.html"))
    # Two of a kind may well be two faults.
    assert len(nights.run(number(LIST, "createdAt"), number(READ, "lastUpdatedAt")).worst) == 2


def test_what_is_empty_has_one_line_and_no_link(nights: Nights) -> None:
    nights.run(passed(LIST))
    (nights.reports / "unreached.md").write_text("None.")
    (nights.reports / "drift.md").write_text("None.")
    pages.write_pages(read_run(nights.reports, nights.folder), nights.reports, nights.folder)
    page = nights.read("index.html")
    assert "No cause counts against the target." in page
    assert "No known, blocked, fixed, drift, advisory findings." in page
    assert "unreached.md" not in page
    assert "drift.md" not in page


def test_one_fault_in_two_schemas_is_one_cause_in_every_report(nights: Nights) -> None:
    other = failed(OTHER, source="/components/schemas/Tax/required", fingerprint="another")
    verdict = nights.run(failed(), other, scenario("failed", "2 receipts, 1 expected"))
    content = json.loads(nights.read("verdict.json"))
    (cause,) = [cause for cause in content["causes"] if cause["fingerprints"]]
    assert set(cause["fingerprints"]) == {"another", "0123456789ab"}
    root = ElementTree.fromstring(nights.read("junit.xml"))
    types = {element.get("type") for element in root.iter("failure")}
    told = {element.get("value") for element in root.iter("property") if element.get("name") == "causes"}
    summary = json.loads(nights.read("run.json"))
    assert types == {cause["id"] for cause in content["causes"]} == {cause["id"] for cause in summary["causes"]}
    assert told == {"2"}
    assert nights.read("index.html").count("<article") == len(types) == verdict.run.causes == 2


def test_the_same_cause_has_the_same_id_whatever_the_data(nights: Nights) -> None:
    first = nights.run(failed(source="", location="", message="page 12 of '4711-a' has 51 items")).clusters
    second = nights.run(failed(source="", location="", message="page 3 of '99' has 50 items")).clusters
    other_status = nights.run(failed(source="", location="", message="answered 500")).clusters
    assert first[0].id == second[0].id != other_status[0].id
    assert nights.run(failed(source="", location="", message="answered 404")).clusters[0].id != other_status[0].id


def test_a_finding_is_new_then_open_then_fixed_then_flaky(nights: Nights) -> None:
    nights.run(failed())
    assert sections(nights) == {"new": ["/data/id is missing at 200"]}
    verdict = nights.run(failed())
    assert sections(nights) == {"open": ["/data/id is missing at 200"]}
    assert verdict.since_last_run is not None
    assert (verdict.since_last_run.appeared, verdict.since_last_run.gone) == ([], [])
    verdict = nights.run(passed())
    assert sections(nights) == {"fixed": ["/data/id is missing at 200"]}
    assert (verdict.decision, verdict.worst) == ("go", [])
    assert nights.run(passed()).clusters == []
    nights.run(failed())
    assert sections(nights) == {"flaky": ["/data/id is missing at 200"]}


def test_a_known_issue_is_separate_and_never_hides_a_violation_of_the_same_kind(nights: Nights) -> None:
    known = failed(LIST, standing=Standing.KNOWN, issue="QA-17", setting="known until tomorrow")
    verdict = nights.run(failed(), known)
    assert [(cluster.section, cluster.operations, cluster.issue) for cluster in verdict.clusters] == [
        ("new", [READ], None),
        ("known", [LIST], "QA-17"),
    ]
    assert [cluster.operations for cluster in verdict.worst] == [[READ]]
    settings = allure_settings(verdict, read_results(nights.reports), nights.folder, is_new=True)
    assert settings["rules"] == [
        {"resolution": "muted", "comment": "QA-17: known until tomorrow", "testCaseId": [item_digest(known.node_id)]}
    ]
    # What becomes known, or is known no longer, is neither fixed nor new.
    nights.run(failed(standing=Standing.KNOWN, issue="QA-17"), known)
    assert set(sections(nights)) == {"known"}
    nights.run(failed(), known)
    assert set(sections(nights)) == {"open", "known"}


def test_a_result_that_shows_more_than_known_issues_is_not_muted(nights: Nights) -> None:
    both = failed(standing=Standing.KNOWN, issue="QA-17")
    both = replace(both, findings=both.findings + failed(message="answered 500", location="", source="").findings)
    verdict = nights.run(both)
    settings = allure_settings(verdict, read_results(nights.reports), nights.folder, is_new=True)
    names = {category["id"]: category["name"] for category in settings["categories"]}
    shown = {names[id_].partition(":")[0] for id_ in settings["members"].values()}
    assert (settings["rules"], shown) == ([], {"New"})


@pytest.mark.parametrize("standing", [Standing.DRIFT, Standing.ADVISORY])
def test_tolerated_findings_are_listed_but_not_kept_in_the_history(nights: Nights, standing: Standing) -> None:
    tolerated = replace(failed(standing=standing), status="passed", message=None, reached=(READ,))
    verdict = nights.run(tolerated)
    assert (verdict.worst, set(sections(nights))) == ([], {standing})
    assert verdict.run.findings == {}


@pytest.mark.parametrize(
    "tonight",
    [
        passed(OTHER),
        passed(status="skipped", reason="read-only"),
        passed(status="broken", message="no answer"),
        failed(message="answered 500", location="", source=""),
    ],
)
def test_a_finding_that_was_not_checked_again_is_not_fixed(nights: Nights, tonight: ItemResult) -> None:
    nights.run(failed())
    verdict = nights.run(tonight)
    assert "fixed" not in sections(nights)
    assert any(gap.names == ["/data/id is missing at 200"] for gap in verdict.not_tested)
    # And it is no news when it is seen again.
    nights.run(failed())
    assert sections(nights)["open"] == ["/data/id is missing at 200"]


def test_another_version_is_compared_but_does_not_make_findings_old(nights: Nights) -> None:
    nights.run(passed(api_version="3.66.0"))
    verdict = nights.run(failed())
    assert verdict.since_last_run is None
    assert verdict.since_last_version is not None
    assert (verdict.since_last_version.versions, verdict.since_last_version.lost) == (["3.66.0"], [READ])
    assert verdict.since_last_version.appeared == [verdict.clusters[0].id]
    assert sections(nights) == {"new": ["/data/id is missing at 200"]}


def test_the_charts_tell_from_which_day_to_which_they_reach(nights: Nights) -> None:
    for _ in range(4):
        nights.run(failed())
    days = re.findall(r"<text[^>]*>(\d{4}-\d\d-\d\d)</text>", nights.read("index.html"))
    assert days == ["2027-01-16", "2027-01-19"] * 2


def test_making_the_pages_again_changes_nothing(nights: Nights) -> None:
    nights.run(failed())
    nights.run(failed())
    before = [nights.read(name) for name in pages.PAGES]
    nights.pages()
    assert [nights.read(name) for name in pages.PAGES] == before
    assert len(read_history(nights.folder / "history")) == 2


def test_an_unreadable_line_of_the_history_is_skipped(nights: Nights) -> None:
    nights.run(failed())
    with (nights.folder / "history" / RUNS).open("a") as file:
        file.write('{"id": "torn')
    nights.run(failed())
    assert sections(nights) == {"open": ["/data/id is missing at 200"]}


def test_the_page_begins_with_the_decision_and_lists_what_was_not_tested(nights: Nights) -> None:
    skipped = passed(OTHER, status="skipped", reason="safety level read-only", reached=())
    nights.run(passed(), skipped, scenario("failed", "2 receipts, 1 expected\nmore"))
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", nights.read("index.html"), flags=re.DOTALL)
    places = [
        text.index(words)
        for words in (
            "VIOLATED",
            "What changed",
            "One paid session gives one receipt: 2 receipts, 1 expected",
            "3 operations not tested: left out by the options of this run",
            "1 item skipped: safety level read-only",
            "Causes over time",
        )
    ]
    assert places == sorted(places)
    markdown = nights.read("verdict.md")
    assert markdown.startswith("# ❌ VIOLATED: AMPECO Public API 3.90.0 on staging\n")
    card = "**critical** `assertion`: One paid session gives one receipt: 2 receipts, 1 expected"
    assert card in markdown.partition("## Causes")[2].partition("## What was not tested")[0]
    assert "- 1 item skipped: safety level read-only" in markdown


def test_what_was_skipped_is_one_folded_line(nights: Nights) -> None:
    skipped = passed(OTHER, status="skipped", reached=())
    turns = [replace(skipped, node_id=name, reason=ANOTHER_SEED) for name in "cd"]
    nights.run(
        passed(), replace(skipped, reason="no valid body"), replace(skipped, node_id="b", reason="no place"), *turns
    )
    untested = nights.read("index.html").partition('id="untested"')[2].partition("</section>")[0]
    assert untested.count("\n<details><summary>2 items skipped, for 2 reasons</summary>") == 1
    assert "<details><summary>1 item skipped: no place</summary>" in untested
    assert "2 items of those that take turns: left to runs with other seeds" in untested
    not_tested = nights.read("verdict.md").partition("## What was not tested")[2]
    assert [line for line in not_tested.splitlines() if " items " in line] == [
        "- 2 items of those that take turns: left to runs with other seeds",
        "- 2 items skipped, for 2 reasons",
    ]
    run = json.loads(nights.read("run.json"))
    assert (run["items"]["skipped"], run["by_turns"]) == (4, 2)


def test_text_of_the_target_is_escaped_and_nothing_is_loaded(nights: Nights) -> None:
    nights.run(failed(message="</p><script>alert(1)</script> $title `x`\x00", location="", source=""))
    page = nights.read("index.html")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $title" in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
    assert r"\<script\>" in nights.read("verdict.md")
    ElementTree.fromstring(nights.read("junit.xml"))


def test_verdict_json_follows_its_schema(nights: Nights) -> None:
    validator = jsonschema_rs.validator_for(SCHEMA)
    for rows in (
        (failed(), scenario("failed", "x")),
        (passed(api_version="3.66.0"),),
        (passed(), scenario("skipped", "no place")),
        (passed(TAXES, coverage={"statuses": {TAXES: ["200"]}}),),
    ):
        nights.run(*rows)
        validator.validate(json.loads(nights.read("verdict.json")))


def test_the_pages_show_the_coverage_and_what_was_not_reached(nights: Nights) -> None:
    nights.run(passed(TAXES, coverage={"statuses": {TAXES: ["200"]}}))
    assert "| statuses | 1 of 4 | 25 % |" in nights.read("verdict.md")
    page = nights.read("index.html")
    assert "<code>statuses</code></td><td>1 of 4</td><td>25 %</td>" in page
    assert "1 in 1 operation: no request was answered 429: the target was not driven into its rate limit" in page


def test_what_only_schemathesis_sees_is_in_verdict_json_only(nights: Nights) -> None:
    notes = (f"{UNCONFIRMED}: status {number}" for number in (201, 202, 203))
    nights.run(*(passed(TAXES, node_id=note, notes=(note,)) for note in notes))
    assert nights.read("index.html").count(UNCONFIRMED) == 0
    assert nights.read("verdict.md").count(UNCONFIRMED) == 0
    assert len(json.loads(nights.read("verdict.json"))["unconfirmed"]) == 3


def test_response_times_name_the_slowest_operation(nights: Nights) -> None:
    slow = passed(LIST, milliseconds={LIST: [float(number) for number in range(1, 101)]})
    first, second = nights.run(passed(), slow).slowest
    assert (first.operation, first.median, first.p95, first.longest) == (LIST, 50.0, 95.0, 100.0)
    assert (second.operation, second.median, second.p95) == (READ, 10.0, 20.0)
    assert "<code>GET /users</code> <small>median 50 ms, 95 % within 95 ms, " in nights.read("index.html")


def test_known_issues_that_are_due_are_listed(nights: Nights) -> None:
    nights.run(passed())
    path = nights.reports / "run.json"
    due = {"check": "x", "operation": READ, "fingerprint": "0123456789ab", "expires": "2026-01-31"}
    reviews = [
        {"ticket": "QA-17", "state": "seen", "expired": True, **due},
        {"ticket": "QA-18", "state": "gone", "expired": False, **due},
        {"ticket": "QA-19", "state": "seen", "expired": False, **due},
    ]
    path.write_text(json.dumps(json.loads(path.read_text()) | {"known_issues": reviews}))
    nights.pages()
    for page in ("index.html", "verdict.md"):
        assert "QA-17 (x, GET /users/" in nights.read(page)
        assert "expired on 2026-01-31" in nights.read(page)
        assert "QA-18" in nights.read(page)
        assert "QA-19" not in nights.read(page)


def test_two_versions_in_one_run_count_apart(nights: Nights) -> None:
    verdict = nights.run(
        passed(), passed(api_version="3.66.0", reached=(), status="skipped", reason="read-only"), passed(LIST)
    )
    assert verdict.run.versions == ["3.66.0", "3.90.0"]
    (tag,) = verdict.coverage
    assert (tag.operations, tag.reached, tag.aspects) == (3, 2, {"operation": {"passed": 2, "skipped": 1}})
    assert "2 operations not tested" in nights.read("verdict.md")


def report(reports: Path) -> int:
    """Run `./conform report` on a folder; its exit code."""
    return main(["report", "--no-html", "--reports", str(reports)])


def test_a_killed_run_is_reported_as_incomplete_and_never_as_a_success(nights: Nights) -> None:
    never = "scenarios/test_tax.py::test_tax[v3.90.0@staging]"
    verdict = nights.run(passed(), scenario("passed"), killed=True, unended=never)
    assert (verdict.not_tested[0].kind, verdict.not_tested[0].names) == ("not run", [never])
    assert (verdict.decision, verdict.run.complete) == ("unknown", False)
    for name in ("index.html", "verdict.md"):
        assert "NO VERDICT" in nights.read(name)
        assert "The run ended before all of its items had run." in nights.read(name)
    root = ElementTree.fromstring(nights.read("junit.xml"))
    assert (root.get("tests"), root.get("errors")) == ("3", "1")
    with (nights.reports / "items.jsonl").open("a") as file:
        file.write('{"node_id": "torn')
    assert report(nights.reports) == ExitCode.INTERRUPTED


def test_the_command_ends_with_the_exit_code_of_the_run(nights: Nights, capsys: pytest.CaptureFixture[str]) -> None:
    nights.run(failed())
    (nights.reports / "index.html").unlink()
    assert report(nights.reports) == ExitCode.VIOLATION
    assert capsys.readouterr().out == f"Report: {nights.reports}/index.html\n"
    assert (nights.reports / "index.html").is_file()


def test_items_of_an_unknown_version_of_the_suite_are_refused_in_one_line(
    nights: Nights, capsys: pytest.CaptureFixture[str]
) -> None:
    nights.run(failed())
    (nights.reports / "items.jsonl").write_text('{"node_id": "old", "status": "passed"}\n')
    assert report(nights.reports) == ExitCode.CONFIGURATION
    assert capsys.readouterr().err.endswith("was written by another version of this suite; run again with this one\n")


def test_a_folder_without_a_run_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(tmp_path) == ExitCode.CONFIGURATION
    line = capsys.readouterr().err
    assert line.startswith(f"conform: {tmp_path}/items.jsonl cannot be read (No such file or directory)")
    assert line.count("\n") == 1
