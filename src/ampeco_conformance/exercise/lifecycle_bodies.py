"""The bodies that the steps of a lifecycle test send: with other values, with long texts, with one change."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from ampeco_conformance.checks import resource_fields
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.exercise.collection import Item
from ampeco_conformance.exercise.happy_path import Rewrite, SuccessFinder
from ampeco_conformance.generate.texts import long_multiscript_text
from ampeco_conformance.specs import Operation

_VALUES_TRIED = 2


class LifecycleBodies:
    """Makes bodies for one resource, whose items are read with `reading`; `order` picks among the members of enums."""

    def __init__(self, finder: SuccessFinder, contract: ApiContract, reading: Operation, order: Random) -> None:
        self._finder = finder
        self._contract = contract
        self._reading = reading
        self._order = order

    def required(self, operation: Operation, item: Item) -> dict[str, Any]:
        """The required fields of the operation, with the values the item has where they are known."""
        body = self._finder.object_body(operation, least=True) or {}
        known = {name: value for name, value in item.shown.items() if isinstance(value, str | int | float)}
        return {name: known.get(name, value) for name, value in body.items()}

    def renewed(self, operation: Operation, body: Mapping[str, Any]) -> dict[str, Any]:
        """A body with the fields of another one, and new values where a sample body has some."""
        sample = self._finder.object_body(operation) or {}
        return {name: sample.get(name, value) for name, value in body.items()}

    def changes(self, operation: Operation, item: Item, changed: resource_fields.Field) -> Iterator[dict[str, Any]]:
        """Bodies that change one field and contain the required ones; the long multi-script value first."""
        value = next(iter(self._others(changed.name, changed.schema, item)), None)
        if value is None:
            return
        long_text = long_multiscript_text(value, changed.schema.get("maxLength")) if changed.is_words else value
        for sent in dict.fromkeys((long_text, value)):
            yield {**self.required(operation, item), changed.name: sent}

    def other_values(self, operation: Operation, item: Item, *, falsy_first: bool) -> dict[str, list[Any]]:
        """Some values for every writable field that the item does not have; false and zero first, or last.

        A server that takes false and zero for absent only shows it when they replace something.
        """
        return {
            name: sorted(self._others(name, schema, item), key=lambda value: bool(value) is falsy_first)[:_VALUES_TRIED]
            for name, schema in resource_fields.writable_properties(self._contract, operation).items()
        }

    def rewrites(self, operation: Operation, present: Mapping[str, Any]) -> tuple[Rewrite, ...]:
        """Rewrites of a sample body: with other values and long texts, and with either of them."""
        fields = resource_fields.comparable_fields(self._contract, operation, self._reading)
        words = {field.name: field.schema.get("maxLength") for field in fields if field.is_words}

        def lengthened(body: Any) -> Any:
            if not isinstance(body, dict):
                return body
            return body | {name: long_multiscript_text(body[name], words[name]) for name in words.keys() & body.keys()}

        def varied(body: Any) -> Any:
            return self._finder.varied(operation, body, present)

        return (lambda body: lengthened(varied(body)), lengthened, varied)

    def _others(self, name: str, schema: Mapping[str, Any], item: Item) -> list[Any]:
        shown = item.shown.get(resource_fields.read_name(name, item.shown), item.given.get(name))
        others = list(self._finder.variation.others(name, schema, shown))
        if "enum" in schema:
            self._order.shuffle(others)
        return others
