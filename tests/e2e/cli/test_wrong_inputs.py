"""What is wrong on the command line ends with exit 2 and one line that names it, before anything is changed."""

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.plugin.option_table import options_of
from ampeco_conformance.plugin.option_values import Program

_WITH_FREE_TEXT = [
    option.run_name or option.name
    for option in options_of(Program.RUN)
    if not option.is_flag and not option.choices and option.name != "--reports"
]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        *(([option, ""], f"{option} is empty") for option in _WITH_FREE_TEXT),
        (["--operation", "  "], "--operation is empty"),
        (["staging"], "'staging' is neither an option nor a file of tests; did you mean --tenant staging?"),
        (["tenant", "staging"], "'tenant' is neither an option nor a file of tests; did you mean --tenant?"),
        (["--tenants-file", "none.yaml"], "none.yaml does not exist; copy tenants.example.yaml to it"),
        (["--api-version", "3.90"], "ampeco 3.90 has no specification; nearest: 3.90.0 ("),
        (["--timeout", "0"], "'0' is not a number of seconds, 1 or more"),
        (["help", "--", "-k", "taxes"], "'help' is neither an option nor a file of tests"),
        (["--operation", "*/no-such-thing/*"], "matches */no-such-thing/*; "),
        (["--operation", "GET /resources/taxes/v2.0"], "did you mean 'GET /public-api/resources/taxes/v2.0'?"),
        (["--operation", "*/taxs/*", "--operation", "*/taxs/v2.0"], "matches */taxs/*, */taxs/v2.0; "),
        (["--defect", "drop-idd", "--operation", "*/taxes/*"], "unknown defect 'drop-idd'; did you mean drop-id?"),
        (["--last-failed", "--operation", "*/taxes/*"], "items.jsonl cannot be read"),
        (["--shard", "4/3"], "--shard 4/3"),
        (
            ["--json-events", "no-such-folder/events.jsonl"],
            "--json-events no-such-folder/events.jsonl cannot be written",
        ),
        (["--export-har", "no-such-folder/a.har"], "--export-har no-such-folder/a.har cannot be written"),
        (
            ["--rolling"],
            "--rolling divides a budget over nights, and the embedded emulator has none; add --max-requests",
        ),
        (["--variant", "nope", "--operation", "*/taxes/*"], "unknown variant 'nope'; "),
    ],
)
def test_one_line_names_what_is_wrong_with_a_run(
    arguments: list[str], named: str, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    reports = tmp_path_factory.mktemp("reports")
    (reports / "verdict.json").write_text("of an earlier run")
    assert main(["run", "--reports", str(reports), *arguments]) == ExitCode.CONFIGURATION
    shown = capfd.readouterr()
    assert shown.out == ""
    assert named in shown.err
    assert shown.err.count("\n") == 1
    assert (reports / "verdict.json").read_text() == "of an earlier run"


@pytest.mark.parametrize(
    ("added", "named"),
    [
        ('-k "', "PYTEST_ADDOPTS cannot be split into arguments: No closing quotation; correct or unset it"),
        ("--co", "PYTEST_ADDOPTS: with --collect-only pytest would not run the suite"),
        ("-p nosuchplugin", "PYTEST_ADDOPTS: pytest refuses the arguments: "),
    ],
)
def test_a_wrong_variable_of_pytest_is_named(
    added: str, named: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", added)
    assert main(["run"]) == ExitCode.CONFIGURATION
    shown = capfd.readouterr()
    assert named in shown.err
    assert (shown.out, shown.err.count("\n")) == ("", 1)
