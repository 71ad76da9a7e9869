"""The Spirii API."""

from ampeco_conformance.apis.descriptor import ApiDescriptor

API = ApiDescriptor(
    name="spirii",
    title="Spirii API",
    default_version="v1",
    error_key="error",
    scenario_folder="scenarios/spirii",
)
