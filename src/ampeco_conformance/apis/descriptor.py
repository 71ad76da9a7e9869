"""What the suite has to know about a vendor API that its OpenAPI document does not say."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from ampeco_conformance.apis.filter_meaning import FilterMeaning


@dataclass(frozen=True, slots=True)
class IdSource:
    """Where ids of a parameter come from: a listing, and the field of its items that holds the id."""

    collection: str
    field: str = "id"

    def identify(self, item: Mapping[str, Any]) -> str | int | None:
        """The id of an item of the listing, a field that is an object is known by its name; None when it has none.

        An empty text is none: in a path it would address the listing.
        """
        value = item.get(self.field)
        if isinstance(value, Mapping):
            value = value.get("name")
        return value if isinstance(value, str | int) and value != "" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceExceptions:
    """What the names of path parameters and fields do not tell about the resources they refer to.

    `references` maps fields that do not end like a reference, or may refer to several kinds, to the path parameters of
    those; an object with an `id` has the name of its field. `field_stems` maps the stem of a field (`operator` of
    `operatorId`) to the path parameter of its resource, `listed_elsewhere` a path parameter to the listing of another
    resource that names its ids. `below` does the same for some parameters of the paths that start with a prefix.
    `keys` are parameters that name an item by the field of the same name instead of its id. `id_fields` maps a
    collection to the field that holds the id of its items, where that is not `id`. A PUT to an item of a collection of
    `replaced` sets what it leaves out to its default. A creation in a collection of `leaving_traces` makes more than
    what can be deleted afterwards. `numbers_of_others` are fields of bodies, by a pattern of the path, that look like
    references but are numbers of another system.
    """

    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    field_stems: Mapping[str, str] = field(default_factory=dict)
    listed_elsewhere: Mapping[str, IdSource] = field(default_factory=dict)
    below: Mapping[str, Mapping[str, IdSource]] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    leaving_traces: frozenset[str] = frozenset()
    id_fields: Mapping[str, str] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()
    numbers_of_others: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feature:
    """What an operator may switch on: fields of bodies; without fields, all of some operations, by a pattern."""

    fields: frozenset[str] = frozenset()
    operations: str = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDependencies:
    """Which fields of a body are accepted only with others, or only sometimes.

    `companions` maps a field to the fields that are sent with it, None standing for any valid value. The fields of
    `conditional` may be refused: the operator may not allow them, or they need a record in a certain state. `features`
    are what an operator may switch on, by the names that `features` in tenants.yaml takes. `values` are those of a text
    that is not free, and not an enum either.
    """

    companions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    conditional: frozenset[str] = frozenset()
    features: Mapping[str, Feature] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_features(self, names: Collection[str]) -> "FieldDependencies":
        """The dependencies where these features are on, so that their fields must be accepted."""
        return replace(self, conditional=self.conditional.difference(*(self.features[name].fields for name in names)))


class Effect(StrEnum):
    """The effect of an operation on a tenant; the values complete "this operation ..."."""

    READ = "reads"
    ACTING_READ = "acts although it is a GET"
    CREATE = "creates"
    CHANGE = "changes"
    DELETE = "deletes"
    ACTION = "acts on a resource"
    MONEY = "moves money or sends invoices"
    DEVICE = "commands hardware"


@dataclass(frozen=True, slots=True)
class OperationEffect:
    """The effect of the operations with a method and a path of a pattern."""

    method: str
    pattern: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class EquipmentAction:
    """An action on test equipment that scenarios may use at own-data, by a pattern of its path.

    `evses` reads the EVSEs that it can use: one of them has to be available. `named_by` is the field of an EVSE that
    the parameter `evse` of the path has, where that is not its id.
    """

    pattern: str
    evses: str | None = None
    named_by: str | None = None


@dataclass(frozen=True, slots=True)
class IndirectCreation:
    """An operation whose path does not tell what it creates, by a pattern of its path.

    The item is listed in `collection`. The answer has its id in the field `answered`, or several in a list; without one
    it is recognised by `shown`, which maps its fields to parameters of the path or fields of the request or the answer.
    """

    pattern: str
    collection: str
    answered: str
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an item of a collection that the API cannot delete is brought to an end: by a POST of `body` to `path`.

    The path is filled in with fields of the item; `names_id` is the field of the body that has its id. The item is over
    when its status is none of `open_statuses`.
    """

    collection: str
    open_statuses: frozenset[str]
    path: str
    body: Mapping[str, Any]
    names_id: str | None = None


class Opposite(NamedTuple):
    """An action that another undoes, by a part of its path: the one with `value` in a field by that with `other`."""

    path: str
    field: str
    value: Any
    other: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiDescriptor:
    """One vendor API.

    `default_version` is tested when no version is named. `published_at` is the URL of the vendor's own document, None
    when there is none. `path_prefix` starts every path; `error_key` is in the JSON object of every error, and the
    first of `envelope` in that of every success that documents only some of these. The header `version_header` tells
    the version of the application. `effects` are those that the methods of operations do not tell. `equipment_actions`
    may be used on test equipment; `indirect_creations` make something that their path does not tell, and `endings` end
    what cannot be deleted. `opposites` undo actions; operations of the patterns of `state_bound` refuse objects
    that are not in a state that no listing promises; `unset_values` are those of fields that were never set and cannot
    be set to null. `scenario_folder` is relative to the project, `resources` the exceptions of its resource map,
    `fields` what its bodies require beyond their schemas, `filters` what its filters mean beyond their names. A call
    without a token is answered with `unauthenticated`, in whatever case and punctuation; None when the wording is
    unknown. A method that a path does not have is answered with a status of `unsupported_method`. `policy` is the file
    of `policies/` with what the vendor promises; `strict` has no promises. `other_paths` are served beside the
    operations of its documents; at `token_path` one gets tokens for client credentials. Listings that have a cursor
    are no longer read page by page from `page_style_ends` on. Which operations are deprecated is known from the
    version `deprecations_known_from` on. A refusal whose message has one of `not_enabled` says that the operator has
    not switched a feature on.
    """

    name: str
    title: str
    default_version: str
    published_at: str | None = None
    path_prefix: str = ""
    error_key: str = "message"
    envelope: tuple[str, ...] = ()
    version_header: str = "X-App-Version"
    unauthenticated: str | None = None
    unsupported_method: frozenset[int] = frozenset({404, 405, 501})
    deprecations_known_from: str = ""
    policy: str = "strict"
    scenario_folder: str = ""
    effects: tuple[OperationEffect, ...] = ()
    equipment_actions: tuple[EquipmentAction, ...] = ()
    indirect_creations: tuple[IndirectCreation, ...] = ()
    endings: tuple[Ending, ...] = ()
    opposites: tuple[Opposite, ...] = ()
    state_bound: tuple[str, ...] = ()
    unset_values: Mapping[str, Any] = field(default_factory=dict)
    resources: ResourceExceptions = field(default_factory=ResourceExceptions)
    filters: tuple[FilterMeaning, ...] = ()
    fields: FieldDependencies = field(default_factory=FieldDependencies)
    other_paths: frozenset[str] = frozenset()
    token_path: str | None = None
    page_style_ends: date | None = None
    not_enabled: tuple[str, ...] = ()
