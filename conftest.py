"""Loads the suite's pytest plugin for contract_tests and scenarios."""

pytest_plugins = ["ampeco_conformance.plugin"]
