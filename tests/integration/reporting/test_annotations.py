"""The annotations of a run name file and line of the specification."""

from pathlib import Path

from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.core.workflow_commands import annotation
from tests.support.finished_runs import Nights, failed, passed


def test_a_finding_is_an_error_at_the_line_of_its_rule_and_the_decision_is_a_notice(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.run(failed(source="/components/schemas/Tax/required"), passed("GET /taxes"))
    error, notice = nights.read("annotations.txt").splitlines()
    place = error.removeprefix("::error ").partition("::")[0]
    named = dict(part.split("=", 1) for part in place.split(","))
    assert named["title"] == "response_schema_conformance"
    line = (PROJECT / named["file"]).read_text().splitlines()[int(named["line"]) - 1]
    assert line.startswith("      required:")
    assert "data.id is missing" in error
    assert notice.startswith("::notice title=VIOLATED")


def test_a_source_that_is_no_pointer_has_no_place(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.run(failed(source="the notes of the vendor"))
    assert nights.read("annotations.txt").startswith("::error title=response_schema_conformance::")


def test_nothing_in_a_text_ends_its_command() -> None:
    assert annotation("error", "a,b:c", "100%\nof it", file="x.yaml", line=3) == (
        "::error file=x.yaml,line=3,title=a%2Cb%3Ac::100%25%0Aof it"
    )
