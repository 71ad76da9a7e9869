"""The results of scenarios with variants of the emulator."""

import json
from pathlib import Path

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.variants import VariantResult, variant_result, variants_markdown, write_variants

CONTROL = [
    ItemResult(node_id="test_price", layer="scenarios", status="passed"),
    ItemResult(node_id="test_receipt", layer="scenarios", status="passed"),
    ItemResult(node_id="test_booking", layer="scenarios", status="skipped", reason="no slots"),
]


def result(*ended: ItemResult) -> VariantResult:
    return variant_result("car-stays", "charging", "the car stays", ended, CONTROL)


def test_a_variant_without_a_failure_is_as_expected() -> None:
    found = result(*CONTROL)
    assert found.is_expected
    assert (found.passed, found.failed, found.skipped) == (2, {}, {})


def test_reasons_that_only_the_variant_has_are_counted() -> None:
    skipped = ItemResult(node_id="test_price", layer="scenarios", status="skipped", reason="the EVSE is taken")
    found = result(skipped, CONTROL[1], CONTROL[2])
    assert found.is_expected
    assert found.skipped == {"the EVSE is taken": 1}
    assert "- 1 skipped: the EVSE is taken" in variants_markdown([found])


def test_a_failure_is_not_expected() -> None:
    failed = ItemResult(node_id="test_price", layer="scenarios", status="failed", message="[lines-sum] off")
    found = result(failed, *CONTROL[1:])
    assert not found.is_expected
    assert "- **failed**: `test_price`: [lines-sum] off" in variants_markdown([found])


def test_a_run_that_ended_early_is_not_expected() -> None:
    assert not result(CONTROL[0]).is_expected


def test_without_a_control_nothing_is_known() -> None:
    assert not variant_result("car-stays", "charging", "the car stays", CONTROL, []).is_expected


def test_the_results_are_written(tmp_path: Path) -> None:
    write_variants([result(*CONTROL)], "2026-06-01: 1 of 1", tmp_path)
    (row,) = json.loads((tmp_path / "variants.json").read_text())
    assert (row["variant"], row["passed"], row["complete"]) == ("car-stays", 2, True)
    page = (tmp_path / "variants.md").read_text()
    assert page.startswith("2026-06-01: 1 of 1\n\n| Variant |")
    assert "| `car-stays` | charging | the car stays | 2 | 0 | 0 | 0 |" in page
