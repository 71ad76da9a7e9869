"""A report with a secret that redaction missed is not published."""

from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ExitCode, TargetError
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.reporting.secret_scan import refuse_secrets

TOKEN = "canary/token+1"


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
    ],
)
def test_a_leak_aborts_and_names_the_file_but_not_the_secret(
    content: str, personal: bool, leaks: bool, tmp_path: Path
) -> None:
    (tmp_path / "allure-results").mkdir()
    (tmp_path / "allure-results" / "1-attachment.txt").write_text(content)
    redact = Redactor([TOKEN], personal=personal)
    if not leaks:
        refuse_secrets(tmp_path, redact)
        return
    with pytest.raises(TargetError, match=r"allure-results/1-attachment\.txt") as caught:
        refuse_secrets(tmp_path, redact)
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert content not in str(caught.value)
