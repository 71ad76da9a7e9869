"""What addresses in source code stand for: requests to paths of the API."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ampeco_conformance.client_check.model import HOLE, NOT_SHOWN, CallPlace, ClientCall
from ampeco_conformance.client_check.routes import Routes, segments_of

_TEMPLATE = re.compile(r"\{\{?[^{}/]*\}\}?|%[sdvi@](?![0-9a-fA-F])|(?<=/):[A-Za-z_]\w*|(?<=/)<[a-z_:]+>")
_NO_PATH = re.compile(r"[\s\\()^$*|\"<>\[\]]")
"""What is not in a path: such texts are expressions or sentences."""
_SCHEME = re.compile(r"^(?:[a-z]+:)?//([^/?#]*)", re.IGNORECASE)


@dataclass(slots=True)
class SourceRequest:
    """A request as it is being put together; `index` is the token at which its address begins.

    `origin` is the token at which the address is defined, where it has a name, `placeholders` are the names in it.
    """

    method: str
    path: list[str]
    line: int
    index: int
    is_certain: bool
    query: list[tuple[str, str]] = field(default_factory=list)
    body: Any = NOT_SHOWN
    content_type: str = ""
    origin: int = -1
    placeholders: frozenset[str] = frozenset()

    def call(self, file: str) -> ClientCall:
        """The request as a call of the client."""
        return ClientCall(
            self.method,
            "/" + "/".join(self.path),
            CallPlace(file, self.line),
            tuple(self.query),
            self.body,
            self.content_type,
            is_certain=self.is_certain,
            is_whole=True,
        )


class AddressReader:
    """Reads addresses, in which holes stand for what is computed."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def request(
        self, text: str, method: str, line: int, index: int = 0, *, is_whole: bool = True
    ) -> SourceRequest | None:
        """The request to an address; None when it is none of the API, or may be the beginning of others.

        The beginning of a path is only a fault where it is certainly sent as it is, `is_whole`.
        """
        address, _, query = _TEMPLATE.sub(HOLE, text).partition("?")
        placed = self._path(address)
        if placed is None:
            return None
        path, is_certain = placed
        path, is_open = self._without_rest(path)
        if not self._routes.matching(path):
            is_beginning = self._routes.is_beginning(path)
            if is_open or (is_beginning and not (method and is_whole and len(path) > len(self._routes.prefix) + 1)):
                return None
            is_certain = is_certain and not is_beginning
        names = frozenset(re.findall(r"\w+", " ".join(_TEMPLATE.findall(text))))
        return SourceRequest(method, path, line, index, is_certain, _pairs(query), placeholders=names)

    def _path(self, address: str) -> tuple[list[str], bool] | None:
        """The segments of an address of the API, and whether it is certain that it is one."""
        host = _SCHEME.match(address)
        address = address[host.end() :] if host else address
        if address.startswith(HOLE) and len(address) > 1 and not address.startswith(f"{HOLE}/"):
            address = f"{HOLE}/{address[1:]}"
        parts = [part for part in segments_of(address) if part]
        if "/" not in address or any(_NO_PATH.search(part) for part in parts):
            return None
        if (whole := self._routes.after_prefix(parts)) is not None:
            return whole, True
        if host and host[1] in self._routes.hosts and not self._routes.prefix:
            return parts, True
        if (host and HOLE not in host[1]) or address.startswith("."):
            return None
        completed = self._routes.completed(parts)
        if completed is None:
            return None
        starts_well = self._routes.starts_like_the_api([part for part in parts if part != HOLE])
        return completed, starts_well or self._routes.names_resource(parts)

    def _without_rest(self, path: list[str]) -> tuple[list[str], bool]:
        """The path without a computed end such as a query string; whether an unknown part of the path follows."""
        last = path[-1] if path else ""
        if last != HOLE and last.endswith(HOLE):
            shorter = [*path[:-1], last.rstrip(HOLE)]
            if self._routes.matching(shorter):
                return shorter, False
            return path, self._routes.is_beginning(shorter)
        return path, last == HOLE and not self._routes.matching(path) and self._routes.is_beginning(path[:-1])


def _pairs(query: str) -> list[tuple[str, str]]:
    """The parameters of a query string; a hole alone stands for some."""
    return [
        (name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name.replace(HOLE, "") or not value
    ]
