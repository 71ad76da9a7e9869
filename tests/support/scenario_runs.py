"""Runs scenarios and contract tests in this process, against a server that is already there."""

import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.plugin.results import result_of
from ampeco_conformance.reporting.writers.allure_results import AllureResults

ROOT = Path(__file__).parents[2]
API_VERSION = "3.90.0"
TOKEN_VARIABLE = "CONFORM_TEST_TOKEN"


class Outcomes:
    """Collects what became of each item: its name, outcome and message, and its result as it is written."""

    def __init__(self) -> None:
        self.collected: list[str] = []
        self.passed: list[str] = []
        self.skipped: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.results: list[ItemResult] = []

    def __repr__(self) -> str:
        return f"passed: {self.passed}, skipped: {self.skipped}, failed: {self.failed}"

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep what was selected."""
        self.collected = [item.nodeid for item in session.items]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of an item: that of its call, or of a set-up that did not get so far."""
        if result := result_of(report):
            self.results.append(result)
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.failed[report.nodeid] = crash.message if crash else report.longreprtext
        elif report.skipped:
            self.skipped[report.nodeid] = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        elif report.when == "call":
            self.passed.append(report.nodeid)


class Variant(NamedTuple):
    """Something under which scenarios run, those of a file whose names have all `words` (`told and finalized`)."""

    words: str
    active: Callable[[], AbstractContextManager[object]]


class _Variants:
    """A pytest plugin that runs every item once under each variant, and collects the outcomes of each variant."""

    def __init__(self, variants: Sequence[Variant]) -> None:
        self.outcomes = [Outcomes() for _ in variants]
        self._variants = variants
        self._of_item: dict[str, int] = {}

    @pytest.fixture(autouse=True)
    def variant(self, request: pytest.FixtureRequest) -> Iterator[None]:
        with self._variants[request.param].active():
            yield

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        metafunc.parametrize("variant", range(len(self._variants)), indirect=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        numbers = {item.nodeid: getattr(item, "callspec").params["variant"] for item in items}  # noqa: B009
        items[:] = [
            item
            for item in items
            if all(word in item.name for word in self._variants[numbers[item.nodeid]].words.split(" and "))
        ]
        self._of_item = {item.nodeid: numbers[item.nodeid] for item in items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.outcomes[self._of_item[report.nodeid]].pytest_runtest_logreport(report)


def run_scenarios(
    selection: str,
    base_url: str,
    *,
    api: str = "ampeco",
    api_version: str = API_VERSION,
    safety: str = "full",
    tenant: Mapping[str, object] | None = None,
) -> Outcomes:
    """Run the scenarios of a file, or those with a word in their name (`test_receipt.py -k balance`).

    The target is a one-off address, or a tenant there with these settings besides.
    """
    outcomes = Outcomes()
    path, _, words = selection.partition(" -k ")
    arguments = ["-k", words] if words else []
    with tempfile.TemporaryDirectory(prefix="scenarios-") as reports:
        if tenant is None:
            arguments += ["--base-url", base_url, "--token-env", TOKEN_VARIABLE]
        else:
            settings = {"base_url": base_url, "token_env": TOKEN_VARIABLE, "safety": safety, **tenant}
            tenants_file = Path(reports) / "tenants.yaml"
            tenants_file.write_text(json.dumps({"tenants": {"staging": settings}}))
            arguments += ["--tenant", "staging", "--tenants-file", str(tenants_file), "--yes-really"]
        arguments += ["--api", api, "--api-version", api_version, "--safety", safety]
        said = _run(ROOT / "scenarios" / path, reports, arguments, outcomes)
    assert outcomes.passed or outcomes.skipped or outcomes.failed, said
    return outcomes


def run_under_variants(
    file: str, base_url: str, variants: Sequence[Variant], *, api: str = "ampeco", api_version: str = API_VERSION
) -> list[Outcomes]:
    """Run the scenarios of a file under each variant, all in one session; gives the outcomes of each variant."""
    arguments = ["--api", api, "--api-version", api_version]
    return _run_variants(ROOT / "scenarios" / file, base_url, variants, arguments)


def run_contract_tests(
    base_url: str, variants: Sequence[Variant], operations: Sequence[str], *, seed: int = 0
) -> list[Outcomes]:
    """Run contract tests of some operations under each variant, all in one session; gives the outcomes of each."""
    arguments = [
        "--api-version",
        API_VERSION,
        "--seed",
        str(seed),
        *(f"--operation={pattern}" for pattern in operations),
    ]
    return _run_variants(ROOT / "contract_tests", base_url, variants, arguments)


def collected(file: str, *arguments: str) -> list[str]:
    """The node ids of a file of the suite that pytest would run with these arguments."""
    outcomes = Outcomes()
    with tempfile.TemporaryDirectory(prefix="scenarios-") as reports:
        _run(ROOT / file, reports, ["--collect-only", *arguments], outcomes)
    return outcomes.collected


def _run_variants(path: Path, base_url: str, variants: Sequence[Variant], arguments: list[str]) -> list[Outcomes]:
    plugin = _Variants(variants)
    arguments = [*arguments, "--base-url", base_url, "--token-env", TOKEN_VARIABLE, "--safety", "full"]
    with tempfile.TemporaryDirectory(prefix="scenarios-") as reports:
        said = _run(path, reports, arguments, plugin)
    for variant, outcomes in zip(variants, plugin.outcomes, strict=True):
        assert outcomes.passed or outcomes.skipped or outcomes.failed, f"no item has {variant.words!r}: {said}"
    return plugin.outcomes


def _run(path: Path, reports: str, arguments: list[str], plugin: object) -> str:
    """Run pytest; gives what it printed. The exchanges are in no report: what becomes of the items is looked at."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as said, redirect_stderr(said):
        patch.setattr(AllureResults, "attach_exchange", lambda *_: None)
        pytest.main(
            [
                str(path),
                *("--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "-q", "--reports", reports),
                # Costly, and of no use within a session that does the same: collecting garbage, annotating tracebacks.
                *("-p", "no:cacheprovider", "-p", "no:unraisableexception", "--tb=native"),
                *("-p", "no:ampeco_conformance.plugin.memory"),
                *arguments,
            ],
            plugins=[plugin],
        )
    return said.getvalue()
