"""Where this project is."""

from pathlib import Path

#: The folder that holds `conform`, `contract_tests`, `scenarios` and `tenants.yaml`.
PROJECT = Path(__file__).resolve().parents[3]
