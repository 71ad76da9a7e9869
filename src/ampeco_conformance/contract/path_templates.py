"""The paths of a specification beside those of requests: filled in, found and read in one place.

The literal parts of a template may be written percent-encoded or not; a segment may have several parameters, or be a
parameter in part: `/accounts({id})`, `/files/{name}.{ending}`, `/jobs/{job}:cancel`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ampeco_conformance.specs import Operation

_UNSENDABLE = re.compile(r"[\x00-\x20\x7f]")
_PARAMETER = re.compile(r"\{([^}]+)\}")
_VERSION = re.compile(r"v\d+(\.\d+)*")


def parameters_of(path: str) -> list[str]:
    """The names of the parameters of a path template, in order."""
    return _PARAMETER.findall(path)


def is_parameter(segment: str) -> bool:
    """Whether a segment of a path template is one parameter as a whole."""
    return _PARAMETER.fullmatch(segment) is not None


def is_version_segment(segment: str) -> bool:
    """Whether a segment of a path is a version, such as `v1.0`."""
    return _VERSION.fullmatch(segment) is not None


def fill(path: str, values: Mapping[str, Any]) -> str:
    """A path template with its parameters filled in. Raises KeyError when one has no value."""
    return sendable(_PARAMETER.sub(lambda found: quote(str(values[found[1]]), safe=""), path))


def sendable(address: str) -> str:
    """An address without blanks and control characters, which a URL may not have."""
    return _UNSENDABLE.sub(lambda found: quote(found[0]), address)


def path_pattern(path: str) -> re.Pattern[str]:
    """What the decoded paths of requests to a template end in."""
    return re.compile(_joined(path, "[^/]+") + "/?$")


def path_values(operation: Operation, url: str) -> dict[str, str]:
    """The values of the path parameters in the URL of a request."""
    # A proxy's prefix may stand before the path of the specification.
    segments = urlsplit(url).path.rstrip("/").split("/")[::-1]
    values: dict[str, str] = {}
    for place, pattern, names in _segments(operation.path):
        found = pattern.fullmatch(unquote(segments[place])) if place < len(segments) else None
        values |= zip(names, found.groups() if found else (), strict=False)
    return values


@lru_cache(maxsize=1024)
def _segments(path: str) -> list[tuple[int, re.Pattern[str], list[str]]]:
    """The segments that have parameters: their places from the end, what they look like, and the parameters."""
    segments = enumerate(reversed(path.rstrip("/").split("/")))
    found = [
        (place, re.compile(_joined(segment, "(.*?)"), re.DOTALL), parameters_of(segment)) for place, segment in segments
    ]
    return [entry for entry in reversed(found) if entry[2]]


def _joined(template: str, value: str) -> str:
    """A pattern of a template with a pattern in place of each parameter."""
    return value.join(re.escape(unquote(literal)) for literal in _PARAMETER.split(template)[::2])
