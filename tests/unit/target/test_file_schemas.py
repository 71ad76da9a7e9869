"""The JSON Schemas of the files that users write agree with what reads them."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from ampeco_conformance.apis import APIS
from ampeco_conformance.cli.defaults import KEYS
from ampeco_conformance.cli.lint import problem_in
from ampeco_conformance.core.checks import Strictness
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.target.safety import Permission, Safety
from ampeco_conformance.target.tenants_file import Tenant
from ampeco_conformance.triage.known_issues import KnownIssue

KINDS = ("tenants", "strictness", "known_issues")
TENANT = {"base_url": "https://t.example.com", "token_env": "TOKEN"}
LISTS = (("strictness", "rules"), ("known_issues", "issues"))
RULE = {"check": "pagination_*", "strictness": "off", "reason": "why"}
ISSUE = {
    "check": "response_schema_conformance",
    "operation": "GET */taxes/*",
    "versions": "*",
    "tenant": "staging",
    "fingerprint": "0123456789ab",
    "reason": "why",
    "owner": "me",
    "ticket": "T-1",
    "expires": "2020-01-31",
}


def schema(kind: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((PROJECT / "schemas" / f"{kind}.schema.json").read_text())
    return content


def tenants(**settings: Any) -> dict[str, Any]:
    return {"tenants": {"staging": TENANT | settings}}


@pytest.mark.parametrize(
    ("kind", "content", "is_valid"),
    [
        ("tenants", tenants(), True),
        ("tenants", tenants(safety="own-data", permissions=["money"], production=False, timeout=3), True),
        ("tenants", tenants(ids={"location": [3, "x"]}, test_equipment={"evse": [1]}), True),
        ("tenants", tenants(limited_token={"token_env": "OTHER", "partnerId": 7}, api_version="3.90.0"), True),
        ("tenants", tenants(keep_free=0, not_enabled=["Module inactive"]), True),
        ("tenants", tenants(keep_free=0.2), False),
        ("tenants", tenants(not_enabled=["off"]), False),
        ("tenants", tenants(limited_token={"token_env": "OTHER", "partnerId": 0}), False),
        ("tenants", tenants(saftey="full"), False),
        ("tenants", tenants(safety="reckless"), False),
        ("tenants", tenants(token_env="secret-token"), False),
        ("tenants", tenants(api_version=3.9), False),
        ("tenants", tenants(test_equipment={"location": [1]}), False),
        ("tenants", tenants(webhook_port=70000), False),
        ("tenants", tenants() | {"defaults": {"profile": "smoke", "safety": "read-only", "min_reached": "95%"}}, True),
        ("tenants", tenants() | {"defaults": {"operation": ["*/taxes/*"], "html": False, "workers": 2}}, True),
        ("tenants", tenants() | {"defaults": {"safety": "own-data"}}, False),
        ("tenants", tenants() | {"defaults": {"yes_really": True}}, False),
        ("tenants", tenants() | {"defaults": {"profile": "smok"}}, False),
        ("tenants", tenants() | {"defaults": {"seed": 0, "time_limit": "90m", "min_coverage": "filters=95%"}}, True),
        *(
            ("tenants", tenants() | {"defaults": {key: value}}, False)
            for key in ("max_failures", "max_requests", "requests_per_minute", "workers")
            for value in (0, -1, 1.5, "many", "95%")
        ),
        *(
            ("tenants", tenants() | {"defaults": {key: value}}, False)
            for key in ("seed", "min_reached", "timeout", "time_limit", "min_coverage")
            for value in ("many", "5 %%", "1 day")
        ),
        ("tenants", {"tenants": {}}, False),
        ("tenants", {"tenants": {"with space": TENANT}}, False),
        ("strictness", {"rules": []}, True),
        ("strictness", {"rules": [RULE | {"operation": "GET *", "versions": "3.66.0..3.90.0"}]}, True),
        ("strictness", {"rules": [RULE | {"strictness": "lax"}]}, False),
        ("strictness", {"rules": [{"check": "pagination_*", "strictness": "off"}]}, False),
        ("strictness", {"rulez": []}, False),
        *((kind, {key: wrong}, False) for kind, key in LISTS for wrong in (False, 0, "", {}, "x", {"check": "x"})),
        *((kind, {key: None}, True) for kind, key in LISTS),
        ("known_issues", {"issues": []}, True),
        ("known_issues", {"issues": [ISSUE]}, True),
        ("known_issues", {"issues": [ISSUE | {"expires": "soon"}]}, False),
        ("known_issues", {"issues": [ISSUE | {"severity": "low"}]}, False),
        ("known_issues", {"issues": [{**ISSUE, "owner": None}]}, False),
    ],
)
def test_a_schema_judges_as_the_reader_does(tmp_path: Path, kind: str, content: Any, is_valid: bool) -> None:
    file = tmp_path / f"{kind}.yaml"
    file.write_text(yaml.safe_dump(content))
    assert jsonschema_rs.is_valid(schema(kind), content) is is_valid
    assert (problem_in(file) is None) is is_valid


def test_the_schemas_name_every_key_and_value_that_the_readers_know() -> None:
    tenant = schema("tenants")["$defs"]["tenant"]["properties"]
    assert tenant.keys() == {field.name for field in fields(Tenant)}
    assert tenant["safety"]["enum"] == [*Safety]
    assert sorted(tenant["permissions"]["items"]["enum"]) == sorted(Permission)
    assert sorted(tenant["api"]["enum"]) == sorted(APIS)
    assert schema("tenants")["properties"]["defaults"]["properties"].keys() == KEYS.keys()
    rule = schema("strictness")["properties"]["rules"]["items"]["properties"]
    assert sorted(rule["strictness"]["enum"]) == sorted(Strictness)
    issue = schema("known_issues")["properties"]["issues"]["items"]["properties"]
    assert issue.keys() == {field.name for field in fields(KnownIssue)}


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_files_fit_and_name_their_schema(kind: str) -> None:
    name = "tenants.example.yaml" if kind == "tenants" else f"{kind}.yaml"
    templates = PROJECT / "src/ampeco_conformance/cli/user_project"
    for file, folder in ((PROJECT / name, "schemas"), (templates / f"{kind}.yaml", "conformance/schemas")):
        text = file.read_text()
        assert text.startswith(f"# yaml-language-server: $schema={folder}/{kind}.schema.json\n")
        assert jsonschema_rs.is_valid(schema(kind), yaml.safe_load(text))
        assert problem_in(file) is None


def test_the_pre_commit_hook_runs_lint_on_these_files() -> None:
    (hook,) = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["entry"], hook["language"]) == ("conform lint", "python")
    assert all(kind in hook["files"] for kind in KINDS)
