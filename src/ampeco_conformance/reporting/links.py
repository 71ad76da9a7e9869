"""Links of a finding: the line of the specification, the entry of the catalogue of checks, the ticket."""

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.specs.catalog import load_catalog
from ampeco_conformance.specs.loading import store_directory

_CATALOGUE = "docs/reference/catalogue.md"
_EXTENDS = re.compile(r"^extends: *['\"]?([^'\"\n]+)", re.MULTILINE)


def links_of(finding: Finding, api: str) -> Iterator[tuple[str, str, str]]:
    """Type, address and name of the links of a finding."""
    project = project_address(os.environ)
    place = place_of(api, finding.api_version, finding.source)
    if project and place and place[0].is_relative_to(PROJECT):
        file, line = place
        yield "link", f"{project}/{file.relative_to(PROJECT)}#L{line}", f"Specification: {file.name}, line {line}"
    if project and (PROJECT / _CATALOGUE).is_file():
        yield "link", f"{project}/{_CATALOGUE}#{finding.check}", f"What {finding.check} promises"
    if finding.issue and finding.issue.startswith("https://"):
        yield "issue", finding.issue, finding.issue.rstrip("/").rpartition("/")[2]


def line_of(text: str, pointer: str) -> int:
    """The line, from 1, of the deepest part of a JSON pointer that has a line of its own in a YAML document."""
    start, end = 0, len(text)
    for depth, part in enumerate(pointer.strip("/").split("/")):
        key = re.escape(part.replace("~1", "/").replace("~0", "~"))
        found = re.compile(rf"^{'  ' * depth}(['\"]?){key}\1:", re.MULTILINE).search(text, start, end)
        if found is None:
            break
        start = found.start()
        after = re.compile(rf"^ {{0,{2 * depth}}}[^\s#-]", re.MULTILINE).search(text, found.end(), end)
        end = after.start() if after else end
    return text.count("\n", 0, start) + 1


def project_address(environment: Mapping[str, str]) -> str | None:
    """Where the project's files can be read by everyone: at the commit that a CI job runs; None elsewhere."""
    if {"GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"} <= environment.keys():
        return "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/blob/{GITHUB_SHA}".format_map(environment)
    if {"CI_PROJECT_URL", "CI_COMMIT_SHA"} <= environment.keys():
        return "{CI_PROJECT_URL}/-/blob/{CI_COMMIT_SHA}".format_map(environment)
    return None


@cache
def place_of(api: str, version: str, pointer: str) -> tuple[Path, int] | None:
    """File and line of a pointer, in the complete document that the overlays of a version start from.

    None for a source that is no pointer, and for one of a version that is not stored.
    """
    if not pointer.startswith("/"):
        return None
    try:
        store = store_directory().resolve()
        file = store / load_catalog(store).find(api, version).file
        text = _read(file)
        while base := _EXTENDS.search(text):
            file = file.parent / base[1].strip()
            text = _read(file)
    except (ConfigurationError, OSError):
        return None
    return file, line_of(text, pointer)


@cache
def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
