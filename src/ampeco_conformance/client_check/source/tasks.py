"""The requests that playbooks of Ansible send by the module `uri`."""

import re

_MODULE = re.compile(r"(?P<indent>[\s-]*)(?:[\w.]+\.)?uri:\s*(?:#.*)?")
_FIELD = re.compile(r"\s*(url|method):\s*[\"']?(.+?)[\"']?\s*(?:\s#.*)?")
_VARIABLE = re.compile(r"\{\{.*?\}\}")


def request_lines_in(text: str) -> str:
    """A line such as `GET https://{{host}}/path` for each task, at the line of its address; the others are empty."""
    lines = text.splitlines()
    made = [""] * len(lines)
    for start, line in enumerate(lines):
        if module := _MODULE.fullmatch(line):
            end = _end(lines, start + 1, len(module["indent"]))
            fields = {found[1]: (index, found[2]) for index in range(start, end) if (found := _of(lines, index, start))}
            if "url" in fields:
                at, address = fields["url"]
                method = fields.get("method", (0, "GET"))[1].upper()
                made[at] = f"{method} {_VARIABLE.sub('{{variable}}', address)}"
    return "\n".join(made)


def _end(lines: list[str], start: int, indent: int) -> int:
    """The first line behind what is indented more than a key."""
    inside = (not line.strip() or len(line) - len(line.lstrip()) > indent for line in lines[start:])
    return next((start + index for index, is_inside in enumerate(inside) if not is_inside), len(lines))


def _of(lines: list[str], index: int, module: int) -> re.Match[str] | None:
    """A field of the module itself, which is indented as its first one is."""
    line, first = lines[index], lines[module + 1]
    same = len(line) - len(line.lstrip()) == len(first) - len(first.lstrip())
    return _FIELD.fullmatch(line) if same else None
