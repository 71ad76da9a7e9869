"""A file with a secret that redaction missed leaves the report, and the rest is published."""

import stat
from pathlib import Path

import orjson
import pytest

from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.drift.log import masked
from ampeco_conformance.reporting.secret_scan import quarantine_secrets

TOKEN = "canary/token+1"


@pytest.fixture(autouse=True)
def _private_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "reports" / "allure-results").mkdir(parents=True)
    return tmp_path / "reports"


@pytest.mark.parametrize(
    ("content", "personal", "leaks"),
    [
        (f"x {TOKEN}", False, True),
        ("?q=canary%2Ftoken%2B1", False, True),
        ("Bearer ***", False, False),
        ("annika@ampeco.example.de", True, True),
        ("annika@ampeco.example.de", False, False),
        ("conform-1@example.com", True, False),
        ("conform-1@example.com.evil.org", True, True),
        ("test_operation[GET /users/v1.0-v3.90.0@staging.ampeco.tech]", True, False),
        (masked("Ada.Lovelace+9@customer-1.dk"), True, False),
    ],
)
def test_a_file_with_a_secret_is_moved_to_a_private_folder(
    content: str, personal: bool, leaks: bool, reports: Path
) -> None:
    leaking, other = reports / "allure-results" / "1-attachment.txt", reports / "run.json"
    leaking.write_text(content)
    other.write_text("{}")
    quarantine = quarantine_secrets(reports, Redactor([TOKEN], tenant=TenantData() if personal else None))
    assert other.read_text() == "{}"
    assert leaking.exists() is not leaks
    assert (quarantine is not None) is leaks
    if quarantine is not None:
        assert "allure-results/1-attachment.txt" in str(quarantine)
        assert content not in str(quarantine)
        assert (quarantine.folder / "allure-results" / "1-attachment.txt").read_text() == content
        assert stat.S_IMODE(quarantine.folder.stat().st_mode) == 0o700
        assert not quarantine.folder.is_relative_to(reports)


def test_what_the_verdict_is_computed_from_stays_with_the_secret_masked(reports: Path) -> None:
    items = [{"node_id": "1", "message": f"{TOKEN} and Ada@customer.dk"}, {"node_id": "2", "message": "fine"}]
    (reports / "items.jsonl").write_bytes(b"".join(orjson.dumps(item) + b"\n" for item in items) + b'{"unfini')
    quarantine = quarantine_secrets(reports, Redactor([TOKEN], tenant=TenantData()))
    assert quarantine is not None
    assert quarantine.files == (Path("items.jsonl"),)
    lines = [orjson.loads(line) for line in (reports / "items.jsonl").read_bytes().splitlines()]
    assert lines == [{"node_id": "1", "message": "*** and ***"}, items[1]]
