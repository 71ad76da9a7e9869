"""Optional includes, which are returned only when requested: `include[]=connectors`, `withPriceBreakdown=true`.

Source: the documented parameters and the vendor's notes on them. A requested include is in some response, none is
returned unrequested, requesting one adds no other, and requesting several returns all that are returned alone. An empty
value (null, an empty list or object) counts as left out.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ampeco_conformance.contract.item_shape import item_properties
from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Severity, Violation, declare
from ampeco_conformance.core.exchanges import JsonObject
from ampeco_conformance.specs import Operation

INCLUDE_UNASKED = declare(
    "include_unasked",
    title="Optional includes are returned only when requested",
    severity=Severity.NORMAL,
    claim="What `include[]` or a `with...` flag requests is left out of responses to requests without it.",
    source="the documented include[] and with... parameters",
    aspect="includes",
)
INCLUDE_IGNORED = declare(
    "include_ignored",
    title="Optional includes are returned when requested",
    severity=Severity.CRITICAL,
    claim="What `include[]` or a `with...` flag requests is in some response, alone and with others.",
    source="the documented include[] and with... parameters",
    aspect="includes",
)

#: Includes that depend on stored data, or on which the vendor's sources disagree.
_MAY_BE_MISSING = frozenset({"externalAppData"})
_MAY_BE_UNASKED = frozenset({"breakdown"})


@dataclass(frozen=True, slots=True)
class Extra:
    """A part of a response that is left out unless requested: its property, and the parameter that requests it."""

    name: str
    parameter: str
    value: str


def extras_of(contract: ApiContract, operation: Operation) -> list[Extra]:
    """The optional includes of an operation, as far as its response documents them."""
    documented = item_properties(contract, operation)
    return [extra for extra in _extras(contract, operation) if extra.name in documented]


def includes_of(contract: ApiContract, operation: Operation, names: Container[str]) -> dict[str, object]:
    """The query that requests those optional includes of an operation that have these names."""
    wanted = [extra for extra in extras_of(contract, operation) if extra.name in names]
    flags = {extra.parameter: extra.value for extra in wanted if not extra.parameter.endswith("[]")}
    lists = {extra.parameter for extra in wanted} - flags.keys()
    values = {name: [extra.value for extra in wanted if extra.parameter == name] for name in sorted(lists)}
    return {**flags, **{name.removesuffix("[]"): several for name, several in values.items()}}


def _extras(contract: ApiContract, operation: Operation) -> Iterator[Extra]:
    for definition, _ in parameters(contract, operation):
        name = definition["name"]
        if definition["in"] != "query":
            continue
        schema, _ = contract.schemas.resolve(definition.get("schema", {}), "")
        if name.startswith("include"):
            items, _ = contract.schemas.resolve(schema.get("items", schema), "")
            yield from (Extra(str(value), name, str(value)) for value in items.get("enum", ()))
        elif name.startswith("with") and name[4:5].isupper() and schema.get("type") == "boolean":
            yield Extra(name[4].lower() + name[5:], name, "true")


def unasked_violations(
    extras: Sequence[Extra], asked: Extra | None, items: Sequence[JsonObject]
) -> Iterator[Violation]:
    """Includes that are returned though they were not requested; `asked` is the one that was."""
    for extra in extras:
        if extra == asked or extra.name in _MAY_BE_UNASKED:
            continue
        shown = [item[extra.name] for item in items if item.get(extra.name)]
        if shown:
            unless = f"{extra.parameter}={extra.value}"
            request = f"{asked.parameter}={asked.value}" if asked else "nothing"
            message = f"{extra.name} is returned when {request} is requested"
            yield INCLUDE_UNASKED.violation(
                message, f"/data/{extra.name}", expected=f"left out unless {unless}", actual=shown[0]
            )


def ignored_violations(answers: Mapping[Extra, Sequence[JsonObject]]) -> Iterator[Violation]:
    """Parameters that do nothing: each include was requested alone, and no response has any of them."""
    judged = {extra: items for extra, items in answers.items() if items and extra.name not in _MAY_BE_MISSING}
    for parameter in _parameters(judged):
        asked = [extra for extra in judged if extra.parameter == parameter]
        if not any(extra.name in item for extra in asked for item in judged[extra]):
            names = ", ".join(extra.name for extra in asked)
            message = f"{parameter} does nothing: no response has {names}"
            yield INCLUDE_IGNORED.violation(
                message, f"query {parameter}", expected=f"some of {names}", actual="none", kind="alone"
            )


def unshown(answers: Mapping[Extra, Sequence[JsonObject]]) -> list[Extra]:
    """Includes that no item shows, though each was requested alone; there may be nothing to show."""
    judged = (extra for extra, items in answers.items() if items and extra.name not in _MAY_BE_MISSING)
    return [extra for extra in judged if not _shows(extra, answers[extra])]


def reads_of(contract: ApiContract, operation: Operation, extra: Extra) -> Iterator[tuple[Operation, dict[str, str]]]:
    """Reads of one item, each with its query, that show what an include shows: its own path, or with the same include.

    `.../circuits/v2.0/{circuit}/soc-priorities` is the path of `include[]=socPriorities`.
    """
    collection = operation.path.rpartition("/{")[0] if operation.path.endswith("}") else operation.path
    for other in contract.specification.operations:
        item, _, last = other.path.rpartition("}")
        is_of_item = other.method == "GET" and f"{item}}}".rpartition("/{")[0] == collection
        if is_of_item and last and last[1:].replace("-", "").casefold() == extra.name.casefold():
            yield other, {}
        elif is_of_item and not last and other != operation and extra in extras_of(contract, other):
            yield other, {extra.parameter: extra.value}


def unshown_violation(extra: Extra, other: Operation) -> Violation:
    """The violation of an include that shows nothing of an item, while another read of it does."""
    message = f"{extra.parameter}={extra.value} shows no {extra.name}, which {other.label} has"
    place = f"query {extra.parameter} {extra.value}"
    return INCLUDE_IGNORED.violation(message, place, expected=extra.name, actual="none", kind="elsewhere")


def shown_together(answers: Mapping[Extra, Sequence[JsonObject]]) -> dict[str, list[Extra]]:
    """Includes that were returned when requested alone: by parameter, where that takes several, two or more."""
    shown = [extra for extra, items in answers.items() if extra.parameter.endswith("[]") and _shows(extra, items)]
    together = {
        parameter: [extra for extra in shown if extra.parameter == parameter] for parameter in _parameters(shown)
    }
    return {parameter: extras for parameter, extras in together.items() if len(extras) > 1}


def dropped_violations(asked: Sequence[Extra], items: Sequence[JsonObject]) -> Iterator[Violation]:
    """Includes that are returned alone and missing when several of the parameter are requested together."""
    missing = [extra.name for extra in asked if not _shows(extra, items)]
    if items and missing:
        names = ", ".join(extra.value for extra in asked)
        message = f"{', '.join(missing)} is missing when {names} are requested together"
        place, expected = f"query {asked[0].parameter}", f"each of {names}"
        yield INCLUDE_IGNORED.violation(message, place, expected=expected, actual=f"no {missing[0]}", kind="together")


def lost_violations(
    extra: Extra, where: str, shown: Sequence[JsonObject], items: Sequence[JsonObject]
) -> Iterator[Violation]:
    """Items that show an include when it is requested alone, and not `where` it is requested with something else."""
    having = {str(item["id"]) for item in shown if item.get(extra.name) and "id" in item}
    for item in items:
        if str(item.get("id")) in having and not item.get(extra.name):
            message = f"{extra.parameter}={extra.value} shows no {extra.name} of item {item['id']} {where}"
            place = f"query {extra.parameter} {extra.value}"
            yield INCLUDE_IGNORED.violation(message, place, expected=extra.name, actual="none", kind=where)
            return


def _shows(extra: Extra, items: Sequence[JsonObject]) -> bool:
    return any(item.get(extra.name) for item in items)


def _parameters(extras: Iterable[Extra]) -> Iterable[str]:
    return dict.fromkeys(extra.parameter for extra in extras)
