"""Adds a scenario: `python -m tools.new_scenario voucher_expires --defect voucher-twice`.

Writes a file of scenarios whose test fails until it is written, and notes the defect of the emulator that it must
notice; prints what remains to be done.
"""

import argparse
import re
import sys
from pathlib import Path

from ampeco_conformance.emulator_client.process import listed_defects

ROOT = Path(__file__).resolve().parents[1]
_NOTICED = Path("tests/support/noticed.py")
_TABLE_ENDS = "\n}\n"

_SCENARIO = '''"""{title}.

Business rule: state the rule in a sentence.
Documented: name the operations, statuses and fields that the vendor documents.
"""

from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi

pytestmark = NORMAL

TAXES = "/resources/taxes/v2.0"


def test_{name}(api: ScenarioApi) -> None:
    """{title}."""
    with step("The taxes are listed"):
        taxes = api.get(TAXES)
        taxes.require(is_as_expected(taxes.status), "{rule}", "write the steps and the rule of the scenario")


def is_as_expected(status: int) -> bool:
    """Replace by the condition of the rule."""
    return status < 0
'''
_REMAINING = """\
Wrote {file}; {noticed} names the defect that it must notice. What remains:
1. Write the rule, its source and the steps, with the vocabulary of scenarios/vocabulary/, until this passes:
   .venv/bin/python -m pytest {file} -q
2. See that it notices the defect:
   .venv/bin/python -m pytest tests/integration/scenarios/test_defects.py -q -k {name}
3. Update docs/reference/catalogue.md: .venv/bin/python -m tools.catalogue
4. Name the scenario in the facts that it judges, in facts/, and update the page: .venv/bin/python -m tools.facts
"""


def main() -> None:
    """Write the scenario. Exits 2 with one line when the name is taken or malformed, or the defect unknown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name", help="what the scenario shows, such as voucher_expires")
    parser.add_argument("--defect", required=True, help="defect of the emulator that breaks the rule")
    options = parser.parse_args()
    name, file = options.name, Path("scenarios") / f"test_{options.name}.py"
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name):
        parser.error(f"{name} is not a name of a scenario; write words with underscores: voucher_expires")
    if (ROOT / file).exists():
        parser.error(f"there is already a scenario {file}; choose another name")
    if options.defect not in {defect.name for defect in listed_defects()}:
        parser.error(f"unknown defect {options.defect}; ./conform emulator --list-defects lists them")
    text = _SCENARIO.format(name=name, rule=name.replace("_", "-"), title=name.replace("_", " ").capitalize())
    (ROOT / file).write_text(text, encoding="utf-8")
    table, end, rest = (ROOT / _NOTICED).read_text(encoding="utf-8").partition(_TABLE_ENDS)
    line = f'\n    "{file.name}": {{"{options.defect}": "{name}"}},'
    (ROOT / _NOTICED).write_text(table + line + end + rest, encoding="utf-8")
    sys.stdout.write(_REMAINING.format(file=file, noticed=_NOTICED, name=name))


if __name__ == "__main__":
    main()
