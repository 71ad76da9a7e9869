"""Several tenants in one run: a page with a section for each, and the worst exit code."""

import json
import re
from pathlib import Path

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.runs import TOKEN, conform

TAXES = "GET /public-api/resources/taxes/v2.0"


def tenants_file(folder: Path, **addresses: str) -> str:
    file = folder / "tenants.yaml"
    tenants = {name: {"base_url": url, "token_env": "SUITE_TOKEN"} for name, url in addresses.items()}
    file.write_text(json.dumps({"tenants": tenants}))
    return str(file)


def test_each_has_its_section_and_the_worst_decides(tmp_path: Path) -> None:
    with running_emulator("ampeco", "3.90.0", TOKEN) as base_url:
        file = tenants_file(tmp_path, good=base_url, down="http://127.0.0.1:9")
        few = ("--operation", TAXES, "--no-html", "--reports", str(tmp_path / "all"))
        both = ("--tenant", "good", "--tenant", "down", "--tenants-file", file)
        code, said = conform("run", *both, *few, "--", "-k", "test_operation")
    assert code == ExitCode.ENVIRONMENT, said
    page = (tmp_path / "all/index.html").read_text()
    sections = re.findall(r'<section id="(\w+)" class="panel ([\w-]+)">\s*<h2>\w+ <span class="chip">([A-Z ]+)<', page)
    assert sections == [("good", "partial", "KEPT IN PART"), ("down", "unknown", "NO VERDICT")]
    assert all((tmp_path / "all" / name / "index.html").exists() for name in ("good", "down"))
    assert (tmp_path / "all/verdict.md").read_text().count("\n# ") == 1


def test_a_wrong_name_is_refused_before_the_first_is_tested(tmp_path: Path) -> None:
    file = tenants_file(tmp_path, good="http://127.0.0.1:9")
    both = ("--tenant", "good", "--tenant", "goood", "--tenants-file", file)
    code, said = conform("run", *both, "--reports", str(tmp_path / "all"))
    assert code == ExitCode.CONFIGURATION
    assert "has no tenant 'goood', did you mean 'good'?" in said
    assert not (tmp_path / "all").exists()
