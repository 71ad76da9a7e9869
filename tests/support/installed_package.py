"""The project as an installed package: the wheel, in a folder of its own, without the checkout."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class InstalledPackage:
    """The commands of a wheel that is installed in `home`; libraries are those of the running environment."""

    home: Path

    def environment(self, cache: Path | None = None) -> dict[str, str]:
        """Of a process that finds the package before everything else."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CONFORM_"))}
        return {**kept, "PYTHONPATH": str(self.home), "XDG_CACHE_HOME": str(cache or self.home.parent / "cache")}

    def command(self, name: str, *arguments: str) -> list[str]:
        """A command that the wheel installs, as arguments of a process."""
        return [sys.executable, str(self.home / "bin" / name), *arguments]

    def run(self, folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a user's folder."""
        command = self.command(name, *arguments)
        return subprocess.run(
            command, cwd=folder, env=self.environment(), capture_output=True, text=True, check=False, timeout=300
        )

    def pytest(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pytest in a user's folder."""
        # Without the plugin of Schemathesis, which takes longer to import than all others together.
        command = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:schemathesis", *arguments]
        return subprocess.run(
            command, cwd=folder, env=self.environment(), capture_output=True, text=True, check=False, timeout=300
        )


def build(kind: str, folder: Path, source: Path = PROJECT) -> Path:
    """Build the sdist or the wheel of a source tree; returns the file."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (file,) = folder.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return file


def install(wheel: Path, home: Path) -> InstalledPackage:
    """Install a wheel, without its dependencies, in a folder."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run(
        [*pip, "--no-index", "--no-deps", "--target", str(home), str(wheel)], check=True, capture_output=True
    )
    return InstalledPackage(home)
