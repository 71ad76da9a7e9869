"""Contract tests, scenarios and version comparison for the AMPECO Public API and the Spirii API."""

__version__ = "0.1.0"
