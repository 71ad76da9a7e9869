"""What a tenant has switched off: by the messages of its refusals, and the features that it says are on.

Source: a live tenant answers 404 `Feature is not enabled`; other operators word it otherwise, and a 422 names the
fields whose feature is off.
"""

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ampeco_conformance.apis import describe
from ampeco_conformance.contract.answers import Answer, Cause, Meaning, answer_of, says_feature_off
from ampeco_conformance.core.exchanges import Exchange

_REFUSED_INPUT = frozenset({400, 422})


class TenantFeatures:
    """What the refusals of one tenant say about its features.

    `on` names features that must be enabled, `phrases` are messages of features that are off, beside those of the API.
    `off` are the paths that were answered so, over all items of a process.
    """

    def __init__(self, api: str, on: Collection[str] = (), phrases: Collection[str] = ()) -> None:
        descriptor = describe(api)
        self.off: set[str] = set()
        self._required = {name: descriptor.fields.features[name] for name in sorted(on)}
        self._has_own_phrases = bool(phrases)
        self._phrases = tuple(phrase.casefold() for phrase in (*descriptor.not_enabled, *phrases))

    def says_off(self, exchange: Exchange) -> bool:
        """Whether a response says that a feature is switched off."""
        answer = self._refusal_of(exchange)
        return answer is not None and (any(map(self._is_off, answer.texts)) or bool(self._fields_off(answer)))

    def is_below_off(self, path: str) -> bool:
        """Whether a path is below one that is off, so that no ids of it can be known."""
        return any(path.startswith(f"{above}/") for above in self.off)

    def fields_off(self, exchange: Exchange) -> tuple[str, ...]:
        """The fields that a refusal names because their feature is switched off."""
        answer = self._refusal_of(exchange)
        return () if answer is None else self._fields_off(answer)

    def required_by(self, operation: str) -> str | None:
        """The feature of an operation (by its label) that must be enabled; None when it may be off."""
        found = (name for name, item in self._required.items() if not item.fields)
        return next((name for name in found if fnmatchcase(operation, self._required[name].operations)), None)

    def requires_field(self, name: str) -> bool:
        """Whether a field belongs to a feature that must be enabled."""
        return any(name in feature.fields for feature in self._required.values())

    def _fields_off(self, answer: Answer) -> tuple[str, ...]:
        response = answer.exchange.response
        if response is None or response.status_code not in _REFUSED_INPUT or not isinstance(answer.body, Mapping):
            return ()
        errors = answer.body.get("errors")
        if not isinstance(errors, Mapping):
            return ()
        return tuple(str(name) for name, texts in errors.items() if any(map(self._is_off, _texts(texts))))

    def _refusal_of(self, exchange: Exchange) -> Answer | None:
        """The answer of a refusal; without phrases of the tenant only bodies that speak of a feature are read."""
        response = exchange.response
        if response is None or not (400 <= response.status_code < 500 or response.status_code == 501):
            return None
        if not self._has_own_phrases and b"eature" not in response.body.lower():
            return None
        answer = answer_of(exchange)
        says_it = answer.meaning in (Meaning.ABSENT, Meaning.REFUSED)
        return answer if says_it and answer.cause not in (Cause.CREDENTIALS, Cause.RATE) else None

    def _is_off(self, text: str) -> bool:
        return says_feature_off(text) or any(phrase in text.casefold() for phrase in self._phrases)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))
