"""A suite of a few items that end in every way there is, run by pytest as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.ended_run import Run

#: Every secret in the small suite holds this.
CANARY = "canary-7f3a"
TOKEN = f"{CANARY}-token"

_CONFTEST = 'pytest_plugins = ["ampeco_conformance.plugin"]\n'
_CONTRACT_TEST = f'''
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.checks import scenario_check
from ampeco_conformance.core.findings import ContractViolation, Finding


def test_operation(operation, client, record):
    """The operation answers."""
    record.expect_conformance(client.send("GET", operation.path))


def test_echo(operation, client, record):
    """The operation keeps secrets."""
    client.send("GET", operation.path)
    exchanges = [
    Exchange(
        Request(
            "POST",
            "https://api.test/users?access_token={CANARY}-query&page=1",
            (("Authorization", "Bearer {TOKEN}"), ("Cookie", "{CANARY}-cookie"), ("Accept", "*/*")),
            b'{{"name": "Ann", "password": "{CANARY}-request"}}',
        ),
        Response(
            500,
            "Internal Server Error",
            (("Content-Type", "application/json"), ("Set-Cookie", "{CANARY}-set-cookie")),
            b'{{"data": {{"clientSecret": "{CANARY}-response"}}, "sent": "{CANARY}-request"}}',
        ),
        1_700_000_000.0,
        0.25,
    )
    for _ in range(4)
    ]
    raise ContractViolation(
        [
            Finding(
                scenario_check("no-secrets").violation(
                    "number {{}} {CANARY}-response is shown".format(number),
                    "/data/clientSecret",
                    expected="nothing",
                    actual="{CANARY}-response",
                    source="/paths/~1users/post",
                ),
                operation.label,
                "3.90.0",
                exchanges[number // 2],
            )
            for number in range(7)
        ]
    )
'''
_STORY = f'''
"""A story about reports.

Business rule: nothing vanishes.
"""

import allure
import pytest


@allure.step("Sign in as {{name}}")
def sign_in(name, password):
    allure.dynamic.parameter("password", password)


@allure.title("A story with a title")
@allure.severity(allure.severity_level.BLOCKER)
@allure.link("https://tickets.test/17?token={CANARY}-link", name="ticket 17")
def test_steps(client, show_exchange):
    with allure.step("The taxes are read"):
        show_exchange(client.send("GET", "/public-api/resources/taxes/v2.0"))
        with allure.step("Inner"):
            allure.attach('{{"secret": "{CANARY}-attached"}}', "notes", allure.attachment_type.JSON)
    sign_in("Ann", "{CANARY}-password")
    allure.dynamic.tag("chosen")


def test_that_is_skipped(target):
    with allure.step("A place is looked for"):
        pytest.skip("the target has no place")


@pytest.fixture
def broken(target):
    raise KeyError("{TOKEN}")


def test_whose_setup_breaks(broken):
    pass


@pytest.fixture
def breaks_at_its_end(target):
    yield
    raise OSError("could not clean up")


def test_that_fails_and_cannot_clean_up(breaks_at_its_end):
    print("printed: {TOKEN}")
    assert "{TOKEN}" == "another"


@pytest.mark.parametrize("way", ["by card", "by cash"])
def test_variants(target, way):
    pass
'''
_ENDS = """
import os


def test_before(target):
    pass


def test_that_{name}(target):
    {statement}


def test_never_begun(target):
    pass
"""


#: Only the plugins in use are loaded, as in the project: those of all libraries cost a second of every process.
_SETTINGS = """
[pytest]
addopts = --disable-plugin-autoload -p xdist -p allure_pytest
"""


def run_small_suite(folder: Path, *arguments: str) -> Run:
    """Run the items that end in every way."""
    return _run(
        folder, {"contract_tests/test_secrets.py": _CONTRACT_TEST, "scenarios/test_story.py": _STORY}, arguments
    )


def run_suite_that_ends_early(folder: Path, name: str, statement: str, *arguments: str) -> Run:
    """Run three items of which the second executes a statement that ends the process."""
    return _run(folder, {"scenarios/test_end.py": _ENDS.format(name=name, statement=statement)}, arguments)


def _run(folder: Path, files: dict[str, str], arguments: tuple[str, ...]) -> Run:
    for name, content in {**files, "conftest.py": _CONFTEST, "pytest.ini": _SETTINGS}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    folders = sorted({name.partition("/")[0] for name in files})
    command = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib", *folders]
    process = subprocess.run(
        [*command, "--operation", "GET */taxes/v2.0", *arguments],
        cwd=folder,
        env={**os.environ, "AMPECO_EMULATOR_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
    )
    reports = folder / "reports"
    own = folder / arguments[arguments.index("--alluredir") + 1] if "--alluredir" in arguments else None
    return Run(process.returncode, process.stdout + process.stderr, reports, own or reports / "allure-results")
