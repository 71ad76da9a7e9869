"""Adds a check: `python -m tools.new_check etag_matches`.

Writes its declaration with the function that judges, and a unit test that fails until the function finds the
violation; prints what remains to be done.
"""

import argparse
import re
import sys
from pathlib import Path

from ampeco_conformance.checks.registry import CHECKS

ROOT = Path(__file__).resolve().parents[1]
_CHECKS = Path("src/ampeco_conformance/checks")
_TESTS = Path("tests/unit/checks")

_CHECK = '''"""{title}.

Source: name the document that says so.
"""

from collections.abc import Iterator

from ampeco_conformance.core.checks import Severity, Violation, declare
from ampeco_conformance.core.exchanges import Exchange

{constant} = declare(
    "{id}",
    title="{title}",
    severity=Severity.NORMAL,
    claim="State what the contract promises.",
    source="Name the document that says so.",
    aspect="{id}",
)


def {id}_violations(exchange: Exchange) -> Iterator[Violation]:
    """A violation when the response breaks the promise."""
    response = exchange.response
    if response is not None and breaks_promise(response.status_code):
        yield {constant}.violation("state the fact", actual=response.status_code)


def breaks_promise(status: int) -> bool:
    """Replace by the condition of the check."""
    return status < 0
'''
_TEST = '''"""{title}."""

from ampeco_conformance.checks.{id} import {id}_violations
from tests.support.small_contract import MakeAnswer


def test_a_response_that_breaks_the_promise_is_found(answer: MakeAnswer) -> None:
    exchange = answer("GET", "/users", 200, {{"data": []}})  # replace by a response that breaks the promise
    found = [violation.check.id for violation in {id}_violations(exchange)]
    assert found == ["{id}"], "write the condition of the check"


def test_a_response_that_keeps_the_promise_is_not(answer: MakeAnswer) -> None:
    assert list({id}_violations(answer("GET", "/users", 200, {{"data": []}}))) == []
'''
_REMAINING = """\
Wrote {check} and {test}. What remains:
1. Write the test, then the declaration and the condition, until this passes:
   .venv/bin/python -m pytest {test} -q
2. Use the function in contract_tests/test_{id}.py, or in another file, whose aspect (test_ASPECT.py) you then declare:
   record.expect_none(record.contract.findings(operation, exchange, {id}_violations(exchange)))
3. Update docs/reference/catalogue.md: .venv/bin/python -m tools.catalogue
4. Name the check in the facts that it judges, in facts/, and update the page: .venv/bin/python -m tools.facts
"""


def main() -> None:
    """Write the check and its test. Exits 2 with one line when the id is taken or malformed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("id", help="id of the check, such as etag_matches")
    id = parser.parse_args().id
    if not re.fullmatch(r"[a-z]+(_[a-z]+)+", id):
        parser.error(f"{id} is not an id of a check; write words with underscores: etag_matches")
    check, test = _CHECKS / f"{id}.py", _TESTS / f"test_{id}.py"
    if id in CHECKS or (ROOT / check).exists() or (ROOT / test).exists():
        parser.error(f"there is already a check {id}; choose another id")
    names = {"id": id, "constant": id.upper(), "title": id.replace("_", " ").capitalize()}
    (ROOT / check).write_text(_CHECK.format(**names), encoding="utf-8")
    (ROOT / test).write_text(_TEST.format(**names), encoding="utf-8")
    sys.stdout.write(_REMAINING.format(check=check, test=test, id=id))


if __name__ == "__main__":
    main()
