"""What the suite has to know about a vendor API that its OpenAPI document does not say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class IdSource:
    """Where ids of a parameter come from: a listing, and the field of its items that holds the id."""

    collection: str
    field: str = "id"

    def identify(self, item: Mapping[str, Any]) -> str | int | None:
        """The id of an item of the listing; a field that is an object is known by its name."""
        value = item.get(self.field)
        if isinstance(value, Mapping):
            value = value.get("name")
        return value if isinstance(value, str | int) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceExceptions:
    """What the names of path parameters and fields do not tell about the resources they refer to.

    `field_stems` maps the stem of a field (`operator` of `operatorId`) to the path parameter of its resource,
    `listed_elsewhere` a path parameter to the listing of another resource that names its ids. `below` does the same for
    some parameters of the paths that start with a prefix. `keys` are parameters that name an item by the field of the
    same name instead of its id. `id_fields` maps a collection to the field that holds the id of its items, where that
    is not `id`. A creation in a collection of `leaving_traces` makes more than what can be deleted afterwards.
    `numbers_of_others` are fields of bodies, by a pattern of the path, that look like references but are numbers of
    another system.
    """

    field_stems: Mapping[str, str] = field(default_factory=dict)
    listed_elsewhere: Mapping[str, IdSource] = field(default_factory=dict)
    below: Mapping[str, Mapping[str, IdSource]] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    leaving_traces: frozenset[str] = frozenset()
    id_fields: Mapping[str, str] = field(default_factory=dict)
    numbers_of_others: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EquipmentAction:
    """An action on test equipment that scenarios may use at own-data, by a pattern of its path.

    What it creates has its id in the field `created` of the answer, and is listed in `collection`.
    """

    pattern: str
    created: str | None = None
    collection: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiDescriptor:
    """One vendor API.

    `default_version` is tested when no version is named. `published_at` is the URL of the vendor's own document, None
    when there is none. `path_prefix` starts every path; `error_key` is in the JSON object of every error. The header
    `version_header` tells the version of the application. `equipment_actions` may be used on test equipment.
    `scenario_folder` is relative to the project, `resources` the exceptions of its resource map. A call without a token
    is answered with `unauthenticated`, in whatever case and punctuation; None when the wording is unknown. A method
    that a path does not have is answered with a status of `unsupported_method`. `policy` is the file of `policies/`
    with what the vendor promises; `strict` has no promises.
    """

    name: str
    title: str
    default_version: str
    published_at: str | None = None
    path_prefix: str = ""
    error_key: str = "message"
    version_header: str = "X-App-Version"
    unauthenticated: str | None = None
    unsupported_method: frozenset[int] = frozenset({404, 405, 501})
    policy: str = "strict"
    scenario_folder: str = ""
    equipment_actions: tuple[EquipmentAction, ...] = ()
    resources: ResourceExceptions = field(default_factory=ResourceExceptions)
