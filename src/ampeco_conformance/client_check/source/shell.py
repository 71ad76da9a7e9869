"""The requests that shell scripts send by curl, wget and HTTPie."""

import argparse
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from ampeco_conformance.client_check.bodies import NotJson
from ampeco_conformance.client_check.model import HOLE, NOT_SHOWN
from ampeco_conformance.client_check.source.addresses import AddressReader, SourceRequest
from ampeco_conformance.client_check.source.values import json_with_holes
from ampeco_conformance.compatibility.access_log import METHODS
from ampeco_conformance.core.recorded_files import parsed_json

_ASSIGNMENT = re.compile(r"(?:export |readonly |local |declare )*(\w+)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$\{(\w+)[^{}]*\}|\$(\w+)|\$\([^()]*\)|`[^`]*`")
_HTTPIE_ITEM = re.compile(r"([^=:]+)(==|:=|=)(.*)", re.DOTALL)
_COMMAND = re.compile(r"^[\s-]*(?:[\w-]+:\s+|.*[|;&(]\s*)?(curl|wget|https?|xhs?)\s+\S")
_ESCAPED = re.compile(r"\\([\[\]{}])")
"""What curl would take for a range or a choice without the backslash."""
_WITH_VALUE = frozenset(
    {"-a", "-A", "-o", "-p", "-s", "--auth", "--auth-type", "--bearer", "--output", "--print", "--style", "--pretty"}
    | {"--session", "--timeout", "--verify", "--proxy", "--cert", "--cert-key", "--max-redirects", "--raw"}
)
"""The options of HTTPie and xh whose value is a word of its own."""
_FILES = frozenset(
    {"-T", "--upload-file", "-K", "--config", "-E", "--cert", "--key", "--cacert", "--capath", "-D", "--dump-header"}
)
"""The options of curl that name files, whose paths are no addresses."""
_OTHERS = frozenset(
    {"-u", "-o", "-A", "-e", "-F", "-w", "-m", "-b", "-c", "--retry", "--max-time", "--output", "--user"}
)
"""The other options of curl that have a value and say nothing of the request."""
_OF_WGET = frozenset({"--method", "--post-data", "--body-data"})
_MOST_LINES = 60


def requests_in_script(text: str, reader: AddressReader) -> Iterator[SourceRequest]:
    """The requests of the commands in a script: curl, wget and HTTPie."""
    variables: dict[str, str] = {}
    for line, command in _commands(text):
        if found := _ASSIGNMENT.fullmatch(command[0]):
            variables[found[1]] = _filled(found[2], variables)
            command = command[1:]
        for tool, read in _TOOLS.items():
            if tool in command[:3]:
                words = [_filled(word, variables) for word in command[command.index(tool) + 1 :]]
                yield from read(words, line, reader)
                break


def commands_in(text: str) -> str:
    """The lines of another text, such as a pipeline in YAML, that are or go on with a command that sends a request."""
    lines, goes_on = [], False
    for line in text.splitlines():
        found = _COMMAND.search(line)
        lines.append(line if goes_on else line[found.start(1) :] if found else "")
        goes_on = bool(lines[-1]) and line.endswith("\\")
    return "\n".join(lines)


def _commands(text: str) -> Iterator[tuple[int, list[str]]]:
    """The commands of a script, each with its line; one goes on while a quote or a backslash is open."""
    waiting, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first if waiting else number
        waiting += line
        if line.endswith("\\"):
            waiting = waiting[:-1] + " "
            continue
        try:
            lexer = shlex.shlex(waiting, posix=True, punctuation_chars=";|&()")
            lexer.wordchars += ":?=[]{}$,%@`!^+#<>"
            lexer.commenters = ""
            words = list(lexer) if not waiting.lstrip().startswith("#") else []
        except ValueError:
            if waiting.count("\n") < _MOST_LINES:
                waiting += "\n"
                continue
            words = []
        waiting = ""
        yield from _separated(words, first)


def _separated(words: list[str], line: int) -> Iterator[tuple[int, list[str]]]:
    command: list[str] = []
    for word in [*words, ";"]:
        if (word and set(word) <= set(";|&()")) or word in ("{", "}", "then", "do"):
            if command:
                yield line, command
            command = []
        else:
            command.append(word)


def _filled(word: str, variables: dict[str, str]) -> str:
    """A word with the variables in it, and holes for the others."""
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2] or "", HOLE), word)


def _curl_options() -> argparse.ArgumentParser:
    """The options of curl that matter to a request, and those that are written together with them."""
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    options.add_argument("-X", "--request", dest="method", default="")
    options.add_argument("-H", "--header", dest="headers", action="append", default=[])
    options.add_argument("--json", dest="json", action="append", default=[])
    options.add_argument("--url", dest="url", default="")
    options.add_argument("--url-query", dest="query", action="append", default=[])
    options.add_argument("-G", "--get", dest="as_query", action="store_true")
    options.add_argument("-I", "--head", dest="is_head", action="store_true")
    data = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode")
    options.add_argument(*data, dest="data", action="append", default=[])
    for name in sorted(_FILES | _OTHERS):
        options.add_argument(name, dest="others")
    for flag in "sSLkfviNg":
        options.add_argument(f"-{flag}", dest="flags", action="store_true")
    return options


_CURL = _curl_options()


def _of_curl(words: list[str], line: int, reader: AddressReader) -> Iterator[SourceRequest]:
    try:
        given, rest = _CURL.parse_known_args(words)
    except argparse.ArgumentError:
        return
    data = [*given.data, *given.json]
    query = [*given.query, *(data if given.as_query else ())]
    data = [] if given.as_query else data
    method = given.method.upper() or ("HEAD" if given.is_head else "POST" if data else "GET")
    addresses = [_ESCAPED.sub(r"\1", address) for address in ([given.url] if given.url else rest)]
    request = _first_request([_with_query(address, query) for address in addresses], method, line, reader)
    if request is None:
        return
    told = [header.partition(":")[2].strip() for header in given.headers if header.lower().startswith("content-type:")]
    request.body = _body(data, method)
    if data:
        kinds = [*told, "application/json" if given.json else "application/x-www-form-urlencoded"]
        request.content_type = kinds[0]
    yield request


def _with_query(address: str, query: list[str]) -> str:
    return address + ("&" if "?" in address else "?") + "&".join(query) if query else address


def _first_request(words: list[str], method: str, line: int, reader: AddressReader) -> SourceRequest | None:
    """The request to the first word that is an address of the API; others are values of options, such as files."""
    requests = (reader.request(word, method, line) for word in words if word[:1] != "-" and "/" in word)
    return next((request for request in requests if request is not None), None)


def _of_wget(words: list[str], line: int, reader: AddressReader) -> Iterator[SourceRequest]:
    options = dict(word.lstrip("-").split("=", 1) for word in words if word.startswith("--") and "=" in word)
    options |= {word.lstrip("-"): value for word, value in pairwise(words) if word in _OF_WGET}
    data = [options[name] for name in ("post-data", "body-data") if name in options]
    method = options.get("method", "POST" if data or "post-file" in options else "GET").upper()
    if request := _first_request(words, method, line, reader):
        request.body = _body(data, method)
        yield request


def _of_httpie(words: list[str], line: int, reader: AddressReader) -> Iterator[SourceRequest]:
    """`http POST URL name==query field=text field:=json`."""
    before = ["", *words]
    words = [word for word, last in zip(words, before, strict=False) if word[:1] != "-" and last not in _WITH_VALUE]
    method = words.pop(0).upper() if words and re.fullmatch(METHODS, words[0].upper()) else ""
    pairs = [found.groups() for word in words[1:] if (found := _HTTPIE_ITEM.fullmatch(word))]
    fields = {name: parsed_json(value) if mark == ":=" else value for name, mark, value in pairs if mark != "=="}
    request = reader.request(words[0], method or ("POST" if fields else "GET"), line) if words else None
    if request is not None:
        request.query += [(name, value) for name, mark, value in pairs if mark == "=="]
        if fields and not any(set(name) & set("[]@") for name in fields):
            request.body = fields
        yield request


_TOOLS = {"curl": _of_curl, "wget": _of_wget, **dict.fromkeys(("http", "https", "xh", "xhs"), _of_httpie)}
"""The commands that send requests."""


def _body(data: list[str], method: str) -> Any:
    """The body: JSON with holes where variables stand, as far as it can be read."""
    if not data:
        return None if method in ("GET", "DELETE") else NOT_SHOWN
    text = "&".join(data)
    if text.startswith("@") or text == HOLE:
        return NOT_SHOWN
    value = json_with_holes(text)
    return (NOT_SHOWN if HOLE in text else NotJson()) if value is None else value
