"""The conventions of an API that two authors of its document write down in different ways.

Before our own document of a version is compared with one of another author, both are brought into one form: what all
responses of the API have in common, and what does not go over the wire, is no change between versions. A document of
the API is one whose paths begin with the descriptor's prefix; any other is compared as it stands.
"""

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ampeco_conformance.apis import describe
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.core.counting import counted
from ampeco_conformance.specs import Provenance
from ampeco_conformance.specs.query_lists import name_lists_as_sent
from ampeco_conformance.specs.walking import own_parameters, resolve, walk

Document = dict[str, Any]

_ENVELOPE = frozenset({"data", "message"})
_LIMIT_HEADERS = ("x-ratelimit-", "retry-after")
_CALLBACK = "{callback}"

_DEPTH_OF_OPERATIONS = 3
"""Keys on the way to an operation: paths, its path, its method."""


def brought_together(
    api: str, old: ContractDocument, new: ContractDocument
) -> tuple[ContractDocument, ContractDocument]:
    """Both contracts in one form, with what was set aside for it, when they have different authors."""
    if not all(_is_of(api, contract.document) for contract in (old, new)) or _is_own(old) is _is_own(new):
        return old, new
    return _in_one_form(old), _in_one_form(new)


def _is_of(api: str, document: Document) -> bool:
    paths = document.get("paths")
    prefix = f"{describe(api).path_prefix}/"
    return isinstance(paths, dict) and bool(paths) and all(str(path).startswith(prefix) for path in paths)


def _is_own(contract: ContractDocument) -> bool:
    """Whether a document is one of this project, or an export of one."""
    return str(contract.document.get("x-provenance", Provenance.VENDOR)) != Provenance.VENDOR


def _in_one_form(contract: ContractDocument) -> ContractDocument:
    document = copy.deepcopy(contract.document)
    found: Counter[str] = Counter()
    for pointer, node in walk(document):
        if len(pointer) <= _DEPTH_OF_OPERATIONS and node.pop("servers", None):
            found["addresses of servers"] += 1
        found.update(_read_alternatives(node))
        if node.get("in") == "query" and node.get("style") == "deepObject":
            node.pop("explode", None)
        if pointer[-2:-1] == ("responses",):
            found.update(_relax_response(document, _target(document, node), pointer[-1].startswith(("4", "5"))))
        if pointer[-2:-1] == ("callbacks",) and len(node) == 1:
            found.update(_relax_callback(document, node))
    name_lists_as_sent(document)
    together = ContractDocument(contract.name, document)
    for line in (
        *contract.set_aside,
        *(f"{what}, at {counted(number, 'place')}" for what, number in sorted(found.items())),
    ):
        together.put_aside(line)
    return together


def _read_alternatives(schema: Document) -> Iterator[str]:
    """`oneOf` is read as `anyOf`, as everywhere in the suite: the vendor's alternatives overlap."""
    if "oneOf" in schema and "anyOf" not in schema:
        schema["anyOf"] = schema.pop("oneOf")
        yield "oneOf, read as anyOf"


def _relax_response(document: Document, response: Document, is_refusal: bool) -> Iterator[str]:
    """The headers of the rate limit and the envelope are the same for all responses, documented or not.

    So is the form of refusals, whose message is a text for people: one author lists texts, the other does not.
    """
    headers = response.get("headers") or {}
    for name in [name for name in headers if name.lower().startswith(_LIMIT_HEADERS)]:
        del headers[name]
        yield "headers of the rate limit"
    for media in (response.get("content") or {}).values():
        schema = _target(document, (media or {}).get("schema"))
        if _ENVELOPE.intersection(schema.get("required") or ()):
            schema["required"] = [name for name in schema["required"] if name not in _ENVELOPE]
            yield "`required` of data and message in responses"
        if is_refusal and "errors" in (schema.get("properties") or {}):
            schema["properties"]["errors"] = {}
            yield "the form of errors in refusals"
        message = _target(document, (schema.get("properties") or {}).get("message"))
        if is_refusal and message.pop("enum", None):
            yield "the texts of messages in refusals"


def _relax_callback(document: Document, callback: Document) -> Iterator[str]:
    """The expression that leads to the address of a receiver, and the headers of every delivery."""
    ((expression, item),) = callback.items()
    if expression != _CALLBACK:
        callback[_CALLBACK] = callback.pop(expression)
        yield "addresses of callbacks"
    for parameter in (_target(document, listed) for listed in own_parameters(item)):
        if parameter.get("in") == "header" and parameter.pop("required", False):
            yield "required headers of callbacks"


def _target(document: Document, node: Any) -> Document:
    """What a node is or refers to; an empty object for what cannot be read."""
    try:
        found = resolve(document, node) if isinstance(node, dict) else None
    except KeyError:
        return {}
    return found if isinstance(found, dict) else {}
