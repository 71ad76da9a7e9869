"""Defaults of tenants.yaml: what the command line leaves out, and nothing that could do more than it says."""

import json
from pathlib import Path
from typing import Any

import click
import pytest

from ampeco_conformance.cli.defaults import checked_defaults
from ampeco_conformance.cli.main import conform
from ampeco_conformance.core.errors import ConfigurationError

DEFAULTS = {"profile": "smoke", "timeout": 60, "operation": ["*/taxes/*"], "html": False, "safety": "read-only"}
TENANT = {"base_url": "https://t.example.com", "token_env": "TOKEN", "timeout": 5, "safety": "own-data"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tenants.yaml"
    file.write_text(json.dumps({"defaults": DEFAULTS, "tenants": {"staging": TENANT, "other": {**TENANT}}}))
    return file


def values(*arguments: str) -> dict[str, Any]:
    """The values of the options that a command gets."""
    with conform.make_context("conform", [*arguments]) as context:
        name, command, rest = conform.resolve_command(context, [*arguments])
        assert command is not None
        return command.make_context(name, rest, parent=context).params


def test_what_the_command_line_leaves_out_is_the_default(file: Path) -> None:
    given = values("run", "--tenants-file", str(file), "--profile", "nightly")
    assert (given["profile"], given["timeout"], given["html"], given["safety"]) == ("nightly", 60, False, "read-only")
    assert given["operation"] == ("*/taxes/*",)


def test_the_settings_of_the_tenant_go_before_but_not_its_safety(file: Path) -> None:
    given = values("run", f"--tenants-file={file}", "--tenant", "staging")
    assert (given["timeout"], given["safety"]) == (None, "read-only")


def test_other_commands_have_those_of_the_target_only(file: Path) -> None:
    given = values("detect", "--tenants-file", str(file))
    assert (given["timeout"], given["safety"]) == (60, "read-only")


@pytest.mark.parametrize(
    ("defaults", "named"),
    [
        ({"yes_really": True}, "`yes_really` counts on the command line only"),
        ({"header": "X-Key: a"}, "`header` counts on the command line only"),
        ({"tenant": "staging"}, "`tenant` counts on the command line only"),
        ({"safety": "full"}, "`safety: full` could raise the level of a target; only read-only is possible"),
        ({"safety": "own-data"}, "`safety: own-data` could raise the level of a target"),
        ({"profil": "smoke"}, "unknown key 'profil'; did you mean profile?"),
        ({"profile": "smok"}, "profile: must be one of smoke"),
        ({"workers": 0}, "workers: 0 is not a number from 1 to 64"),
        ({"html": "no"}, "html: must be true or false, not 'no'"),
        ({"seed": [1]}, "seed: must be a text or a number"),
        ({"proxy": ""}, "proxy: --proxy is empty"),
        ([1], "`defaults` must give values of options"),
    ],
)
def test_what_means_nothing_or_too_much_is_refused(defaults: Any, named: str, tmp_path: Path) -> None:
    file = tmp_path / "tenants.yaml"
    file.write_text(json.dumps({"defaults": defaults, "tenants": {"staging": TENANT}}))
    with pytest.raises(ConfigurationError) as refusal:
        checked_defaults(file)
    assert named in str(refusal.value)
    assert str(file) in str(refusal.value)


def test_help_is_shown_whatever_the_file_holds(tmp_path: Path) -> None:
    file = tmp_path / "tenants.yaml"
    file.write_text("a: [")
    with pytest.raises(click.exceptions.Exit):
        values("run", "--tenants-file", str(file), "--help")
