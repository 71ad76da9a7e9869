from ampeco_conformance.generate.texts import long_multiscript_text


def test_the_text_is_long_and_in_several_scripts() -> None:
    text = long_multiscript_text("conform-1", None)
    assert text.startswith("conform-1 ")
    assert "北京" in text
    # Servers cut texts at 100, 128 or 191 characters.
    assert 200 < len(text) <= 240


def test_the_text_respects_the_maximum_length() -> None:
    assert len(long_multiscript_text("conform-1", 40)) <= 40
    assert long_multiscript_text("conform-1", 12) == "conform-1"
    assert long_multiscript_text(None, None) is None
