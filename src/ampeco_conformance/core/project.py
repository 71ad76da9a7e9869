"""Where this project is, and of which commit."""

import subprocess
from functools import cache
from pathlib import Path

#: The folder that holds `conform`, `contract_tests`, `scenarios` and `tenants.yaml`.
PROJECT = Path(__file__).resolve().parents[3]


@cache
def commit(project: Path = PROJECT) -> str:
    """The commit that is checked out; empty when the project is no git checkout, or there is no git."""
    if not (project / ".git").exists():
        return ""
    # A checkout in a container often belongs to somebody else.
    command = ["git", "-c", f"safe.directory={project}", "-C", str(project), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
