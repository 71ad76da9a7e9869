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
            fields = _fields(lines, start + 1, _end(lines, start + 1, len(module["indent"])))
            if "url" in fields:
                at, address = fields["url"]
                yield WrittenRequest(fields.get("method", (0, "GET"))[1], address, at + 1, body=None)


def _end(lines: list[str], start: int, indent: int) -> int:
    """The first line behind what is indented more than a key."""
    inside = (not line.strip() or _indent(line) > indent for line in lines[start:])
    return next((start + index for index, is_inside in enumerate(inside) if not is_inside), len(lines))


def _fields(lines: list[str], start: int, end: int) -> dict[str, tuple[int, str]]:
    """The line and the value of each field of the module itself: they are indented less than those inside of them."""
    found = {index: field for index in range(start, end) if (field := _FIELD.fullmatch(lines[index]))}
    outermost = min((_indent(line) for line in lines[start:end] if line.strip()), default=0)
    return {field[1]: (index, field[2]) for index, field in found.items() if _indent(lines[index]) == outermost}


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
