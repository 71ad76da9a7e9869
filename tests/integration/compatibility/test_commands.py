"""The commands as they are used: formats, exit codes, usage, ignore files, bad input."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.compatibility.rendering.json import SCHEMA
from tests.support.comparison import with_schema

OLD = with_schema({"type": "string", "enum": ["a", "b"]}, "request")
NEW = with_schema({"type": "string", "enum": ["a"]}, "request", version="2")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    for name, content in (("old", OLD), ("new", NEW)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return str(tmp_path / "old.json"), str(tmp_path / "new.json")


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints; it must end well."""
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_text_shows_the_change_and_its_witness(pair: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "diff", *pair)
    assert "BREAKING body.value: Enum value removed: b" in text
    assert "POST /things/1\n" in text
    assert '{"value": "b"}' in text


def test_json_follows_its_schema(pair: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for old, new in (pair, ("3.96.4", "3.110.0"), ("3.90.0", "3.66.0")):
        content = json.loads(output(capsys, "diff", old, new, "--format", "json"))
        jsonschema_rs.Draft202012Validator(schema).validate(content)
        assert sum(content["summary"].values()) == len(content["findings"])


def test_too_little_time_is_no_verdict(pair: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["breaking", *pair, "--time-limit", "0"]) == 4
    assert "Not compared within the time limit (1)" in capsys.readouterr().out


def test_junit_fails_for_what_breaks(pair: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    suite = ElementTree.fromstring(output(capsys, "diff", *pair, "--format", "junit"))
    assert [failure.get("type") for failure in suite.iter("failure")] == ["request-enum-value-removed"]


def test_github_annotations_are_one_line_each(pair: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys, "diff", *pair, "--format", "github").splitlines()
    column = json.dumps(NEW).index('"value": {') + 1
    head = (
        f"::error file={pair[1]},line=1,col={column},title=request-enum-value-removed::POST /things/{{id}} body.value"
    )
    assert lines[0].startswith(head)
    assert all(line.startswith("::") for line in lines)


def test_html_escapes_what_documents_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, values in (("old", ["<script>x</script>", "a"]), ("new", ["a"])):
        content = with_schema({"type": "string", "enum": values}, "request", version=name)
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    files = str(tmp_path / "old.json"), str(tmp_path / "new.json")
    page = output(capsys, "diff", *files, "--format", "html")
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    assert "http://" not in page
    assert "src=" not in page


@pytest.mark.parametrize(("fail_on", "code"), [("breaking", 1), ("maybe", 1), ("any", 1), ("never", 0)])
def test_fail_on_decides_the_exit_code(pair: tuple[str, str], fail_on: str, code: int) -> None:
    assert main(["diff", *pair, "--fail-on", fail_on]) == code


def test_breaking_fails_by_default(pair: tuple[str, str]) -> None:
    assert main(["breaking", *pair]) == 1
    assert main(["breaking", pair[1], pair[0]]) == 0


def test_changelog_goes_version_by_version(capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "changelog", "3.90.0", "--since", "3.84.0", "--format", "markdown")
    assert text.count("\n### New\n") > 2
    assert text.index("to ampeco 3.90.0") < text.index("to ampeco 3.85.1")


@pytest.mark.parametrize(("until", "code"), [("2999-01-01", 0), ("2020-01-01", 1)])
def test_an_ignored_finding_does_not_fail_until_it_expires(
    pair: tuple[str, str], tmp_path: Path, until: str, code: int
) -> None:
    file = tmp_path / "ignore.yaml"
    entry = f"{{rule: request-enum-*, operation: 'POST /things/*', reason: agreed, until: {until}}}"
    file.write_text(f"ignore: [{entry}]\n", encoding="utf-8")
    assert main(["breaking", *pair, "--ignore", str(file)]) == code


def _har(body: Any, path: str = "/things/7") -> str:
    request = {"method": "POST", "url": f"https://a.example{path}", "postData": {"text": json.dumps(body)}}
    return json.dumps({"log": {"entries": [{"request": request, "response": {"status": 200, "content": {}}}]}})


USAGES = [
    ("traffic.har", _har({"value": "b"}), "breaks you"),
    ("traffic.har", _har({"value": "a"}), "does not concern you"),
    ("traffic.har", _har({"other": 1}), "does not concern you"),
    ("traffic.har", _har({"value": "a"}, "/other"), "does not concern you"),
    ("access.log", '1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "POST /things/7 HTTP/1.1" 200 5\n', "unknown"),
    ("access.log", '{"method": "POST", "path": "/things/7"}\n', "unknown"),
    ("list.txt", "# mine\nGET /things/{id}\n", "does not concern you"),
    ("list.txt", "POST /things/{id}\n", "unknown"),
]


@pytest.mark.parametrize(("name", "content", "verdict"), USAGES)
def test_usage_sorts_findings(
    name: str, content: str, verdict: str, pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    found = json.loads(output(capsys, "diff", *pair, "--usage", str(tmp_path / name), "--format", "json"))
    assert [group["relevance"]["verdict"] for group in found["findings"]] == [verdict]


def test_a_list_of_read_fields_decides_about_responses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reads = tmp_path / "reads.txt"
    for field, count in (("data[].ocpiTokenId", 1), ("data[].id", 0)):
        reads.write_text(f"GET /public-api/resources/bookings/v1.0 {field}\n", encoding="utf-8")
        text = output(capsys, "diff", "3.96.4", "3.110.0", "--usage", str(reads))
        assert f"; {count} of " in text.splitlines()[0]


def test_allure_results_of_a_run_are_usage(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = [{"name": "story", "value": "POST /things/{id}"}]
    (tmp_path / "1-result.json").write_text(json.dumps({"name": "x", "labels": labels}), encoding="utf-8")
    found = json.loads(output(capsys, "diff", *pair, "--usage", str(tmp_path), "--format", "json"))
    assert found["findings"][0]["relevance"]["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("body", "verdict"), [('{"value": "b"}', "breaks you"), ('{"x": 1}', "does not concern you"), ('{"cut', "unknown")]
)
def test_the_exchanges_in_allure_results_tell_what_is_sent(
    body: str, verdict: str, pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exchange = {"request": {"method": "POST", "url": "https://a.example/things/7", "body": {"value": body}}}
    (tmp_path / "1-attachment.httpexchange").write_text(json.dumps(exchange), encoding="utf-8")
    step = {"attachments": [{"type": "application/vnd.allure.http+json", "source": "1-attachment.httpexchange"}]}
    result = {"name": "x", "labels": [{"name": "story", "value": "POST /things/{id}"}], "steps": [step]}
    (tmp_path / "1-result.json").write_text(json.dumps(result), encoding="utf-8")
    found = json.loads(output(capsys, "diff", *pair, "--usage", str(tmp_path), "--format", "json"))
    assert found["findings"][0]["relevance"]["verdict"] == verdict


BAD = {
    "no-openapi.json": '{"hello": 1}',
    "swagger.json": '{"swagger": "2.0", "paths": {}}',
    "broken.json": '{"openapi": ',
    "list.json": "[1]",
    "paths.json": '{"openapi": "3.0.3", "paths": [1]}',
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_is_one_line(
    name: str, pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(BAD[name], encoding="utf-8")
    assert main(["diff", pair[0], str(tmp_path / name)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert name in lines[0]


BAD_OPTIONS = {
    "an unknown version": (["diff", "3.66.0", "9.9.9"], "9.9.9"),
    "a missing file": (["diff", "3.66.0", "missing.yaml"], "missing.yaml"),
    "an unknown policy": (["diff", "3.66.0", "3.90.0", "--policy", "kind"], "kind"),
    "a missing HAR": (["diff", "3.66.0", "3.90.0", "--usage", "missing.har"], "missing.har"),
    "no A and no --since": (["changelog", "3.90.0"], "--since"),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_a_bad_option_is_one_line(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, named = BAD_OPTIONS[case]
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert named in lines[0]


@pytest.mark.parametrize("text", ['{"log": {}}', '{"log": ', "hello", ""])
def test_unreadable_traffic_is_one_line(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "traffic.har"
    file.write_text(text, encoding="utf-8")
    assert main(["diff", "3.66.0", "3.90.0", "--usage", str(file)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
