"""The requests in files of tools: `.http` of editors, Bruno, JMeter and Karate."""

import html
import re
from collections.abc import Callable, Iterator

from ampeco_conformance.client_check.model import HOLE
from ampeco_conformance.client_check.source.written import WrittenRequest, line_at
from ampeco_conformance.compatibility.access_log import METHODS

_REQUEST_LINE = re.compile(rf"({METHODS})\s+(\S+)")
_DEFINITION = re.compile(r"@([\w-]+)\s*=\s*(\S+)")
_HEADER = re.compile(r"[\w-]+\s*:.*")
_FURTHER_QUERY = re.compile(r"\s+([?&]\S+)(?:\s+HTTP/[\d.]+)?\s*")
_BEHIND_BODY = re.compile(r"^(?:###|[<>] ).*", re.MULTILINE | re.DOTALL)

_BLOCK = re.compile(r"^([\w:-]+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\s*([^\s~:][^:]*?)\s*:[ \t]*(.*?)\s*$", re.MULTILINE)

_SAMPLER = re.compile(r"<HTTPSamplerProxy\b.*?</HTTPSamplerProxy>", re.DOTALL)
_PROPERTY = re.compile(r'<(?:string|bool)Prop name="HTTPSampler\.(\w+)"\s*>([^<]*)<')
_ARGUMENT = re.compile(r'<elementProp\b[^>]*elementType="HTTPArgument".*?</elementProp>', re.DOTALL)
_OF_ARGUMENT = re.compile(r'name="Argument\.(name|value)"\s*>([^<]*)<')

_STEP = re.compile(r"\s*(?:\*|Given|When|Then|And|But)\s+(url|path|param|request|method)\s+(.*?)\s*")
_SCENARIO = re.compile(r"\s*(Background|Scenario(?: Outline)?):.*")
_QUOTED = re.compile(r"(['\"])(.*?)\1")


def _in_http_file(text: str) -> Iterator[WrittenRequest]:
    """Request lines, each with its query in further lines, its headers, and a body behind an empty line."""
    lines = text.splitlines()
    names = {found[1]: found[2] for line in lines if (found := _DEFINITION.match(line))}
    for index, line in enumerate(lines):
        if not (found := _REQUEST_LINE.match(line)):
            continue
        address, rest = found[2], index + 1
        while rest < len(lines) and (further := _FURTHER_QUERY.fullmatch(lines[rest])):
            address, rest = address + further[1], rest + 1
        kind = ""
        while rest < len(lines) and _HEADER.fullmatch(lines[rest]):
            name, _, value = lines[rest].partition(":")
            kind, rest = (value.strip() if name.strip().lower() == "content-type" else kind), rest + 1
        for name, value in names.items():
            address = address.replace(f"{{{{{name}}}}}", value)
        is_open = rest < len(lines) and not lines[rest].strip()
        body = _next_body(lines[rest:]) if is_open else ""
        yield WrittenRequest(found[1], address, index + 1, body=body or None, content_type=kind)


def _next_body(lines: list[str]) -> str:
    """The text up to the next request, to a file that holds the body, or to a script about the answer."""
    end = next((index for index, line in enumerate(lines) if _REQUEST_LINE.match(line)), len(lines))
    return _BEHIND_BODY.sub("", "\n".join(lines[:end])).strip()


def _in_bruno_file(text: str) -> Iterator[WrittenRequest]:
    """The one request of a file: a block named by the method, and others for the parameters and the body."""
    blocks = {found[1]: found for found in _BLOCK.finditer(text)}
    for method in METHODS.lower().split("|"):
        fields = dict(_FIELD.findall(blocks[method][2])) if method in blocks else {}
        if "url" in fields:
            query = _FIELD.findall(blocks["params:query"][2]) if "params:query" in blocks else []
            body = blocks["body:json"][2].strip() if "body:json" in blocks else None
            line = line_at(text, text.find("url:", blocks[method].start(2)))
            yield WrittenRequest(method, fields["url"], line, query, body)


def _in_jmeter_plan(text: str) -> Iterator[WrittenRequest]:
    """The samplers of a plan; an argument without a name is the body."""
    for sampler in _SAMPLER.finditer(text):
        properties = {name: html.unescape(value) for name, value in _PROPERTY.findall(sampler[0])}
        address = properties.get("path", "")
        method = properties.get("method", "GET")
        arguments = [dict(_OF_ARGUMENT.findall(found[0])) for found in _ARGUMENT.finditer(sampler[0])]
        named = [
            (html.unescape(one["name"]), html.unescape(one.get("value", ""))) for one in arguments if one.get("name")
        ]
        bodies = [html.unescape(one.get("value", "")) for one in arguments if not one.get("name")]
        line = line_at(text, text.find('"HTTPSampler.path"', sampler.start()))
        is_query = method in ("GET", "DELETE", "HEAD")
        yield WrittenRequest(method, address, line, named if is_query else [], bodies[0] if bodies else None)


def _in_karate_feature(text: str) -> Iterator[WrittenRequest]:
    """The steps up to each `method`; `url` holds for the scenario, that of the background for all."""
    background = base = HOLE
    is_background = False
    steps: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    line = 0
    for number, written in enumerate(text.splitlines(), 1):
        if scenario := _SCENARIO.fullmatch(written):
            is_background = scenario[1] == "Background"
            base, steps, query = background, {}, []
        if not (step := _STEP.fullmatch(written)):
            continue
        keyword, value = step.groups()
        if keyword == "url":
            base, line = _expression(value), number
            background = base if is_background else background
        elif keyword == "param":
            name, _, given = value.partition("=")
            query.append((name.strip().strip("'\""), _expression(given)))
        elif keyword == "method":
            address = "/".join(filter(None, (base.rstrip("/"), steps.get("path", "").strip("/"))))
            yield WrittenRequest(value, address, line, query, steps.get("request"))
            steps, query = {}, []
        else:
            line = number if keyword == "path" else line
            steps[keyword] = value if keyword == "request" else "/".join(map(_expression, value.split(",")))


def _expression(text: str) -> str:
    """Quoted texts and numbers that are put together by `+`, with holes for what is computed."""
    parts = (part.strip() for part in text.split("+"))
    return "".join(
        found[2] if (found := _QUOTED.fullmatch(part)) else part if part.isdecimal() else HOLE for part in parts
    )


REQUEST_FILES: dict[str, Callable[[str], Iterator[WrittenRequest]]] = {
    ".http": _in_http_file,
    ".rest": _in_http_file,
    ".bru": _in_bruno_file,
    ".jmx": _in_jmeter_plan,
    ".feature": _in_karate_feature,
}
"""Suffix -> what reads the requests in such a file."""
