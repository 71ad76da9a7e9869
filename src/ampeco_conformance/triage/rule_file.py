"""What rules and known issues apply to, and how their files are read: strictly, with one line per error."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.core.wildcards import fits
from ampeco_conformance.specs import DEFAULT_VERSIONS, load_catalog, load_specification, store_directory
from ampeco_conformance.specs.catalog import is_version, version_key
from ampeco_conformance.specs.reading import read_document


def read_entries(file: Path, key: str) -> list[Mapping[str, Any]]:
    """The list under the only key of a YAML file. Raises ConfigurationError when the file is anything else."""
    document = read_document(file)
    if set(document) - {key}:
        raise ConfigurationError(f"{file}: unknown key {min(set(document) - {key})!r}; there is only `{key}`")
    entries = document.get(key)
    if entries is None:
        return []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigurationError(f"{file}: `{key}` must be a list of mappings")
    return entries


def entry_lines(text: str, key: str) -> list[range]:
    """The lines of each entry of the list under a key, counted from 0; without the comments between them."""
    document = yaml.compose(text, yaml.SafeLoader)
    assert isinstance(document, yaml.MappingNode)
    entries = next(value for name, value in document.value if name.value == key)
    return [range(entry.start_mark.line, _last_line(entry) + 1) for entry in entries.value]


def _last_line(node: yaml.Node) -> int:
    if isinstance(node, yaml.ScalarNode):
        # A block scalar ends where the next token starts.
        return node.end_mark.line - (node.style in ("|", ">"))
    parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
    return max(map(_last_line, parts), default=node.end_mark.line)


def checked_keys(entry: Mapping[str, Any], required: Iterable[str], optional: Iterable[str], where: str) -> None:
    """Raises ConfigurationError for a key that is missing, unknown or holds no text."""
    known = {*required, *optional}
    for name in entry:
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(sorted(known))}"
            raise ConfigurationError(f"{where}: unknown key `{name}`{hint}")
    for name in required:
        if name not in entry:
            raise ConfigurationError(f"{where}: `{name}` is missing")
    for name, value in entry.items():
        if not isinstance(value, str) or not value.strip():
            raise ConfigurationError(f"{where}: `{name}` must be text (in quotes, if it looks like a number)")


def checked_check(pattern: str, where: str) -> str:
    """A check's id or a pattern of ids. Raises ConfigurationError when it is the id of no check.

    Ids with hyphens are the rules of scenarios, which are not listed anywhere.
    """
    if "-" in pattern or any(fits(id, pattern) for id in CHECKS):
        return pattern
    hint = did_you_mean(pattern, CHECKS, "docs/reference/catalogue.md lists them")
    raise ConfigurationError(f"{where}: there is no check {pattern!r}; {hint}")


def checked_versions(text: str, where: str) -> str:
    """A version, a range `3.66.0..3.90.0` (open at either end), or `*`. Raises ConfigurationError for anything else.

    Also for a part of a version, which does not say which end it means, and for what covers no version there is.
    """
    if text == "*":
        return text
    first, dots, last = text.partition("..")
    bounds = [bound for bound in (first, last) if bound]
    if not bounds or (dots and len(bounds) == 2 and version_key(first) > version_key(last)):
        raise ConfigurationError(f"{where}: versions {text!r} must look like 3.90.0, 3.66.0..3.90.0, 3.90.0.. or *")
    if not all(is_version(bound) for bound in bounds):
        raise ConfigurationError(f"{where}: versions {text!r} name no version; write 3.90.0 or 3.66.0..3.90.0")
    known = [entry.version for entry in load_catalog(store_directory())]
    for bound in bounds:
        if whole := [version for version in known if version.startswith(f"{bound.removeprefix('v')}.")]:
            raise ConfigurationError(f"{where}: versions {text!r}: {bound} is not a version; did you mean {whole[0]}?")
    if not any(covers(text, version) for version in known):
        hint = did_you_mean(bounds[0], known, f"{COMMAND} specs list lists them")
        raise ConfigurationError(f"{where}: versions {text!r} cover no version that there is; {hint}")
    return text


def covers(versions: str, version: str) -> bool:
    """Whether a version is in a range that `checked_versions` has let through; both ends belong to it."""
    first, dots, last = versions.partition("..")
    if versions == "*":
        return True
    if not dots:
        return version_key(version) == version_key(first)
    after = not first or version_key(version) >= version_key(first)
    return after and (not last or version_key(version) <= version_key(last))


def refuse_dead_patterns(patterns: Mapping[str, str]) -> None:
    """Raise ConfigurationError for a pattern that fits no operation of any version; the values say where it stands."""
    dead, labels = dict(patterns), dict[str, str]()
    catalog = load_catalog(store_directory())
    # Those that are tested most come first: the others are read only for a pattern that fits none of them.
    for entry in sorted(catalog, key=lambda entry: entry.version != DEFAULT_VERSIONS[entry.api]):
        if not dead:
            return
        for operation in load_specification(entry.version, entry.api, operations_suffice=True).operations:
            labels |= {name.lower(): operation.label for name in (operation.label, operation.operation_id)}
        dead = {pattern: where for pattern, where in dead.items() if not _fits_one(pattern, labels.values())}
    for pattern, where in dead.items():
        near = get_close_matches(pattern.strip("*").lower(), labels, 1)
        hint = f"did you mean {labels[near[0]]!r}?" if near else f"{COMMAND} specs show VERSION lists them"
        raise ConfigurationError(f"{where}: no version has an operation {pattern!r}; {hint}")


def _fits_one(pattern: str, labels: Iterable[str]) -> bool:
    return any(concerns(pattern, label) for label in labels)


def concerns(pattern: str, operation: str) -> bool:
    """Whether a pattern such as `GET */tariffs/*` fits an operation's label; `*` and `?` are wildcards."""
    return fits(operation.lower(), pattern.lower())
