"""Fixtures of the specification store."""

from tests.support.spec_store import project, store  # noqa: F401 - fixtures
