from ampeco_conformance.generate.texts import demanding


def test_a_demanding_text_is_long_and_in_several_scripts() -> None:
    text = demanding("conform-1", None)
    assert text.startswith("conform-1 ")
    assert "北京" in text
    assert 75 < len(text) <= 80


def test_it_fits_or_stays_plain() -> None:
    assert len(demanding("conform-1", 40)) <= 40
    assert demanding("conform-1", 12) == "conform-1"
    assert demanding(None, None) is None
