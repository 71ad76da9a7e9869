"""A wrong name, value or file in any command ends with exit 2 and one line that names it and the fix."""

import shlex
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ExitCode

_FILES = {
    "tenants.yaml": "tenants: {staging: {base_url: 'https://staging.example.com', token_env: NOT_SET_ANYWHERE}}",
    "broken.yaml": "a: [",
    "list.yaml": "- 1",
    "empty.yaml": "",
    "file": "x",
    "broken.har": "{}",
    "dots.yaml": "rules: [{check: '*', strictness: tolerant, reason: a, versions: 3.66.0...3.90.0}]",
}
_KNOWN = "--reason a --owner b --ticket c --expires 2026-12-24"
_URL = "run --base-url https://a.example"
_TENANT = "run --tenant staging --tenants-file"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("rnu", "there is no command 'rnu'; did you mean run?"),
        ("upgrade-chek", "did you mean upgrade-check?"),
        ("spec", "did you mean specs?"),
        ("xyzzy", "there is no command 'xyzzy'; conform --help lists them"),
        ("specs lst", "Did you mean 'list'?"),
        ("specs shw 3.90.0", "Did you mean 'show'?"),
        ("known ad", "Did you mean 'add'?"),
        ("report mrge a", "Did you mean 'merge'?"),
        ("run --operatoin x", "No such option '--operatoin'. (Did you mean one of: "),
        ("run --tenant stagng --tenants-file tenants.yaml", "has no tenant 'stagng', did you mean 'staging'?"),
        (f"{_TENANT} no.yaml", "no.yaml does not exist; copy tenants.example.yaml"),
        (f"{_TENANT} broken.yaml", "broken.yaml, line 1"),
        (f"{_TENANT} list.yaml", "list.yaml: must start with `tenants:`"),
        (f"{_TENANT} empty.yaml", "empty.yaml: must start with `tenants:`"),
        (f"{_TENANT} .", ". is a folder; a file is needed"),
        (f"{_TENANT} tenants.yaml", "NOT_SET_ANYWHERE, which holds the token of tenant 'staging', is not set"),
        (_URL, "--base-url needs --token-env NAME"),
        (f"{_URL} --token-env token", "must be named in capitals"),
        (f"{_URL} --token-env NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE, which holds the token of --base-url, is not set"),
        (f"{_URL} --tenant a", "give either --tenant or --base-url, not both"),
        (f"{_URL}?x=1 --token-env SOME", "must not contain a query"),
        (f"{_URL}:port --token-env SOME", "the base URL is invalid"),
        ("run --base-url a.example --token-env SOME", "must look like https://tenant.example.com"),
        ("run --base-url ftp://a.example --token-env SOME", "must look like https://tenant.example.com"),
        ("run --base-url https://u:p@a.example --token-env SOME", "must not contain a user name or password"),
        ("run --token-env SOME", "--token-env needs --base-url"),
        ("run --api ampecoo", "'ampecoo' is not one of 'ampeco', 'spirii'"),
        ("run --api-version 3.91.5", "ampeco 3.91.5 has no specification; nearest: 3.90.0, 3.91.0, 3.92.0"),
        ("run --api-version latest", "ampeco latest has no specification; nearest: 3.1"),
        ("run --safety readonly", "'readonly' is not one of 'read-only'"),
        ("run --profile smok", "'smok' is not one of 'smoke'"),
        ("run --seed one", "'one' is not a whole number"),
        ("run --workers 0", "0 is not a number from 1 to 64"),
        ("run --workers 65", "65 is not a number from 1 to 64"),
        ("run --workers 1.5", "'1.5' is not a whole number"),
        ("run --shard 0/3", "--shard 0/3 is not I/N"),
        ("run --shard 3", "--shard 3 is not I/N"),
        ("run --min-reached 101%", "'101%' is not a percentage (example: 95%)"),
        ("run --min-coverage statuse=95%", "did you mean statuses?"),
        ("run --min-coverage statuses", "'statuses' names no minimum (example: statuses=95%)"),
        ("run --min-coverage statuses=many", "'many' is not a percentage"),
        ("run --strictness no.yaml", "no.yaml cannot be read"),
        ("run --strictness broken.yaml", "broken.yaml is broken YAML at line"),
        ("run --known-issues list.yaml", "list.yaml is not a document: it holds a list"),
        ("run --reports file", "file is a file; a folder is needed"),
        ("run --json-events .", ". is a folder; a file is needed"),
        ("run --html=yes", "Option '--html' does not take a value"),
        ("run --operation listTaxs", "did you mean 'GET /public-api/resources/taxes/v2.0'?"),
        ("run -- --co", "with --collect-only pytest would not run the suite"),
        ("run -- --nosuchflag", "pytest has no option --nosuchflag; "),
        ("run -- --maxfial=3", "pytest has no option --maxfial=3; did you mean --maxfail?"),
        ("run -- --maxfail x", "pytest refuses the arguments: argument --maxfail: invalid int value: 'x'"),
        ("run --exclude-operation */taxs/v2.0", "matches */taxs/v2.0; "),
        ("run --exclude-operation *", "--exclude-operation leaves no operation of ampeco 3.90.0 to test"),
        ("run --max-failures 0", "0 is not a number of 1 or more"),
        ("run -q -v", "give either --quiet or --verbose, not both"),
        ("known remove T-0", "has no entry with the ticket or fingerprint 'T-0'"),
        ("specs list --format xml", "'xml' is not one of 'text', 'json'"),
        ("run -- @file", "with @file pytest would not run the suite"),
        ("specs show", "Missing argument 'VERSION'"),
        ("specs show 3.90", "ampeco 3.90 has no specification; nearest: "),
        ("specs show 3.90.0 listUserV1", "has no operation 'listUserV1'; did you mean "),
        ("specs show 3.90.0 xyzzy", "has no operation 'xyzzy'; `conform specs show 3.90.0` lists them"),
        ("specs list --api spirri", "'spirri' is not one of 'ampeco', 'spirii'"),
        ("specs export 3.90.0 --format xml", "'xml' is not one of 'yaml', 'json'"),
        ("specs import no.yaml", "no.yaml cannot be read"),
        ("specs lint 3.91.5", "ampeco 3.91.5 has no specification"),
        ("diff 3.90.0", "Missing argument 'B'"),
        ("diff 3.90.0 3.91.5", "ampeco 3.91.5 has no specification"),
        ("diff 3.90.0 3.96.4 --policy no.yaml", "policy no.yaml does not exist; choose one of"),
        ("breaking 3.90.0 latest", "ampeco latest has no specification"),
        ("matrix --api none", "'none' is not one of"),
        ("upgrade-check --from 3.90.0", "Missing option '--to'"),
        ("known list --known-issues broken.yaml", "broken.yaml is broken YAML"),
        (f"known add abc {_KNOWN} --reports .", "items.jsonl cannot be read"),
        ("known add abc --reason a", "Missing option '--owner'"),
        ("replay abc --reports .", "has no case abc; the last run there stored none"),
        ("replay", "Missing argument 'ID'"),
        ("drift --reports no-such-run", "no-such-run has no drift.json; name a folder that ./conform run has written"),
        ("drift --har broken.har", "broken.har is not a readable HAR file"),
        ("run --strictness dots.yaml", "versions '3.66.0...3.90.0' name no version; write 3.90.0 or 3.66.0..3.90.0"),
        ("report --reports .", "name a folder that ./conform run has written"),
        ("report merge", "Missing argument 'DIR...'"),
    ],
)
def test_one_line_names_what_is_wrong_and_the_fix(
    line: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, text in _FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(line)
    if arguments[0] == "run" and "--reports" not in arguments:
        arguments[1:1] = ["--reports", "reports"]
    assert main(arguments) == ExitCode.CONFIGURATION
    shown = capfd.readouterr()
    assert shown.out == ""
    assert named in shown.err
    assert shown.err.count("\n") == 1
