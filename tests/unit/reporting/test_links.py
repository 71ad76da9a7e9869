"""The links of a finding lead to the line that holds the rule."""

import pytest

from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.reporting.links import line_of, links_of, project_address
from tests.support.findings import finding_of

GITHUB = {"GITHUB_SERVER_URL": "https://github.test", "GITHUB_REPOSITORY": "us/it", "GITHUB_SHA": "c0ffee"}
DOCUMENT = """\
openapi: 3.0.3
paths:
  /users:
    get: {operationId: listUsers}
  /users/{user}:
    get:
      responses:
        '200': {description: One.}
components:
  schemas:
    User:
      required: [id]
    Tax:
      type: object
      required:
      - id
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("/components/schemas/User/required", 12),
        ("/components/schemas/Tax/required", 15),
        ("/paths/~1users~1{user}/get/responses/200", 8),
        # What stands in a line with others, or not at all, leads to what is around it.
        ("/paths/~1users/get/operationId", 4),
        ("/components/schemas/Tax/properties/id", 13),
        ("/nothing", 1),
    ],
)
def test_a_pointer_leads_to_its_line(pointer: str, line: int) -> None:
    assert line_of(DOCUMENT, pointer) == line


@pytest.mark.parametrize("version", ["3.49.0", "3.90.0", "3.110.0"])
def test_every_version_leads_into_the_document_it_starts_from(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GITHUB.items():
        monkeypatch.setenv(name, value)
    finding = finding_of(api_version=version, source="/components/schemas/Tax/required")
    (_, address, name), *_ = links_of(finding, "ampeco")
    file, _, line = address.removeprefix("https://github.test/us/it/blob/c0ffee/").partition("#L")
    assert file == "specs/ampeco/v3.99.0.yaml"
    assert name == f"Specification: v3.99.0.yaml, line {line}"
    assert (PROJECT / file).read_text().splitlines()[int(line) - 1].startswith("      required:")


def test_a_ticket_is_linked() -> None:
    finding = finding_of(issue="https://tickets.test/browse/QA-17")
    assert ("issue", "https://tickets.test/browse/QA-17", "QA-17") in links_of(finding, "ampeco")


def test_in_ci_the_links_lead_to_the_commit() -> None:
    assert project_address(GITHUB) == "https://github.test/us/it/blob/c0ffee"
    gitlab = {"CI_PROJECT_URL": "https://gitlab.test/us/it", "CI_COMMIT_SHA": "c0ffee"}
    assert project_address(gitlab) == "https://gitlab.test/us/it/-/blob/c0ffee"


def test_elsewhere_nothing_links_to_files_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_SHA", "CI_COMMIT_SHA"):
        monkeypatch.delenv(name, raising=False)
    assert list(links_of(finding_of(source="/components/schemas/Tax/required"), "ampeco")) == []
