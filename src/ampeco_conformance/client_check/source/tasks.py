"""The requests that playbooks of Ansible send by the module `uri`."""

import re
from collections.abc import Iterator

from ampeco_conformance.client_check.source.written import WrittenRequest

_MODULE = re.compile(r"(?P<indent>[\s-]*)(?:[\w.]+\.)?uri:\s*(?:#.*)?")
_FIELD = re.compile(r"\s*(url|method):\s*[\"']?(.+?)[\"']?\s*(?:\s#.*)?")


def requests_in_tasks(text: str) -> Iterator[WrittenRequest]:
    """The request of each task, at the line of its address."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if module := _MODULE.fullmatch(line):
            end = _end(lines, start + 1, len(module["indent"]))
            fields = {found[1]: (index, found[2]) for index in range(start, end) if (found := _of(lines, index, start))}
            if "url" in fields:
                at, address = fields["url"]
                yield WrittenRequest(fields.get("method", (0, "GET"))[1], address, at + 1, body=None)


def _end(lines: list[str], start: int, indent: int) -> int:
    """The first line behind what is indented more than a key."""
    inside = (not line.strip() or len(line) - len(line.lstrip()) > indent for line in lines[start:])
    return next((start + index for index, is_inside in enumerate(inside) if not is_inside), len(lines))


def _of(lines: list[str], index: int, module: int) -> re.Match[str] | None:
    """A field of the module itself, which is indented as its first one is."""
    line, first = lines[index], lines[module + 1]
    same = len(line) - len(line.lstrip()) == len(first) - len(first.lstrip())
    return _FIELD.fullmatch(line) if same else None
