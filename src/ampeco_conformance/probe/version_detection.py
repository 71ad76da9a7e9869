"""Detects the API version of a target from its version header, its operations and the fields of its listings.

Sends only GET requests, with ids that do not exist, and none below /actions/. Source: observed behaviour. A path
without GET responds with 405; an unknown path and an unknown resource both with 404, but with different messages.

Newer versions, of which only the operations are known, are looked at once the newest contract fits. There are gaps
between them: a target that has some of the operations that came in one is placed between two of them.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from ampeco_conformance.apis import describe
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.resource_map import UNUSED_ID, items_of
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.core.exchanges import Exchange, header
from ampeco_conformance.core.profiles import sampled
from ampeco_conformance.core.tenant_data import shown_version, version_number
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Provenance, Specification
from ampeco_conformance.specs.catalog import version_key

#: How many numbers a version has; with fewer it says too little.
_NUMBERS = 3
_MISSING = "/resources/conform-no-such-thing/v1.0"
_LISTINGS_READ = 6
_MOST_SHOWN = 6
_PATHS = 60


class Confidence(StrEnum):
    """The confidence in a detected version."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class _Path(StrEnum):
    """What exists at a path."""

    READABLE = "can be read"
    OTHER = "has other methods only"
    MISSING = "does not exist"


@dataclass(frozen=True, slots=True)
class Detection:
    """The most likely version, all that are equally likely (oldest first), and the evidence.

    `below` is the known version that the target has not reached yet, when it is newer than `version`.
    """

    version: str
    candidates: tuple[str, ...]
    confidence: Confidence
    evidence: tuple[str, ...]
    below: str | None = None


def detect(
    client: ApiClient, specifications: Sequence[Specification], documented: Collection[str] = (), paths: int = _PATHS
) -> Detection:
    """Detect which of the specifications, oldest first, a target serves.

    Among equally likely versions a `documented` one is preferred. At most `paths` paths are requested.
    """
    evidence: list[str] = []
    reported: list[str] = []
    api = describe(specifications[0].api)
    client.observe(lambda exchange: reported.extend(_app_version(exchange, api.version_header)))
    contracts = [item for item in specifications if not _is_sketch(item)]
    observed = _observe(client, contracts, paths)
    candidates, is_contradicted = _best(contracts, observed, evidence)
    below = None
    newer = [contracts[-1], *(item for item in specifications if _is_sketch(item))]
    if contracts[-1] in candidates and len(newer) > 1:
        later = _observe(client, newer, paths)
        if any(kind is not _Path.MISSING for kind in later.values()):
            reached, below, is_contradicted = _between(newer, later, evidence)
            candidates = [reached]
    if len(candidates) > 1:
        candidates = _by_fields(client, candidates, evidence)
    versions = tuple(item.version for item in candidates)
    version = _reported_version(reported, [item.version for item in specifications], evidence)
    if version is not None:
        agrees = version in versions and not is_contradicted
        return Detection(version, versions, Confidence.HIGH if agrees else Confidence.LOW, tuple(evidence), below)
    confidence = Confidence.HIGH if len(versions) == 1 and below is None else Confidence.MEDIUM
    guess = [version for version in versions if version in documented] or versions
    return Detection(guess[-1], versions, Confidence.LOW if is_contradicted else confidence, tuple(evidence), below)


def _is_sketch(specification: Specification) -> bool:
    """Whether only the operations of a version are known."""
    return bool(specification.document.get("x-provenance") == Provenance.OPERATIONS)


def _app_version(exchange: Exchange, name: str) -> list[str]:
    value = header(exchange.response.headers, name) if exchange.response is not None else None
    return [] if value is None else [shown_version(value)]


def _reported_version(reported: Sequence[str], known: Sequence[str], evidence: list[str]) -> str | None:
    """The version of the header: the newest known one that is not newer than it."""
    text = reported[-1] if reported else "none"
    said = version_number(text)
    if said is None or len(version_key(said)) < _NUMBERS:
        evidence.insert(0, f"X-App-Version: {text}")
        return None
    number = version_key(said)[:_NUMBERS]
    if number > version_key(known[-1]):
        evidence.insert(0, f"X-App-Version: {text}, newer than {known[-1]}, the newest that is known here")
        return None
    older = [version for version in known if version_key(version) <= number]
    if not older:
        evidence.insert(0, f"X-App-Version: {text}, older than {known[0]}, the oldest known here")
        return None
    is_between = version_key(older[-1])[:2] < number[:2]
    between = f", between {older[-1]} and {known[len(older)]}" if is_between else ""
    evidence.insert(0, f"X-App-Version: {text}{between}")
    return older[-1]


def _paths(specification: Specification) -> dict[str, _Path]:
    """What a version has at its paths, without those below /actions/, where even a GET may act.

    Also without those that give tokens: a target has them from a version on that it does not tell.
    """
    methods: dict[str, set[str]] = {}
    token_path = describe(specification.api).token_path
    left_out = ("/actions/", *([] if token_path is None else [f"{token_path.rpartition('/')[0]}/"]))
    for operation in specification.operations:
        if any(part in operation.path for part in left_out):
            continue
        methods.setdefault(operation.path, set()).add(operation.method)
    return {path: _Path.READABLE if "GET" in found else _Path.OTHER for path, found in methods.items()}


def _observe(client: ApiClient, specifications: Sequence[Specification], limit: int) -> dict[str, _Path]:
    """What exists at the paths in which the versions differ, as far as the responses show it."""
    of_versions = [_paths(specification) for specification in specifications]
    common = {path: kind for path, kind in of_versions[0].items() if all(o.get(path) == kind for o in of_versions)}
    differing = sorted({path for paths in of_versions for path in paths} - common.keys())
    look = _Look(client, describe(specifications[0].api).path_prefix)
    # A kind of response counts only if this server gives it for a path that all versions have.
    readable = next((path for path, kind in common.items() if kind is _Path.READABLE and "{" in path), None)
    other = next((path for path, kind in common.items() if kind is _Path.OTHER), None)
    tells_readable = readable is not None and look.at(readable) is _Path.READABLE
    tells_other = other is not None and look.at(other) is _Path.OTHER
    observed = {}
    for path in (path for index, path in enumerate(differing) if index in sampled(len(differing), limit)):
        kinds = {paths[path] for paths in of_versions if path in paths}
        if (_Path.OTHER in kinds and not tells_other) or ("{" in path and not tells_readable):
            continue
        # A path with parameters may serve a literal path.
        if any(path != p and _covers(p, path) for paths in of_versions for p in paths):
            continue
        if (kind := look.at(path)) is not None:
            observed[path] = kind
    return observed


class _Look:
    """Requests a path to see what exists there."""

    def __init__(self, client: ApiClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._missing = _message(client.send("GET", prefix + _MISSING), prefix)

    def at(self, path: str) -> _Path | None:
        """What exists there; None when the response does not show it."""
        exchange = self._client.send("GET", fill(path, dict.fromkeys(parameters_of(path), UNUSED_ID)))
        status = exchange.response.status_code if exchange.response is not None else 599
        if status == 405:
            return _Path.OTHER
        if status == 404:
            return _Path.MISSING if _message(exchange, self._prefix) == self._missing else _Path.READABLE
        return _Path.READABLE if status < 500 else None


def _best(
    specifications: Sequence[Specification], observed: Mapping[str, _Path], evidence: list[str]
) -> tuple[list[Specification], bool]:
    """The specifications that agree with most observations, and whether an observation agrees with none of them."""
    fitting = {item.version: _fitting(item, observed) for item in specifications}
    most = max(map(len, fitting.values()))
    best = [item for item in specifications if len(fitting[item.version]) == most]
    evidence.append(f"operations: {most} of {len(observed)} paths are as in {_range([item.version for item in best])}")
    unlike = {path: [v for v, found in fitting.items() if path not in found] for path in fitting[best[-1].version]}
    for path, others in sorted(unlike.items(), key=lambda entry: -len(entry[1]))[:_MOST_SHOWN]:
        evidence.append(f"  {path} {observed[path]}, unlike in {_range(others)}")
    unfit = sorted(set(observed) - fitting[best[-1].version])
    evidence += [f"  but {path} {observed[path]}" for path in unfit[:_MOST_SHOWN]]
    return best, most < len(observed) or not observed


def _between(
    specifications: Sequence[Specification], observed: Mapping[str, _Path], evidence: list[str]
) -> tuple[Specification, str | None, bool]:
    """Of versions with gaps between them: the newest that is there in full; the next one when it is there in part.

    Also whether an operation of neither of them is there.
    """
    present = {path for path, kind in observed.items() if kind is not _Path.MISSING}
    of_versions = [observed.keys() & _paths(item).keys() for item in specifications]
    index = max(index for index, paths in enumerate(of_versions) if index == 0 or paths <= present)
    reached = specifications[index]
    if index + 1 == len(specifications):
        evidence.append(f"newer operations: all {len(present)} paths that were asked for, as in {reached.version}")
        return reached, None, False
    following = specifications[index + 1].version
    came = of_versions[index + 1] - of_versions[index]
    begun = present & came
    evidence.append(f"newer operations: {len(begun)} of {len(came)} paths that came by {following}")
    return reached, following if begun else None, bool(present - of_versions[index + 1] - of_versions[index])


def _fitting(specification: Specification, observed: Mapping[str, _Path]) -> set[str]:
    paths = _paths(specification)
    return {path for path, kind in observed.items() if paths.get(path, _Path.MISSING) is kind}


def _by_fields(client: ApiClient, candidates: list[Specification], evidence: list[str]) -> list[Specification]:
    """Of versions with the same operations, those whose listings document the observed fields."""
    fields = {item.version: _fields(item) for item in candidates}
    listings = set.intersection(*(set(found) for found in fields.values()))
    score: Counter[str] = Counter({item.version: 0 for item in candidates})
    differing = [path for path in sorted(listings) if len({fields[item.version][path] for item in candidates}) > 1]
    for path in differing[:_LISTINGS_READ]:
        present = _present(client.send("GET", path))
        documented = Counter(name for item in candidates for name in fields[item.version][path])
        for name in sorted(name for name in present if 0 < documented[name] < len(candidates)):
            having = [item.version for item in candidates if name in fields[item.version][path]]
            score.update(having)
            evidence.append(f"fields: {path} has {name}, as in {_range(having)}")
    return [item for item in candidates if score[item.version] == max(score.values())]


def _fields(specification: Specification) -> dict[str, frozenset[str]]:
    """Listing without parameters in its path -> the fields of its items."""
    schemas = Schemas(specification)
    found = {}
    for operation in specification.operations:
        if operation.method == "GET" and "{" not in operation.path:
            answer, _ = schemas.resolve(operation.definition["responses"].get("200", {}), "")
            schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
            items = _property(schemas, schema, "data").get("items", {})
            found[operation.path] = frozenset(_properties(schemas, items))
    return found


def _properties(schemas: Schemas, schema: Mapping[str, Any]) -> dict[str, Any]:
    schema, _ = schemas.resolve(schema, "")
    parts: Iterable[Mapping[str, Any]] = schema.get("allOf", ())
    inherited = {name: value for part in parts for name, value in _properties(schemas, part).items()}
    return inherited | dict(schema.get("properties", {}))


def _property(schemas: Schemas, schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    return schemas.resolve(_properties(schemas, schema).get(name, {}), "")[0]


def _present(exchange: Exchange) -> set[str]:
    if exchange.response is None or exchange.response.status_code != 200:
        return set()
    try:
        return {name for item in items_of(exchange.response.json()) for name in item}
    except ValueError:
        return set()


def _message(exchange: Exchange, prefix: str) -> str:
    """The body of a response, without the path and the numbers of the request."""
    if exchange.response is None:
        return ""
    text = exchange.response.body.decode("utf-8", "replace").replace("\\/", "/")
    path = urlsplit(exchange.request.url).path
    return re.sub(r"\d+", "", text.replace(path[path.index(prefix) + len(prefix) :], ""))


def _covers(template: str, path: str) -> bool:
    parts, others = template.split("/"), path.split("/")
    return len(parts) == len(others) and all(
        part == other or (part.startswith("{") and not other.startswith("{"))
        for part, other in zip(parts, others, strict=True)
    )


def _range(versions: Sequence[str]) -> str:
    if not versions:
        return "no version"
    return versions[0] if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"
