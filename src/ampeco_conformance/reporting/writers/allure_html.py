"""The HTML report: Allure 3 turns a run's results into one self-contained file."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.recorded_files import parsed_json
from ampeco_conformance.reporting.collapse import collapse_results
from ampeco_conformance.reporting.result_files import ResultFiles, read_result_files
from ampeco_conformance.reporting.writers.allure_install import ShowProgress, allure_command, needed_environment

CONFIGURATION = Path(__file__).with_name("allure_report")
_TIMEOUT = 300
_DROPPED = frozenset({"labels", "fullName", "message", "trace"})
# Allure's page sends statistics to Google Analytics and has no setting against it; a report must not.
_NO_NETWORK = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src data: blob: 'unsafe-inline' 'unsafe-eval'; form-action 'none'\">"
)

# Allure's page looks for the data within it before the browser may have read that far, and then fails to load now and
# then ("Failed to fetch", seen with 3.18); when this variable exists, it waits for them.
_WAIT_FOR_DATA = "<script>window.allureReportData = {};</script>"


def make_html(results_dir: Path, output_dir: Path, progress: ShowProgress, settings: Mapping[str, object]) -> Path:
    """Make `output_dir/index.html`, one file that needs no server, from the results and return its path.

    `settings` are the settings of the run (see allure_settings.py). The page needs no other file and no network.
    An older page is removed first: a report that cannot be made must not leave one of another run in its place.
    Raises TargetError, with one line, when Allure cannot be installed or fails; the results are untouched.
    """
    page = output_dir / "index.html"
    page.unlink(missing_ok=True)
    command = allure_command(CONFIGURATION, progress)
    files = read_result_files(results_dir)
    for file in files.damaged:
        progress(f"{file} is cut off or damaged, and left out of the HTML report")
    history = Path(str(settings.get("historyPath", "")))
    if history.is_file() and (lost := _shorten_history(history)):
        progress(f"{history} is cut off or damaged: {counted(lost, 'run')} left out of the trend")
    progress("generating the HTML report ...")
    options = ["--config", str(CONFIGURATION / "allurerc.mjs"), "--output", str(output_dir.resolve())]
    try:
        with TemporaryDirectory() as folder:
            configuration = Path(folder) / "run.json"
            known = str(Path(folder) / "known-issues.json")
            shown = collapse_results(results_dir, files, Path(folder) / "results")
            content = {**settings, "environments": list(_environments(files)), "knownIssuesPath": known}
            configuration.write_bytes(write_json(content))
            subprocess.run(
                [*command, "generate", *options, str(shown.resolve())],
                cwd=output_dir.resolve().parent,
                env={**needed_environment(), "CONFORM_RUN": str(configuration)},
                capture_output=True,
                text=True,
                check=True,
                timeout=_TIMEOUT,
            )
        _restrict(page)
        if history.is_file():
            _shorten_history(history)
    except subprocess.CalledProcessError as error:
        output = (error.stderr or error.stdout).strip().splitlines()
        raise TargetError(f"Allure could not generate the report: {output[-1] if output else error}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TargetError(f"Allure could not generate the report: {error}") from None
    return page


def _restrict(page: Path) -> None:
    """Make browsers refuse what the page would fetch or send, and make it wait for its own data."""
    content = page.read_text(encoding="utf-8")
    page.write_text(content.replace("<head>", f"<head>{_NO_NETWORK}{_WAIT_FOR_DATA}", 1), encoding="utf-8")


def _shorten_history(path: Path) -> int:
    """Keep of each result in Allure's history only what the trend needs: otherwise every run adds a few megabytes to
    every report. Allure does not start with a damaged line; returns how many were left out.
    """
    lines = path.read_bytes().splitlines()
    runs = [run for line in lines if _is_run(run := parsed_json(line))]
    for run in runs:
        run["testResults"] = {
            key: {name: value for name, value in result.items() if name not in _DROPPED}
            for key, result in run["testResults"].items()
        }
    unfinished = path.with_suffix(".tmp")
    unfinished.write_bytes(b"".join(write_json(run) + b"\n" for run in runs))
    unfinished.replace(path)
    return len(lines) - len(runs)


def _is_run(line: Any) -> bool:
    results = line.get("testResults") if isinstance(line, dict) else None
    return isinstance(results, dict) and all(isinstance(result, dict) for result in results.values())


def _environments(files: ResultFiles) -> Iterator[dict[str, str]]:
    """Version and target of the results: each pair is an environment of its own, never a retry of another."""
    found: set[tuple[str, str]] = set()
    for result in files.results.values():
        labels = {label["name"]: label.get("value", "") for label in result.get("labels", ())}
        found.add((labels.get("apiVersion", ""), labels.get("target", "")))
    for version, target in sorted(found):
        yield {
            "id": re.sub(r"[^A-Za-z0-9_-]", "-", f"{version}_{target}"),
            "name": f"{version} on {target}",
            "apiVersion": version,
            "target": target,
        }
