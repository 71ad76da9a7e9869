"""A request as a file for tools writes it down: its parts, in which `{{x}}`, `${x}` and the like are variables."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ampeco_conformance.client_check.model import HOLE, NOT_SHOWN
from ampeco_conformance.client_check.source.addresses import AddressReader, SourceRequest
from ampeco_conformance.client_check.source.values import json_with_holes

_VARIABLE = re.compile(r"\{\{.*?\}\}|[$#]\{[^{}]*\}|<<[^<>]*>>")
_WITHOUT_BODY = ("GET", "DELETE", "HEAD")


@dataclass(slots=True)
class WrittenRequest:
    """A request with the line of its address; `body` is None where it is not written down, and empty for none."""

    method: str
    address: str
    line: int
    query: list[tuple[str, str]] = field(default_factory=list)
    body: str | None = ""
    content_type: str = ""

    def read(self, reader: AddressReader) -> SourceRequest | None:
        """The request to the API; None when it is sent to something else."""
        method = self.method.upper()
        request = reader.request(_with_holes(self.address), method, self.line)
        if request is None:
            return None
        known = dict(parse_qsl(_with_holes(self.address).partition("?")[2], keep_blank_values=True))
        request.query += [(name, _with_holes(value)) for name, value in self.query if name not in known]
        if self.body:
            value = json_with_holes(_with_holes(self.body))
            request.body = NOT_SHOWN if value is None else value
            request.content_type = self.content_type
        elif self.body == "" and method in _WITHOUT_BODY:
            request.body = None
        return request


def _with_holes(text: str) -> str:
    return _VARIABLE.sub(HOLE, text)


def line_at(text: str, index: int) -> int:
    """The line of a place in a text, which is 1 where the place was not found."""
    return text.count("\n", 0, max(index, 0)) + 1
