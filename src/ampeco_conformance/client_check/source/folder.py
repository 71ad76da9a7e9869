"""Reads the source code of a client: every file that Pygments has a lexer for, and collections of Postman."""

import os
from collections.abc import Iterator
from pathlib import Path

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

from ampeco_conformance.client_check.model import Client, ClientCall
from ampeco_conformance.client_check.routes import Routes
from ampeco_conformance.client_check.source.addresses import AddressReader, SourceRequest
from ampeco_conformance.client_check.source.calls import CallFinder
from ampeco_conformance.client_check.source.code import SourceCode
from ampeco_conformance.client_check.source.postman import is_collection, requests_in_collection
from ampeco_conformance.client_check.source.shell import commands_in, requests_in_lines, requests_in_script
from ampeco_conformance.client_check.source.strings import Constants
from ampeco_conformance.client_check.source.tasks import request_lines_in
from ampeco_conformance.client_check.source.tokens import lexed
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
_LIKE = {".pl": "x.perl", ".pm": "x.perl", ".cls": "x.groovy", ".trigger": "x.groovy"}
"""Suffixes of Perl and Apex, which others have too or no lexer knows -> a name that the right lexer is known by."""
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
        elif file.suffix == ".json":
            calls += [request.call(name) for request in _in_collection(file, reader)]
        elif file.suffix in (".http", ".rest"):
            calls += [request.call(name) for request in requests_in_lines(read_recorded(file), reader)]
        elif file.suffix in (".yml", ".yaml"):
            text = read_recorded(file)
            calls += [request.call(name) for request in requests_in_script(commands_in(text), reader)]
            calls += [request.call(name) for request in requests_in_lines(request_lines_in(text), reader)]
        elif (lexer := _lexer(file)) is None:
            continue
        elif lexer.name in _SHELLS:
            calls += [request.call(name) for request in requests_in_script(read_recorded(file), reader)]
        else:
            text = read_recorded(file)
            code = SourceCode(lexed(lexer, text), lexer.name, name, text)
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


def _in_collection(file: Path, reader: AddressReader) -> Iterator[SourceRequest]:
    text = read_recorded(file)
    content = parsed_json(text)
    return requests_in_collection(content, text, reader) if is_collection(content) else iter(())


def _files(folder: Path) -> Iterator[Path]:
    """The files of a folder in a stable order, without hidden folders and the code of others."""
    if folder.is_file():
        yield folder
        return
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _FOREIGN and not name.startswith("."))
        yield from (Path(place) / name for name in sorted(names) if ".min." not in name)
