"""Finds the descriptors of all vendor APIs."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path, PurePath
from pkgutil import iter_modules

from ampeco_conformance.apis.descriptor import ApiDescriptor
from ampeco_conformance.core.errors import ConfigurationError

DEFAULT_API = "ampeco"


def _collected() -> Mapping[str, ApiDescriptor]:
    found: dict[str, ApiDescriptor] = {}
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.ispkg:
            api: ApiDescriptor = import_module(f"ampeco_conformance.apis.{module.name}").API
            if api.name in found:
                raise ValueError(f"two folders of ampeco_conformance.apis describe an API {api.name!r}")
            found[api.name] = api
    return found


APIS = _collected()
"""Every vendor API by name, in alphabetical order."""


def checked_api(name: str) -> str:
    """The name of an API. Raises ConfigurationError when there is none of that name."""
    if name not in APIS:
        raise ConfigurationError(f"unknown API {name!r}; known are {', '.join(APIS)}")
    return name


def describe(name: str) -> ApiDescriptor:
    """The descriptor of an API; for an unknown one, whose document a user imported, one without any exceptions."""
    return APIS.get(name) or ApiDescriptor(name=name, title=name, default_version="")


def owner_of_scenario(path: PurePath) -> ApiDescriptor:
    """The API that a file of scenarios tests, by its path from the project's root: the one with the closest folder."""
    owners = [api for api in APIS.values() if path.is_relative_to(api.scenario_folder)]
    return max(owners, key=lambda api: len(PurePath(api.scenario_folder).parts))


def without_prefix(label: str) -> str:
    """A label without what every path of its API begins with: `GET /resources/users/v1.0`."""
    for api in APIS.values():
        if api.path_prefix:
            label = label.replace(f"{api.path_prefix}/", "/")
    return label
