"""Applies documents of the OpenAPI Overlay Specification 1.0 (https://spec.openapis.org/overlay/v1.0.0.html)."""

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ampeco_conformance.core.errors import ConfigurationError

if TYPE_CHECKING:
    import jsonpath


def is_overlay(document: dict[str, Any]) -> bool:
    """Whether a document is an overlay and not a description of its own."""
    return "overlay" in document


def apply_overlay(overlay: dict[str, Any], document: dict[str, Any], name: str) -> None:
    """Carries out the actions of an overlay on the document, in place and in order.

    Raises ConfigurationError, naming the overlay as `name`, when a target is malformed or selects
    nothing: an action without effect is a mistake in our store, though the standard allows it.
    """
    # Takes 40 ms, and every process that loads specifications imports this module: most find them in the cache.
    import jsonpath

    for number, action in enumerate(overlay.get("actions", ()), start=1):
        place = f"{name}, action {number}"
        if "target" not in action:
            raise ConfigurationError(f"{place}: the action has no target")
        try:
            nodes = list(jsonpath.finditer(action["target"], document))
        except jsonpath.JSONPathError as error:
            raise ConfigurationError(f"{place}: the target is not a JSONPath: {str(error).splitlines()[0]}") from error
        if not nodes:
            raise ConfigurationError(f"{place}: the target {action['target']} selects nothing")
        if action.get("remove"):
            _remove(nodes)
        elif "update" in action:
            for node in nodes:
                _update(node.obj, deepcopy(action["update"]), place)


def _remove(nodes: "list[jsonpath.JSONPathMatch]") -> None:
    for node in reversed(nodes):
        if node.parent is not None:
            del node.parent.obj[node.parts[-1]]  # type: ignore[attr-defined]


def _update(target: Any, update: Any, place: str) -> None:
    if isinstance(target, list):
        target.append(update)
    elif isinstance(target, dict) and isinstance(update, dict):
        _merge(target, update)
    else:
        raise ConfigurationError(f"{place}: an update needs an object or an array as its target")


def _merge(target: dict[str, Any], update: dict[str, Any]) -> None:
    for key, value in update.items():
        present = target.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value)
        elif isinstance(present, list) and isinstance(value, list):
            present.extend(value)
        else:
            target[key] = value
