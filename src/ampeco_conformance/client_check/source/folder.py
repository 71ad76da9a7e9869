"""Reads the source code of a client: every file that Pygments has a lexer for, and files of tools such as Postman."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

from ampeco_conformance.client_check.model import Client, ClientCall
from ampeco_conformance.client_check.routes import Routes
from ampeco_conformance.client_check.source.addresses import AddressReader, SourceRequest
from ampeco_conformance.client_check.source.calls import CallFinder
from ampeco_conformance.client_check.source.code import SourceCode
from ampeco_conformance.client_check.source.collections import is_collection, requests_in_collection
from ampeco_conformance.client_check.source.lisp import LISPS, as_calls
from ampeco_conformance.client_check.source.request_files import REQUEST_FILES
from ampeco_conformance.client_check.source.shell import commands_in, requests_in_script
from ampeco_conformance.client_check.source.strings import Constants
from ampeco_conformance.client_check.source.tasks import requests_in_tasks
from ampeco_conformance.client_check.source.tokens import lexed
from ampeco_conformance.client_check.source.written import WrittenRequest
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.recorded_files import parsed_json, read_recorded

_FOREIGN = frozenset(
    {"node_modules", "vendor", "venv", "site-packages", "__pycache__", "dist", "build", "target", "bin", "obj"}
)
"""Folders with the code of others, or with what was built."""

_NO_CODE = frozenset(
    {"JSON", "YAML", "Markdown", "Text only", "XML", "CSS", "SCSS", "HTML", "TOML", "INI", "reStructuredText"}
)
_SHELLS = frozenset({"Bash", "Makefile", "Docker"})
_LIKE = {
    **dict.fromkeys((".cls", ".trigger"), "x.groovy"),  # Apex
    **dict.fromkeys((".pl", ".pm"), "x.perl"),
    **dict.fromkeys((".mts", ".cts"), "x.ts"),
    ".fs": "x.fsx",
    ".svelte": "x.vue",
}
"""Suffixes that other languages have too or no lexer knows -> a name that the right lexer is known by."""
_INSOMNIA = "collection.insomnia"
_LARGEST = 1_000_000


def calls_in_source(folder: Path, routes: Routes) -> Client:
    """The requests in the source files of a folder, or in one file. Raises ConfigurationError."""
    if not folder.exists():
        raise ConfigurationError(f"{folder} does not exist")
    constants, reader = Constants(), AddressReader(routes)
    finders: list[CallFinder] = []
    calls: list[ClientCall] = []
    skipped = []
    for file in _files(folder):
        name = str(file)
        if file.stat().st_size > _LARGEST:
            skipped.append(f"{name} is larger than {_LARGEST} bytes")
        elif (requests := _without_lexer(file, reader)) is not None:
            calls += [request.call(name) for request in requests]
        elif (lexer := _lexer(file)) is None:
            continue
        elif lexer.name in _SHELLS:
            calls += [request.call(name) for request in requests_in_script(read_recorded(file), reader)]
        else:
            text = read_recorded(file)
            tokens = lexed(lexer, text)
            code = SourceCode(as_calls(tokens) if lexer.name in LISPS else tokens, lexer.name, name, text)
            finders.append(CallFinder(code, constants, routes))
    for finder in finders:
        finder.learn()
    for finder in finders:
        finder.find()
    for finder in finders:
        calls += finder.calls()
    return Client(folder.name, tuple(calls), tuple(skipped))


def _lexer(file: Path) -> Lexer | None:
    """The lexer of a source file; None when it is none."""
    try:
        lexer = get_lexer_for_filename(_LIKE.get(file.suffix, file.name))
    except ClassNotFound:
        return None
    return None if lexer.name in _NO_CODE else lexer


def _without_lexer(file: Path, reader: AddressReader) -> Iterator[SourceRequest] | None:
    """The requests in a file of a tool or in YAML; None when it is another one."""
    if file.suffix in REQUEST_FILES:
        return _read(REQUEST_FILES[file.suffix](read_recorded(file)), reader)
    if file.suffix == ".json":
        text = read_recorded(file)
        return _in_collection(parsed_json(text), text, reader)
    return _in_yaml(read_recorded(file), reader) if file.suffix in (".yml", ".yaml") else None


def _in_yaml(text: str, reader: AddressReader) -> Iterator[SourceRequest]:
    if _INSOMNIA in text:
        yield from _in_collection(_parsed_yaml(text), text, reader)
    yield from requests_in_script(commands_in(text), reader)
    yield from _read(requests_in_tasks(text), reader)


def _in_collection(content: Any, text: str, reader: AddressReader) -> Iterator[SourceRequest]:
    return _read(requests_in_collection(content, text), reader) if is_collection(content) else iter(())


def _parsed_yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):  # no collection then
        return None


def _read(written: Iterable[WrittenRequest], reader: AddressReader) -> Iterator[SourceRequest]:
    return (request for one in written if (request := one.read(reader)) is not None)


def _files(folder: Path) -> Iterator[Path]:
    """The files of a folder in a stable order, without hidden folders and the code of others."""
    if folder.is_file():
        yield folder
        return
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _FOREIGN and not name.startswith("."))
        yield from (Path(place) / name for name in sorted(names) if ".min." not in name)
