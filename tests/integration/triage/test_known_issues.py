"""The ledger: what an entry matches, when it is due, what is refused, and how one is added."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.results import append_results
from ampeco_conformance.triage.known_issues import (
    LONGEST,
    KnownIssue,
    Ledger,
    add_issues,
    load_ledger,
    merged_reviews,
    today,
)
from tests.support.finished_runs import WITHOUT_ID, passed

OPERATION = "GET /users/{user}"


def issue(**changes: Any) -> KnownIssue:
    given = {
        "check": "not_a_server_error",
        "operation": OPERATION,
        "versions": "3.66.0..3.90.0",
        "tenant": "staging",
        "fingerprint": "v2-0123456789ab",
        "reason": "the vendor fixes it in May",
        "owner": "Ann",
        "ticket": "T-1",
        "expires": today() + timedelta(days=30),
        "aspect": "operation",
    }
    return KnownIssue(**{**given, **changes})


def item(status: str = "passed", fingerprint: str | None = None, **changes: Any) -> ItemResult:
    finding = replace(
        WITHOUT_ID, check="not_a_server_error", operation=OPERATION, fingerprint=fingerprint or "v2-another"
    )
    return passed(
        **{"operation": OPERATION, "status": status, "findings": (finding,) if fingerprint else (), **changes}
    )


SEEN = item(fingerprint="v2-0123456789ab")
EARLIER = {"fingerprint": "0123456789ab"}
SHOWN_LATE = {"expires": today() - timedelta(days=1)}


@pytest.mark.parametrize(
    ("changes", "results", "state", "is_due"),
    [
        ({}, [SEEN], "seen", False),
        (SHOWN_LATE, [SEEN], "seen", True),
        ({"expires": today()}, [SEEN], "seen", False),
        ({}, [item()], "gone", True),
        ({}, [item(fingerprint="v2-another")], "gone", True),
        ({}, [item("failed")], "not looked at", False),
        ({}, [item("skipped")], "not looked at", False),
        ({}, [item(aspect="errors")], "not looked at", False),
        ({}, [item(operation="GET /taxes")], "not looked at", False),
        (SHOWN_LATE, [item("skipped")], "not looked at", True),
        ({"aspect": "a_scenario"}, [item(aspect="a_scenario", operation=None)], "gone", True),
        # A fingerprint of an earlier release matches only what that release wrote.
        (EARLIER, [item()], "not looked at", False),
        (EARLIER, [item(fingerprint="0123456789ab")], "seen", False),
    ],
)
def test_an_entry_is_due_when_it_has_expired_or_its_fault_is_gone(
    changes: dict[str, Any], results: list[ItemResult], state: str, is_due: bool
) -> None:
    (review,) = Ledger([issue(**changes)]).review(results, today())
    assert (review.state, review.is_due) == (state, is_due)


@pytest.mark.parametrize("changes", [{"versions": "3.91.0.."}, {"tenant": "production"}, {"versions": "3.66.0"}])
def test_an_entry_for_another_version_or_tenant_does_not_apply(changes: dict[str, str]) -> None:
    ledger = Ledger([issue(**changes)])
    assert ledger.review([SEEN], today()) == []
    assert not ledger.issues[0].matches("not_a_server_error", OPERATION, "v2-0123456789ab", "3.90.0", "staging")


def test_what_one_shard_has_seen_is_not_gone() -> None:
    ledger = Ledger([issue()])
    merged = merged_reviews(ledger.review(results, today()) for results in ([item()], [SEEN], [item("skipped")]))
    assert [review.state for review in merged] == ["seen"]


def test_an_entry_is_added_at_the_end_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "known_issues.yaml"
    file.write_text("# Read me.\nissues: []\n")
    add_issues([issue()], file)
    add_issues([issue(ticket="T-2: 'quoted'", fingerprint="111111111111")], file)
    assert file.read_text().startswith("# Read me.\nissues:\n")
    assert load_ledger(file).issues == (issue(), issue(ticket="T-2: 'quoted'", fingerprint="111111111111"))
    assert [file.name for file in tmp_path.iterdir()] == ["known_issues.yaml"]


def test_an_entry_is_about_an_operation_and_a_tenant_with_brackets_in_their_names() -> None:
    known = issue(operation="GET /a[0]/v1.0", tenant="[::1]:8080")
    place = (known.check, known.operation, known.fingerprint, "3.90.0")
    assert known.matches(*place, "[::1]:8080")
    assert not known.matches(*place, ":")


def _without(name: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda entry: {key: value for key, value in entry.items() if key != name}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without("owner"), "`owner` is missing"),
        (_without("fingerprint"), "`fingerprint` is missing"),
        (lambda entry: {**entry, "expires": str(today() + LONGEST + timedelta(days=1))}, "more than 180 days away"),
        (lambda entry: {**entry, "expires": "soon"}, "must be a day such as"),
        (lambda entry: {**entry, "check": "not_a_server_eror"}, "did you mean not_a_server_error?"),
        (lambda entry: {**entry, "version": "3.90.0"}, "did you mean `versions`?"),
        (lambda entry: {**entry, "reason": " "}, "`reason` must be text"),
    ],
)
def test_what_means_nothing_is_refused_in_one_line(
    tmp_path: Path, change: Callable[[dict[str, str]], dict[str, str]], said: str
) -> None:
    file = tmp_path / "known_issues.yaml"
    lines = [f"    {key}: '{value}'" for key, value in change(issue().as_entry()).items()]
    file.write_text("issues:\n  -\n" + "\n".join(lines))
    with pytest.raises(ConfigurationError) as refused:
        load_ledger(file)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


LEDGER_WITH_COMMENTS = """# Ours.
issues:
  # The first.
  - check: not_a_server_error
    operation: "GET /users/{user}"
    versions: "3.90.0"
    tenant: staging
    fingerprint: v2-0123456789ab
    reason: |
      two
      lines
    owner: Ann
    ticket: T-1
    expires: "%s"
  # The second.
  - {check: not_a_server_error, operation: "*", versions: "*", tenant: "*", fingerprint: v2-x, reason: r, owner: o,
     ticket: T-2, expires: "%s"}
# The end.
"""


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    file = tmp_path / "known.yaml"
    file.write_text(LEDGER_WITH_COMMENTS % (today() + timedelta(days=9), today() - timedelta(days=9)))
    return file


@pytest.mark.parametrize(("name", "kept"), [("T-1", "T-2"), ("v2-0123456789ab", "T-2"), ("T-2", "T-1")])
def test_an_entry_is_removed_and_comments_stay(ledger_file: Path, name: str, kept: str) -> None:
    before = ledger_file.read_text()
    assert main(["known", "remove", name, "--known-issues", str(ledger_file)]) == ExitCode.CONFORM
    assert [issue.ticket for issue in load_ledger(ledger_file).issues] == [kept]
    left = ledger_file.read_text()
    assert [line for line in before.splitlines() if "#" in line] == [line for line in left.splitlines() if "#" in line]
    assert set(left.splitlines()) < set(before.splitlines())


def test_a_ledger_without_entries_is_one_that_can_be_added_to(ledger_file: Path) -> None:
    assert main(["known", "remove", "T-1", "T-2", "--known-issues", str(ledger_file)]) == ExitCode.CONFORM
    assert load_ledger(ledger_file).issues == ()
    add_issues([issue()], ledger_file)
    assert load_ledger(ledger_file).issues == (issue(),)


def test_entries_that_are_expired_or_gone_are_pruned(
    ledger_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = ledger_file.read_text()
    append_results([item(fingerprint="v2-0123456789ab")], tmp_path)
    prune = ["known", "prune", "--known-issues", str(ledger_file), "--reports", str(tmp_path)]
    assert main([*prune, "--dry-run"]) == ExitCode.CONFORM
    assert ledger_file.read_text() == before
    assert "1 known issue would be removed" in capsys.readouterr().out
    assert main(prune) == ExitCode.CONFORM
    assert [issue.ticket for issue in load_ledger(ledger_file).issues] == ["T-1"]
    (tmp_path / "items.jsonl").unlink()
    append_results([item()], tmp_path)
    assert main(prune) == ExitCode.CONFORM
    assert load_ledger(ledger_file).issues == ()
