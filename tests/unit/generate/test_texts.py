from ampeco_conformance.generate.texts import long_multiscript_text


def test_a_demanding_text_is_long_and_in_several_scripts() -> None:
    text = long_multiscript_text("conform-1", None)
    assert text.startswith("conform-1 ")
    assert "北京" in text
    assert 75 < len(text) <= 80


def test_it_fits_or_stays_plain() -> None:
    assert len(long_multiscript_text("conform-1", 40)) <= 40
    assert long_multiscript_text("conform-1", 12) == "conform-1"
    assert long_multiscript_text(None, None) is None
